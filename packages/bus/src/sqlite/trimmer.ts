import { crc32 } from 'node:zlib'
import type { TrimLimits } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'
import { messageBytes } from '../draft.ts'
import { decodeBlock, encodeBlock, isIntact, type Block } from './block.ts'
import { corrupt } from './failure.ts'
import { RETAIN_MS, RETAIN_RENEW_MS } from '../promises.ts'
import { TRIM_BLOCKS, TRIM_BYTES } from './limits.ts'
import { BLOCK_COLUMNS, blockAt, readMeta, readTail, writeMeta, type Meta, type Tail } from './meta.ts'
import type { StreamFile } from './stream-file.ts'
import type { Subjects } from './subjects.ts'

/** A place to cut: the new first offset, and the bytes of all messages before it. */
interface Cut {
  readonly first: number
  readonly base: number
}

/** Retention of one stream: who still needs what, and what is dropped. */
export class Trimmer {
  readonly #file: StreamFile
  readonly #subjects: Subjects
  readonly #now: () => number
  /** What this process wrote last for each reader, so that an unchanged wish costs no commit. */
  readonly #written = new Map<string, { readonly offset: number; readonly at: number }>()

  constructor(file: StreamFile, subjects: Subjects, now: () => number) {
    this.#file = file
    this.#subjects = subjects
    this.#now = now
  }

  retain(reader: string, offset: number): void {
    const at = this.#now()
    const written = this.#written.get(reader)
    if (written?.offset === offset && at - written.at < RETAIN_RENEW_MS) return
    const sql = 'INSERT OR REPLACE INTO readers (reader, offset, at, crc) VALUES (?, ?, ?, ?)'
    this.#file.write(() => this.#file.statement(sql).run(reader, offset, at, readerChecksum(reader, offset, at)))
    this.#written.set(reader, { offset, at })
  }

  /** One transaction's worth of trimming. True if there may be more to drop. */
  step(limits: TrimLimits): boolean {
    try {
      return this.#file.write(() => {
        const meta = readMeta(this.#file)
        const tail = readTail(this.#file, meta)
        this.#subjects.sync(tail.last)
        const cut = this.#cut(meta, tail, limits)
        if (cut.first > meta.first) this.#drop(meta, tail, cut, limits.keep ?? [])
        return cut.first > meta.first
      })
    } catch (error) {
      this.#subjects.forget()
      throw error
    }
  }

  /** Where this step cuts: as far as the limits ask, the readers allow and one transaction should go. */
  #cut(meta: Meta, tail: Tail, limits: TrimLimits): Cut {
    const oldest = limits.maxAgeMs === undefined ? -Infinity : this.#now() - limits.maxAgeMs
    const kept = this.#subjects.keptBytes(meta.first)
    const upTo = limits.maxBytes === undefined ? -Infinity : tail.total + kept - limits.maxBytes
    const border = Math.min(this.#retained(), tail.last) + 1
    let cut: Cut = { first: meta.first, base: meta.base }
    const sql = `SELECT last, first, at, total FROM blocks WHERE last >= ? AND total <= ? ORDER BY last LIMIT ${TRIM_BLOCKS}`
    const heads = this.#file.statement(sql).all(meta.first, meta.base + TRIM_BYTES) as unknown as Omit<Block, 'crc' | 'data'>[]
    for (const head of heads) {
      const byAge = head.at <= oldest
      if (!byAge && cut.base >= upTo) break
      if (head.last < border && (byAge || head.total <= upTo)) cut = { first: head.last + 1, base: head.total }
      else return this.#cutInside(head.last, cut, border, byAge ? Infinity : upTo)
    }
    return cut
  }

  /** The cut goes through a block: its messages are looked at one by one. */
  #cutInside(last: number, before: Cut, border: number, upTo: number): Cut {
    let cut = before
    for (const message of this.#messages(last)) {
      if (message.offset < cut.first) continue
      if (message.offset >= border || cut.base >= upTo) break
      cut = { first: message.offset + 1, base: cut.base + messageBytes(message) }
    }
    return cut
  }

  /** Everything up to this offset may go: no reader of the last 24 hours needs it. */
  #retained(): number {
    let offset = Number.MAX_SAFE_INTEGER
    for (const row of this.#file.statement('SELECT reader, offset, at, crc FROM readers').all()) {
      const at = row['at'] as number
      const reader = row['reader'] as string
      const behind = row['offset'] as number
      if (readerChecksum(reader, behind, at) !== row['crc'])
        throw corrupt(this.#file.stream, null, 'its table of readers fails its checksum')
      if (at > this.#now() - RETAIN_MS) offset = Math.min(offset, behind)
    }
    return offset
  }

  #drop(meta: Meta, tail: Tail, cut: Cut, keep: readonly string[]): void {
    const forgotten = new Map<string, { last: number; bytes: number }>()
    const kept: number[] = []
    for (const row of this.#subjects.retained()) {
      if (row.last >= cut.first) continue
      if (isKept(row.subject, keep)) kept.push(row.last)
      else forgotten.set(row.subject, { last: 0, bytes: 0 })
    }
    // All are copied before the first is written: two may stand in one block, and a copy may take the place of its block.
    const own = kept.map((offset) => this.#ownBlock(offset, cut.first)).filter((block) => block !== null)
    for (const block of own) {
      this.#file
        .statement(`INSERT OR REPLACE INTO blocks (${BLOCK_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
        .run(block.last, block.first, block.at, block.total, block.crc, block.data)
    }
    const sql = 'DELETE FROM blocks WHERE last < ? AND last NOT IN (SELECT value FROM json_each(?))'
    this.#file.statement(sql).run(cut.first, JSON.stringify(kept))
    this.#subjects.record(forgotten, tail.last)
    writeMeta(this.#file, { ...meta, ...cut, last: tail.last, total: tail.total, at: tail.at })
  }

  /** A block of its own for a kept message, if the one in which it stands goes; null if it stays. */
  #ownBlock(offset: number, first: number): Block | null {
    const block = blockAt(this.#file, offset)
    if (block !== undefined && (block.last >= first || block.first === block.last)) return null
    const message = this.#messages(offset).find((each) => each.offset === offset)
    if (message === undefined) throw corrupt(this.#file.stream, offset, 'a message is missing')
    return encodeBlock([message], offset, message.storedAt, messageBytes(message))
  }

  #messages(offset: number): ReturnType<typeof decodeBlock> {
    const block = blockAt(this.#file, offset)
    if (block === undefined || !isIntact(block)) throw corrupt(this.#file.stream, offset, 'a block is missing or fails its checksum')
    return decodeBlock(block)
  }
}

/** The last message of these subjects outlives every trim: without it nobody could read the stream any more. */
function isKept(subject: string, keep: readonly string[]): boolean {
  const tokens = subject.split('.')
  return tokens.includes('_schema') || tokens.includes('_ctl') || keep.some((pattern) => subjectMatches(pattern, subject))
}

function readerChecksum(reader: string, offset: number, at: number): number {
  return crc32(JSON.stringify([reader, offset, at]))
}
