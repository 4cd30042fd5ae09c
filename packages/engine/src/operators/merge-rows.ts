import type { KeyJson } from '@sheetflow/core/message'
import type { MatchKey } from '@sheetflow/formula/criteria'
import type { MergeKey } from '@sheetflow/formula/merge-key'
import type { Column } from '../state/column.ts'
import { SlotSet } from '../state/slot-set.ts'
import type { DerivedRows } from './derived-rows.ts'
import { Entries } from '../structures/entries.ts'
import { joinKeys } from '../structures/match-key.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/** One table of a merge. */
export interface MergedRows {
  readonly input: Relation
  /** Columns that must be equal to those of the other table, in the same order. */
  readonly on: readonly { readonly column: Column; readonly keyOf: MergeKey }[]
  /** Which of its columns goes into which of the pairs. */
  readonly cells: readonly { readonly from: Column; readonly to: Column }[]
}

/** A table with its rows by what they are merged by, and the pairs of each row. */
class Side {
  readonly table: MergedRows
  /** Row → entry of its values. */
  readonly rows: SlotLists = new SlotLists()
  /** Pair → row. */
  readonly pairs: SlotLists = new SlotLists()
  /** Rows that came, went, or have other values to be merged by. */
  readonly moved: SlotSet = new SlotSet()
  /** Rows of which only other cells changed. */
  readonly stayed: number[] = []
  readonly #entries: Entries

  constructor(table: MergedRows, entries: Entries) {
    this.table = table
    this.#entries = entries
  }

  /** Sorts the rows that changed. */
  sort(): void {
    const { changes } = this.table.input
    for (let i = 0; i < changes.size; i++) {
      const slot = changes.at(i)
      const stays =
        this.table.input.isLive(slot) && this.table.input.wasLive(slot) && !this.table.on.some(({ column }) => column.changed(slot))
      if (!stays) this.moved.add(slot)
      else if (this.table.cells.some(({ from }) => from.changed(slot))) this.stayed.push(slot)
    }
  }

  /** Puts the rows that moved where they belong; `touched` is called with every entry that lost or gained one. */
  move(touched: (entry: number) => void): void {
    for (let i = 0; i < this.moved.size; i++) {
      const slot = this.moved.at(i)
      const old = this.rows.entry(slot)
      const key = this.table.input.isLive(slot) ? this.#keyOf(slot) : null
      const entry = key === null ? -1 : this.#entries.hold(key)
      if (old >= 0) {
        this.#entries.release(old)
        touched(old)
      }
      if (entry >= 0) touched(entry)
      this.rows.move(slot, entry)
    }
  }

  /** The pairs of a row. */
  pairsOf(slot: number): number[] {
    return listed(this.pairs, slot)
  }

  finish(): void {
    this.moved.clear()
    this.stayed.length = 0
  }

  /** Null: a value is Blank or an error, which meet nothing. */
  #keyOf(slot: number): MatchKey | null {
    const parts: MatchKey[] = []
    for (const { column, keyOf } of this.table.on) {
      const part = keyOf(column.value(slot))
      if (part === null) return null
      parts.push(part)
    }
    return joinKeys(parts)
  }
}

/**
 * MERGE: the pairs of rows of two tables that are equal in some columns, and with `keepsLeft` left rows without a partner. Both tables are indexed
 * by these columns; a changed row costs its pairs.
 *
 * In a step pairs of rows that moved go first, then new ones come: one that is the same again keeps its slot.
 */
export class MergeRows implements Operator {
  readonly traffic: Traffic = new Traffic()
  readonly #left: Side
  readonly #right: Side
  readonly #keepsLeft: boolean
  readonly #rows: DerivedRows
  readonly #rightKeyLength: number
  readonly #entries = new Entries()
  /** Left row → the pair that it makes alone. */
  readonly #alone = new Map<number, number>()

  constructor(left: MergedRows, right: MergedRows, keepsLeft: boolean, rows: DerivedRows, rightKeyLength: number) {
    this.#left = new Side(left, this.#entries)
    this.#right = new Side(right, this.#entries)
    this.#keepsLeft = keepsLeft
    this.#rows = rows
    this.#rightKeyLength = rightKeyLength
  }

  run(): void {
    const [left, right] = [this.#left, this.#right]
    for (const side of [left, right]) {
      side.sort()
      for (let i = 0; i < side.moved.size; i++) for (const pair of side.pairsOf(side.moved.at(i))) this.#part(pair)
    }
    left.move(() => undefined)
    right.move((entry) => this.#entries.dirty.add(entry))
    this.#findPartners()
    this.#pair()
    if (this.#keepsLeft) this.#keepAlone()
    for (const side of [left, right]) for (const slot of side.stayed) this.#refresh(side, slot)
    this.traffic.rowsIn += left.table.input.changes.size + right.table.input.changes.size
    this.traffic.rowsOut += this.#rows.changes.size
  }

  finish(): void {
    this.#left.finish()
    this.#right.finish()
    this.#entries.finish(() => undefined)
    this.#rows.finish()
  }

  describe(): OperatorInfo {
    return { kind: 'merge', on: '', size: this.#rows.count, bytes: this.#rows.store.bytes + this.#entries.bytes }
  }

  /** Left rows that were alone and are not any more. */
  #findPartners(): void {
    const { dirty } = this.#entries
    for (let i = 0; i < dirty.size; i++) {
      const entry = dirty.at(i)
      if (this.#right.rows.first(entry) < 0) continue
      for (let slot = this.#left.rows.first(entry); slot >= 0; slot = this.#left.rows.next(slot)) {
        const pair = this.#alone.get(slot)
        if (pair !== undefined) this.#part(pair)
      }
    }
  }

  #pair(): void {
    const [left, right] = [this.#left, this.#right]
    for (let i = 0; i < left.moved.size; i++) {
      const slot = left.moved.at(i)
      const entry = left.rows.entry(slot)
      if (entry < 0) continue
      for (let other = right.rows.first(entry); other >= 0; other = right.rows.next(other)) this.#meet(slot, other)
    }
    for (let i = 0; i < right.moved.size; i++) {
      const slot = right.moved.at(i)
      const entry = right.rows.entry(slot)
      if (entry < 0) continue
      for (let other = left.rows.first(entry); other >= 0; other = left.rows.next(other)) {
        if (!left.moved.has(other)) this.#meet(other, slot)
      }
    }
  }

  /** Left rows that have no partner now. */
  #keepAlone(): void {
    const [left, right] = [this.#left, this.#right]
    for (let i = 0; i < left.moved.size; i++) {
      const slot = left.moved.at(i)
      const entry = left.rows.entry(slot)
      if (left.table.input.isLive(slot) && (entry < 0 || right.rows.first(entry) < 0)) this.#meet(slot, -1)
    }
    const { dirty } = this.#entries
    for (let i = 0; i < dirty.size; i++) {
      const entry = dirty.at(i)
      if (right.rows.first(entry) >= 0) continue
      for (let slot = left.rows.first(entry); slot >= 0; slot = left.rows.next(slot)) if (!this.#alone.has(slot)) this.#meet(slot, -1)
    }
  }

  /** A left row and a right one, or −1, are a pair from now on. */
  #meet(left: number, right: number): void {
    const key: KeyJson = [
      ...this.#left.table.input.store.keyJson(left),
      ...(right < 0 ? this.#noKey() : this.#right.table.input.store.keyJson(right)),
    ]
    const pair = this.#rows.store.enter(key, 0)
    this.#left.pairs.move(pair, left)
    this.#right.pairs.move(pair, right)
    if (right < 0) this.#alone.set(left, pair)
    for (const { from, to } of this.#left.table.cells) to.now.copy(from.now, left, pair)
    for (const { from, to } of this.#right.table.cells) {
      if (right < 0) to.now.set(pair, null)
      else to.now.copy(from.now, right, pair)
    }
  }

  #part(pair: number): void {
    const left = this.#left.pairs.entry(pair)
    if (this.#alone.get(left) === pair) this.#alone.delete(left)
    this.#rows.store.kill(pair)
    this.#left.pairs.move(pair, -1)
    this.#right.pairs.move(pair, -1)
  }

  #refresh(side: Side, slot: number): void {
    for (const pair of side.pairsOf(slot)) {
      this.#rows.store.touch(pair)
      for (const { from, to } of side.table.cells) if (from.changed(slot)) to.now.copy(from.now, slot, pair)
    }
  }

  #noKey(): null[] {
    return Array.from({ length: this.#rightKeyLength }, () => null)
  }
}

/** The slots of an entry's list, to be walked while it changes. */
function listed(lists: SlotLists, entry: number): number[] {
  const slots: number[] = []
  for (let slot = lists.first(entry); slot >= 0; slot = lists.next(slot)) slots.push(slot)
  return slots
}
