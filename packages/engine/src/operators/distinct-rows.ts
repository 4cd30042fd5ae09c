import type { KeyJson } from '@sheetflow/core/message'
import { groupKey } from '@sheetflow/formula/criteria'
import type { MatchKey } from '@sheetflow/formula/criteria'
import type { Column } from '../state/column.ts'
import { grownInt32, roomFor } from '../state/lane.ts'
import type { DerivedRows } from './derived-rows.ts'
import { Entries } from '../structures/entries.ts'
import { joinKeys } from '../structures/match-key.ts'
import { OrderedSlots } from '../structures/ordered-slots.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/**
 * UNIQUE, and the groups of GROUPBY: one row for each different combination of values in some columns. Groups are counted as multisets by exact
 * key, so a group lives as long as one of its rows does. It is shown as in its row with the smallest key (FORMATS 7, rule 4): another letter case
 * there is another key, so the row of the old one goes and one of the new comes.
 *
 * Nearly all groups have one form in all of their rows; only those that have had several keep their rows in key order.
 */
export class DistinctRows implements Operator {
  readonly traffic: Traffic = new Traffic()
  readonly #input: Relation
  readonly #from: readonly Column[]
  readonly #rows: DerivedRows
  readonly #to: readonly Column[]
  readonly #entries = new Entries()
  readonly #members: SlotLists
  /** Rows of groups that have had more than one form, in key order. */
  readonly #orders = new Map<number, OrderedSlots>()
  #counts: Int32Array<ArrayBuffer> = new Int32Array(64)
  /** The slot that shows a group, plus one: 0 = none. */
  #shown: Int32Array<ArrayBuffer> = new Int32Array(64)

  /** `from`: the input's columns; `rows` has one for each, which are its key. */
  constructor(input: Relation, from: readonly Column[], rows: DerivedRows) {
    this.#input = input
    this.#members = new SlotLists(this.#entries.records, input.store)
    this.#from = from
    this.#rows = rows
    this.#to = rows.columns as readonly Column[]
  }

  run(): void {
    const { changes } = this.#input
    const entering: number[] = []
    for (let i = 0; i < changes.size; i++) {
      const slot = changes.at(i)
      const old = this.#members.entry(slot)
      const live = this.#input.isLive(slot)
      if (old >= 0 && live && !this.#changed(slot)) continue
      if (old >= 0) this.#leave(old, slot)
      if (live) entering.push(slot)
    }
    for (const slot of entering) this.#enter(slot)
    const { dirty } = this.#entries
    for (let i = 0; i < dirty.size; i++) this.#settle(dirty.at(i))
    this.traffic.rowsIn += changes.size
    this.traffic.rowsOut += this.#rows.changes.size
  }

  finish(): void {
    this.#entries.finish((entry) => {
      this.#orders.delete(entry)
      if (entry < this.#shown.length) this.#shown[entry] = 0
    })
    this.#rows.finish()
  }

  release(): void {
    this.#members.release()
  }

  describe(): OperatorInfo {
    let skipped = 0
    for (let slot = 0; slot < this.#input.store.size; slot++) if (this.#input.isLive(slot) && this.#members.entry(slot) < 0) skipped += 1
    return {
      kind: 'distinct',
      on: '',
      size: this.#rows.count,
      skipped,
      bytes: this.#rows.store.bytes + this.#entries.bytes,
    }
  }

  #changed(slot: number): boolean {
    for (const column of this.#from) if (column.changed(slot)) return true
    return false
  }

  #leave(entry: number, slot: number): void {
    this.#members.move(slot, -1)
    this.#orders.get(entry)?.remove(slot, this.#orderTo(slot))
    this.#counts[entry] = (this.#counts[entry] as number) - 1
    this.#entries.release(entry)
    this.#entries.dirty.add(entry)
  }

  #enter(slot: number): void {
    const key = this.#keyOf(slot)
    if (key === null) return
    const entry = this.#entries.hold(key)
    if (entry >= this.#counts.length) this.#grow(entry)
    const count = this.#counts[entry] as number
    if (count === 0) {
      this.#orders.delete(entry)
      this.#show(entry, slot)
    } else this.#addTo(entry, slot)
    this.#members.move(slot, entry)
    this.#counts[entry] = count + 1
    this.#entries.dirty.add(entry)
  }

  /** Another row of a group: if it looks otherwise than the others, their order begins to matter. */
  #addTo(entry: number, slot: number): void {
    let order = this.#orders.get(entry)
    if (order === undefined) {
      if (this.#looksLike(slot, (this.#shown[entry] as number) - 1)) return
      order = new OrderedSlots()
      this.#orders.set(entry, order)
      for (let other = this.#members.first(entry); other >= 0; other = this.#members.next(other)) order.add(other, this.#orderTo(other))
    }
    order.add(slot, this.#orderTo(slot))
  }

  /** A group that lost or gained rows: is it still there, and which row shows it? */
  #settle(entry: number): void {
    const shown = (this.#shown[entry] as number) - 1
    if (this.#counts[entry] === 0) {
      if (shown >= 0) this.#rows.store.kill(shown)
      return
    }
    const first = this.#orders.get(entry)?.first()
    if (first !== undefined && !this.#looksLike(first, shown)) this.#show(entry, first)
  }

  /** From now on the group looks as this row does. */
  #show(entry: number, slot: number): void {
    const { store } = this.#rows
    const old = (this.#shown[entry] as number) - 1
    const key: KeyJson = this.#from.map((column) => column.json(slot))
    if (old >= 0 && store.isLive(old)) {
      if (this.#looksLike(slot, old)) return
      if (store.find(key) !== old) store.kill(old)
    }
    const row = store.enter(key, 0)
    for (const [i, column] of this.#from.entries()) (this.#to[i] as Column).now.copy(column.now, slot, row)
    this.#shown[entry] = row + 1
  }

  #looksLike(slot: number, row: number): boolean {
    for (let i = 0; i < this.#from.length; i++) {
      if (!(this.#from[i] as Column).now.same(slot, (this.#to[i] as Column).now, row)) return false
    }
    return true
  }

  /** Null: one of the values is an error, and the row in no group. */
  #keyOf(slot: number): MatchKey | null {
    const [first] = this.#from
    if (first !== undefined && this.#from.length === 1) return groupKey(first.value(slot))
    const parts: MatchKey[] = []
    for (const column of this.#from) {
      const part = groupKey(column.value(slot))
      if (part === null) return null
      parts.push(part)
    }
    return joinKeys(parts)
  }

  #orderTo(slot: number): (other: number) => number {
    const { store } = this.#input
    return (other) => store.compareKeys(other, slot)
  }

  #grow(entry: number): void {
    const capacity = roomFor(this.#counts.length, entry + 1)
    this.#counts = grownInt32(this.#counts, capacity)
    this.#shown = grownInt32(this.#shown, capacity)
  }
}
