import { BLOCK_ROWS, blockOf, placeOf } from './before-blocks.ts'
import type { Column } from './column.ts'
import { roomFor } from './lane.ts'
import type { Lane } from './lane.ts'
import { makeLane } from './make-lane.ts'
import type { Pool } from './pool.ts'
import { Records } from './records.ts'

/** A column, and where its cells stand: 4-byte words of a record of now, as `BeforeRows` copies them. */
interface KeptColumn {
  readonly column: Column
  readonly pool: Pool
  readonly words: readonly number[]
  /** Its lane in the block of rows that were not there; null: there is no such block. */
  blank: Lane | null
}

/**
 * What rows were before a step: their cells and their flag, one record for each that was touched, by ordinal. What operators keep in the records of now has no before.
 *
 * The records stand in blocks, of which the first grows: a step of millions of rows takes what they need, and neither a second copy when it grows nor as much again in
 * reserve. Behind the step the other blocks are given back at once (ADR 030). Of rows that were not there before there is nothing to keep: all blocks that would have no others are one.
 */
export class BeforeRows {
  readonly #now: Records
  readonly #flagAt: number
  readonly #columns: KeptColumn[] = []
  /** Columns whose cells do not wholly stand in records. */
  #beside: readonly Column[] = []
  /** All with the same fields, at the same places. */
  readonly #blocks: Records[] = [new Records()]
  /** Stands for each block of which no row was there before, never for the first; null: for none. */
  #nobody: Records | null = null
  /** What is copied: words of a record of now, each with that of a record of before behind it. */
  #words: Int32Array<ArrayBuffer> = new Int32Array(0)
  /** By word of a record of now: the word of before. */
  #wordOf: Int32Array<ArrayBuffer> = new Int32Array(0)

  /** Of those records, which have that flag. */
  constructor(now: Records, flagAt: number) {
    this.#now = now
    this.#flagAt = flagAt
    this.#addFlag(this.#blocks[0] as Records)
  }

  /** The cells of that column are kept from now on, `words` of a record of now; those of rows that are kept already were Blank. */
  add(column: Column, pool: Pool, words: readonly number[]): void {
    const kept: KeptColumn = { column, pool, words, blank: null }
    this.#columns.push(kept)
    if (this.#nobody !== null) kept.blank = this.#makeLane(this.#nobody, kept)
    for (const [i, block] of this.#blocks.entries()) this.#addLane(i, block, kept)
    this.#noteBeside()
  }

  /** Between steps: the column is kept no more. */
  drop(column: Column): void {
    const columns = this.#columns.filter((kept) => kept.column !== column)
    this.#empty()
    for (const { column: other, pool, words } of columns) this.add(other, pool, words)
  }

  /** Nothing is kept from now on. */
  release(): void {
    this.#empty()
  }

  /** Keeps what the row is now, under that ordinal. */
  keep(slot: number, ordinal: number): void {
    const block = blockOf(ordinal)
    const at = placeOf(ordinal)
    let records = this.#blocks[block]
    if (records === undefined || at >= records.capacity || records === this.#nobody) records = this.#makeRoom(block, at)
    records.copyWords(this.#now, slot, at, this.#words)
    for (const { now, before } of this.#beside) before[block]?.copyBeside?.(now, slot, at)
  }

  /** As `keep`, of a row that was not there before: its flag is 0, its cells are Blank. */
  keepNew(slot: number, ordinal: number): void {
    const block = blockOf(ordinal)
    if (block > 0 && block === this.#blocks.length) this.#addNobody()
    if (block === 0 || this.#blocks[block] !== this.#nobody) this.keep(slot, ordinal)
  }

  flag(ordinal: number): number {
    return (this.#blocks[blockOf(ordinal)] as Records).int(placeOf(ordinal), FLAG_AT)
  }

  /** Is one of these words of the row's record another than the one that is kept under that ordinal? They are words of cells that are kept. */
  differ(slot: number, ordinal: number, words: Int32Array): boolean {
    const records = this.#blocks[blockOf(ordinal)] as Records
    const [now, before] = [this.#now.ints, records.ints]
    const i = 2 * this.#now.stride * slot
    const j = 2 * records.stride * placeOf(ordinal)
    for (let n = 0; n < words.length; n++) {
      const word = words[n] as number
      if (now[i + word] !== before[j + (this.#wordOf[word] as number)]) return true
    }
    return false
  }

  /** The step has ended. */
  forget(): void {
    while (this.#blocks.length > 1) this.#dropBlock()
    this.#dropNobody()
  }

  #makeRoom(block: number, at: number): Records {
    const known = this.#blocks[block]
    const isNew = known === undefined || known === this.#nobody
    const records = isNew ? this.#newBlock() : known
    if (isNew) {
      this.#blocks[block] = records
      for (const kept of this.#columns) this.#addLane(block, records, kept)
    }
    const capacity = block === 0 ? Math.min(roomFor(records.capacity, at + 1), BLOCK_ROWS) : BLOCK_ROWS
    records.grow(capacity)
    for (const { column } of this.#columns) column.before[block]?.grow(capacity)
    return records
  }

  /** Without lanes. */
  #newBlock(): Records {
    const records = new Records()
    this.#addFlag(records)
    return records
  }

  #addNobody(): void {
    if (this.#nobody === null) {
      const nobody = this.#newBlock()
      for (const kept of this.#columns) kept.blank = this.#makeLane(nobody, kept)
      nobody.grow(BLOCK_ROWS)
      for (const { blank } of this.#columns) blank?.grow(BLOCK_ROWS)
      this.#nobody = nobody
    }
    const block = this.#blocks.push(this.#nobody) - 1
    for (const kept of this.#columns) this.#addLane(block, this.#nobody, kept)
  }

  #dropNobody(): void {
    if (this.#nobody === null) return
    for (const kept of this.#columns) {
      kept.blank?.free()
      kept.blank = null
    }
    this.#nobody.release()
    this.#nobody = null
  }

  #addFlag(records: Records): void {
    const { words } = records.noting(() => records.addInt())
    if (this.#words.length === 0) this.#noteWords([this.#flagAt], words)
  }

  #addLane(block: number, records: Records, kept: KeptColumn): void {
    kept.column.before[block] = records === this.#nobody && kept.blank !== null ? kept.blank : this.#makeLane(records, kept)
  }

  #makeLane(records: Records, { column, pool, words }: KeptColumn): Lane {
    const { made, words: own } = records.noting(() => makeLane(column.type, pool, records))
    made.grow(records.capacity)
    if (records === this.#blocks[0]) this.#noteWords(words, own)
    return made
  }

  #noteWords(from: readonly number[], to: readonly number[]): void {
    this.#words = Int32Array.of(...this.#words, ...from.flatMap((word, i) => [word, to[i] as number]))
    const wordOf = new Int32Array(Math.max(this.#wordOf.length, 1 + Math.max(...from)))
    wordOf.set(this.#wordOf)
    for (const [i, word] of from.entries()) wordOf[word] = to[i] as number
    this.#wordOf = wordOf
  }

  #dropBlock(): void {
    const records = this.#blocks.pop()
    const isOwn = records !== this.#nobody
    for (const { column } of this.#columns) {
      const lane = column.before.pop()
      if (isOwn) lane?.free()
    }
    if (isOwn) records?.release()
  }

  #empty(): void {
    while (this.#blocks.length > 0) this.#dropBlock()
    this.#dropNobody()
    this.#columns.length = 0
    this.#beside = []
    this.#words = new Int32Array(0)
    this.#wordOf = new Int32Array(0)
    this.#blocks.push(this.#newBlock())
  }

  #noteBeside(): void {
    this.#beside = this.#columns.map(({ column }) => column).filter(({ now }) => now.copyBeside !== undefined)
  }
}

/** The first field of a record of before. */
const FLAG_AT = 0
