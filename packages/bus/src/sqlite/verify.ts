import { existsSync, readdirSync, renameSync } from 'node:fs'
import { isSheetflowError, type SheetflowError } from '@sheetflow/core/errors'
import { decodeBlock, isIntact, type Block } from './block.ts'
import { busFailure, corrupt } from './failure.ts'
import { BLOCK_COLUMNS, readMeta, readTail } from './meta.ts'
import { StreamFile, streamPath } from './stream-file.ts'
import { Subjects } from './subjects.ts'

/** What `verifyStream` found. */
export interface StreamReport {
  readonly stream: string
  /** Messages read, the kept ones before `first` included. */
  readonly messages: number
  readonly first: number
  readonly last: number
  /** The first damage (`bus/corrupt`, or why the file cannot be read at all); null if there is none. */
  readonly damage: SheetflowError | null
}

/** The streams that have a file in this folder, in order of their names; none if the folder is not there. */
export function streamsIn(dir: string): readonly string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir)
    .filter((file) => file.endsWith('.db'))
    .map((file) => file.slice(0, -'.db'.length))
    .toSorted()
}

/** Reads a whole stream and everything the file says about it, and reports the first damage with its offset. Changes nothing. */
export function verifyStream(dir: string, stream: string): StreamReport {
  const file = new StreamFile(dir, stream)
  const report = { stream, messages: 0, first: 0, last: 0 }
  try {
    return file.snapshot(() => {
      const meta = readMeta(file)
      const tail = readTail(file, meta)
      Object.assign(report, { first: meta.first, last: tail.last })
      new Subjects(file).sync(tail.last)
      report.messages = checkBlocks(file, meta.first)
      checkPages(file)
      return { ...report, damage: null }
    })
  } catch (error) {
    const damage = busFailure(stream, error)
    if (isSheetflowError(damage, 'bus/unknown-stream')) throw damage
    return { ...report, damage }
  } finally {
    file.end()
  }
}

/**
 * Takes a damaged file out of the way, so that `ensure` begins the stream anew: with a new epoch, and it is built again from its source. The old
 * file stays beside it as `<stream>.db.damaged-<n>`; its path is returned. Nothing may have the stream open.
 */
export function setStreamAside(dir: string, stream: string): string {
  const path = streamPath(dir, stream)
  let n = 1
  while (existsSync(`${path}.damaged-${n}`)) n++
  try {
    // The log first: without it the file is an older state of itself, with a foreign log it is nothing.
    for (const part of ['-shm', '-wal', '']) if (existsSync(path + part)) renameSync(path + part, `${path}.damaged-${n}${part}`)
  } catch (error) {
    throw busFailure(stream, error)
  }
  return `${path}.damaged-${n}`
}

function checkBlocks(file: StreamFile, first: number): number {
  let messages = 0
  let next = first
  for (const row of file.statement(`SELECT ${BLOCK_COLUMNS} FROM blocks ORDER BY last`).iterate()) {
    const block = row as unknown as Block
    if (!isIntact(block)) throw corrupt(file.stream, Math.max(next, block.first), 'a block fails its checksum')
    messages += decodeBlock(block).length
    if (block.last < first) continue
    if (block.first > next) throw corrupt(file.stream, next, 'messages are missing')
    next = block.last + 1
  }
  return messages
}

function checkPages(file: StreamFile): void {
  const row = file.statement('PRAGMA integrity_check(1)').get()
  const answer = String(Object.values(row ?? {})[0])
  if (answer !== 'ok') throw corrupt(file.stream, null, answer)
}
