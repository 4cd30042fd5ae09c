import type { Column } from '../state/column.ts'
import { Entries } from '../structures/entries.ts'
import type { MatchKey } from '@sheetflow/formula/criteria'
import { OrderedSlots } from '../structures/ordered-slots.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'
import type { Value } from '@sheetflow/core/value'

/**
 * Exact lookup: for each value of one column the row that XLOOKUP finds, of several the one with the smallest primary key. Shared by all
 * formulas that look up in this column, whatever they take from the row.
 *
 * Dirty entries of a step: those whose found row is another, or has another value in a watched column. Callers hold the entries they ask for,
 * also those without rows, so a late row turns `#N/A` into a value.
 */
export class LookupIndex implements Operator {
  readonly entries: Entries = new Entries()
  readonly traffic: Traffic = new Traffic()
  readonly #relation: Relation
  readonly #key: Column
  readonly #keyOf: (value: Value) => MatchKey | null
  readonly #watched = new Set<Column>()
  /** Entries with more than one row, in key order. */
  readonly #several = new Map<number, OrderedSlots>()
  // Slots and entries plus one: 0 = none.
  /** Field of an entry's record: the slot found. */
  readonly #found: number = this.entries.records.addInt()
  /** Field of a row's record: its entry. */
  readonly #entryOf: number

  /** `keyOf` is null for what never matches (Blank, errors). */
  constructor(relation: Relation, key: Column, keyOf: (value: Value) => MatchKey | null) {
    this.#relation = relation
    this.#entryOf = relation.store.addInt()
    this.#key = key
    this.#keyOf = keyOf
  }

  /** From now on a change of this column in a found row makes its entry dirty. */
  watch(column: Column): void {
    this.#watched.add(column)
  }

  /** Forgets what was watched of other columns. */
  keepOnly(columns: ReadonlySet<Column>): void {
    for (const column of this.#watched) if (!columns.has(column)) this.#watched.delete(column)
  }

  /** The slot found for an entry, −1: none. */
  found(entry: number): number {
    return this.entries.records.int(entry, this.#found) - 1
  }

  /** Reads the row found for an entry ahead (`Records.peek`). */
  peek(entry: number): number {
    return this.#relation.store.peek(this.found(entry))
  }

  run(): void {
    const { changes } = this.#relation
    for (let i = 0; i < changes.size; i++) this.#update(changes.at(i))
    this.traffic.rowsIn += changes.size
    this.traffic.rowsOut += this.entries.dirty.size
  }

  finish(): void {
    this.entries.finish(this.#forget)
  }

  release(): void {
    this.#relation.store.freeInt(this.#entryOf)
  }

  describe(): OperatorInfo {
    return { kind: 'lookup', on: '', ...this.entries.figures([this.#key.type], this.#relation.store.size) }
  }

  readonly #forget = (entry: number): void => {
    this.entries.records.setInt(entry, this.#found, 0)
    this.#several.delete(entry)
  }

  #update(slot: number): void {
    const { records } = this.#relation.store
    const old = records.int(slot, this.#entryOf) - 1
    const live = this.#relation.isLive(slot)
    if (old >= 0 && live && !this.#key.changed(slot)) {
      this.#noteChange(old, slot)
      return
    }
    const key = live ? this.#keyOf(this.#key.value(slot)) : null
    const entry = key === null ? -1 : this.entries.hold(key)
    if (entry === old) {
      // Same key in another form: held twice now.
      if (entry >= 0) {
        this.entries.release(entry)
        this.#noteChange(entry, slot)
      }
      return
    }
    if (old >= 0) this.#remove(old, slot)
    if (entry >= 0) this.#add(entry, slot)
    records.setInt(slot, this.#entryOf, entry + 1)
  }

  #noteChange(entry: number, slot: number): void {
    if (this.found(entry) !== slot || this.entries.dirty.has(entry)) return
    for (const column of this.#watched) {
      if (!column.changed(slot)) continue
      this.entries.dirty.add(entry)
      return
    }
  }

  #add(entry: number, slot: number): void {
    const first = this.found(entry)
    if (first < 0) {
      this.#setFound(entry, slot)
      return
    }
    let several = this.#several.get(entry)
    if (several === undefined) {
      several = new OrderedSlots()
      several.add(first, this.#orderTo(first))
      this.#several.set(entry, several)
    }
    several.add(slot, this.#orderTo(slot))
    if (several.first() !== first) this.#setFound(entry, several.first())
  }

  #remove(entry: number, slot: number): void {
    this.entries.release(entry)
    const several = this.#several.get(entry)
    if (several === undefined) {
      this.#setFound(entry, -1)
      return
    }
    several.remove(slot, this.#orderTo(slot))
    if (several.first() !== this.found(entry)) this.#setFound(entry, several.first())
    if (several.size === 1) this.#several.delete(entry)
  }

  #setFound(entry: number, slot: number): void {
    this.entries.records.setInt(entry, this.#found, slot + 1)
    this.entries.dirty.add(entry)
  }

  #orderTo(slot: number): (other: number) => number {
    const { store } = this.#relation
    return (other) => store.compareKeys(other, slot)
  }
}
