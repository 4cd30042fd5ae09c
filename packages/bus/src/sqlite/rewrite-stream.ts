import { SheetflowError } from '@sheetflow/core/errors'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { decodeBlock, encodeBlock, isIntact, type Block } from './block.ts'
import { busFailure, corrupt } from './failure.ts'
import { BLOCK_COLUMNS } from './meta.ts'
import { StreamFile } from './stream-file.ts'

type Rewrite = (message: StoredMessage) => Uint8Array | null

/**
 * Changes bodies of stored messages of one stream: `rewrite` gives the new body, or null where there is nothing to change. Gives how many were changed. Nobody may
 * have the stream open. Each block is replaced in a transaction of its own, so a process that is killed leaves old blocks and new ones, each whole, and a second
 * call does the rest. At the end the file is written anew (twice its size of free space for that moment): what was there before is in no page and no log of it, of messages that
 * were trimmed neither.
 */
export function rewriteStream(dir: string, stream: string, rewrite: Rewrite): number {
  return withBlocks(dir, stream, (file, blocks) => {
    // What is overwritten is overwritten with zeros, also if the file is never written anew.
    file.statement('PRAGMA secure_delete = ON').get()
    let changed = 0
    for (const block of blocks) changed += rewriteBlock(file, block, rewrite)
    file.statement('VACUUM').run()
    emptyLog(file)
    return changed
  })
}

/** How many messages `rewriteStream` would change. Changes nothing; the stream may be in use. */
export function countInStream(dir: string, stream: string, rewrite: Rewrite): number {
  return withBlocks(dir, stream, (_, blocks) => {
    let count = 0
    for (const block of blocks) for (const message of decodeBlock(block)) if (rewrite(message) !== null) count += 1
    return count
  })
}

function withBlocks(dir: string, stream: string, work: (file: StreamFile, blocks: Iterable<Block>) => number): number {
  const file = new StreamFile(dir, stream)
  try {
    return work(file, blocksOf(file))
  } catch (error) {
    throw busFailure(stream, error)
  } finally {
    file.end()
  }
}

/** What the file was before stands in its log until that is cut to nothing, which a reader in the middle of a transaction prevents. */
function emptyLog(file: StreamFile): void {
  const busy = file.statement('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy']
  if (busy !== 0)
    throw new SheetflowError('bus/unavailable', `the stream ${file.stream} is being read`, { fix: 'Stop who reads it, and try again.' })
}

/** One by one, each of the moment at which it is asked for. */
function* blocksOf(file: StreamFile): Generator<Block> {
  const next = file.statement(`SELECT ${BLOCK_COLUMNS} FROM blocks WHERE last > ? ORDER BY last LIMIT 1`)
  for (let row = next.get(0); row !== undefined; row = next.get(row['last'] as number)) {
    const block = row as unknown as Block
    if (!isIntact(block)) throw corrupt(file.stream, block.first, 'a block fails its checksum')
    yield block
  }
}

function rewriteBlock(file: StreamFile, block: Block, rewrite: Rewrite): number {
  let changed = 0
  const messages = decodeBlock(block).map((message) => {
    const body = rewrite(message)
    if (body === null) return message
    changed += 1
    return { ...message, body }
  })
  if (changed === 0) return 0
  // `total` stays what it was: it places cuts, and what it says beyond the shorter bodies is let go with the next cut.
  const { crc, data } = encodeBlock(messages, block.first, block.at, block.total)
  file.write(() => file.statement('UPDATE blocks SET crc = ?, data = ? WHERE last = ?').run(crc, data, block.last))
  return changed
}
