import type { SheetflowError } from '@sheetflow/core/errors'
import type { AppendResult, BusMessage } from '@sheetflow/core/ports/bus'
import { messageBytes, type Draft } from '../draft.ts'
import { ID_WINDOW } from '../promises.ts'
import { decodeBlock, encodeBlock, giveBack, isIntact, type Block } from './block.ts'
import type { DiskRoom } from './disk-room.ts'
import { corrupt, fenced, full } from './failure.ts'
import { BLOCK_COLUMNS, readMeta, readTail, writeMeta, type Meta, type Tail } from './meta.ts'
import type { StreamFile } from './stream-file.ts'
import type { Subjects } from './subjects.ts'

/** What became of one draft of a group. */
export type Outcome = { readonly result: AppendResult } | { readonly error: SheetflowError }

/**
 * Writes groups of appends, each group as one transaction and one block. The outcomes stand in the order of the drafts; if this throws,
 * nothing of the group is stored.
 */
export class Appender {
  readonly #file: StreamFile
  readonly #subjects: Subjects
  readonly #room: DiskRoom
  readonly #now: () => number

  constructor(file: StreamFile, subjects: Subjects, room: DiskRoom, now: () => number) {
    this.#file = file
    this.#subjects = subjects
    this.#room = room
    this.#now = now
  }

  commit(drafts: readonly Draft[]): Outcome[] {
    try {
      return this.#file.write(() => {
        let meta = readMeta(this.#file)
        const tail = readTail(this.#file, meta)
        this.#subjects.sync(tail.last)
        if (!meta.ids && drafts.some((each) => each.expectedLast === undefined)) meta = this.#startIds(meta, tail)
        const group = new Group(this.#file, meta, tail, this.#subjects.keptBytes(meta.first))
        const outcomes = drafts.map((each) => group.add(each))
        this.#store(group, meta, tail)
        return outcomes
      })
    } catch (error) {
      this.#subjects.forget()
      throw error
    }
  }

  #store(group: Group, meta: Meta, tail: Tail): void {
    const { messages, bytes } = group
    if (messages.length === 0) return
    const refusal = this.#room.refusal(this.#file, bytes)
    if (refusal !== null) throw full(this.#file.stream, refusal)
    // A clock that is set back must not make a later message look older: retention searches by it.
    const block = encodeBlock(messages, tail.last + 1, Math.max(this.#now(), tail.at), tail.total + bytes)
    this.#file
      .statement(`INSERT INTO blocks (${BLOCK_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
      .run(block.last, block.first, block.at, block.total, block.crc, block.data)
    giveBack(block)
    const lasts = new Map<string, { last: number; bytes: number }>()
    for (const [i, message] of messages.entries()) lasts.set(message.subject, { last: block.first + i, bytes: i })
    for (const place of lasts.values()) place.bytes = messageBytes(messages[place.bytes]!)
    this.#subjects.record(lasts, block.last)
    if (meta.ids) this.#recordIds(messages, block.first)
  }

  #recordIds(messages: readonly BusMessage[], first: number): void {
    const insert = this.#file.statement('INSERT OR REPLACE INTO ids (offset, id) VALUES (?, ?)')
    for (const [i, message] of messages.entries()) insert.run(first + i, message.id)
    this.#file.statement('DELETE FROM ids WHERE offset <= ?').run(first + messages.length - 1 - ID_WINDOW)
  }

  /** The first append without a fence: from here on ids are recorded, those of the recent messages too. */
  #startIds(meta: Meta, tail: Tail): Meta {
    const from = Math.max(meta.first, tail.last + 1 - ID_WINDOW)
    for (const row of this.#file.statement(`SELECT ${BLOCK_COLUMNS} FROM blocks WHERE last >= ? ORDER BY last`).iterate(from)) {
      const block = row as unknown as Block
      if (!isIntact(block)) throw corrupt(this.#file.stream, block.first, 'a block fails its checksum')
      this.#recordIds(decodeBlock(block), block.first)
    }
    const started = { ...meta, ids: true }
    writeMeta(this.#file, started)
    return started
  }
}

/** The messages that a group will store, as its drafts are taken in one by one. */
class Group {
  readonly messages: BusMessage[] = []
  bytes = 0
  readonly #file: StreamFile
  readonly #meta: Meta
  readonly #tail: Tail
  readonly #room: number
  /** Ids of this group's messages (they are not in the table yet). */
  readonly #ids = new Map<string, number>()
  /** Where a refused append would have ended → why it was. One that was pipelined behind it is refused too, also if another writer has brought the stream to that very offset. */
  readonly #refused = new Map<number, SheetflowError>()

  constructor(file: StreamFile, meta: Meta, tail: Tail, keptBytes: number) {
    this.#file = file
    this.#meta = meta
    this.#tail = tail
    this.#room = meta.maxBytes === null ? Infinity : meta.maxBytes - (tail.total - meta.base + keptBytes)
  }

  add(draft: Draft): Outcome {
    const { expectedLast, messages } = draft
    if (expectedLast === undefined) return this.#judge(draft)
    const before = this.#refused.get(expectedLast)
    const outcome = before === undefined ? this.#judge(draft) : { error: before }
    if ('error' in outcome) this.#refused.set(expectedLast + messages.length, outcome.error)
    return outcome
  }

  #judge(draft: Draft): Outcome {
    const { expectedLast } = draft
    const last = this.#tail.last + this.messages.length
    if (expectedLast !== undefined && expectedLast !== last) return { error: fenced(this.#meta.stream, expectedLast, last) }
    const places = draft.messages.map(({ id }) => (expectedLast === undefined ? this.#offsetOf(id) : null))
    return this.#take(draft, places, last)
  }

  #take(draft: Draft, places: (number | null)[], last: number): Outcome {
    const fresh: BusMessage[] = []
    const here = new Map<string, number>()
    for (const [i, message] of draft.messages.entries()) {
      if (draft.expectedLast === undefined) places[i] ??= here.get(message.id) ?? null
      if (places[i] !== null) continue
      fresh.push(message)
      places[i] = last + fresh.length
      here.set(message.id, last + fresh.length)
    }
    const bytes = fresh.length === draft.messages.length ? draft.bytes : fresh.reduce((sum, message) => sum + messageBytes(message), 0)
    if (fresh.length > 0 && this.bytes + bytes > this.#room)
      return { error: full(this.#meta.stream, `its limit is ${String(this.#meta.maxBytes)} bytes`) }
    this.messages.push(...fresh)
    this.bytes += bytes
    if (this.#meta.ids) for (const [id, offset] of here) this.#ids.set(id, offset)
    return { result: { first: places[0] ?? last + 1, last: places.at(-1) ?? last } }
  }

  #offsetOf(id: string): number | null {
    const here = this.#ids.get(id)
    if (here !== undefined) return here
    const row = this.#file.statement('SELECT offset FROM ids WHERE id = ?').get(id)
    return row === undefined ? null : (row['offset'] as number)
  }
}
