import type { Value } from '@sheetflow/core/value'
import type { Column } from '../state/column.ts'
import { ColumnChanges } from '../state/column-changes.ts'
import { ColumnMeasure } from '../structures/column-measure.ts'
import { Entries } from '../structures/entries.ts'
import { OrderedColumn } from './ordered-column.ts'
import type { MatchKey } from '@sheetflow/formula/criteria'
import { joinKeys } from '../structures/match-key.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'
import { READ } from '../state/read-ahead.ts'
import type { SlotSet } from '../state/slot-set.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/** Rows that a criterion which is the same for all callers lets in. `test` reads the cell; `refresh` says whether it tests otherwise now. */
export interface RowFilter {
  readonly column: Column
  test(cell: Value): boolean
  /** Called once a step, before rows are tested. */
  refresh(): boolean
  /** Is it the same for ever? */
  readonly isFixed: boolean
}

/** What an aggregate index groups, and by what. */
export interface Grouping {
  /** For people: the table, and what it is grouped by. */
  readonly on: string
  readonly relation: Relation
  readonly filters: readonly RowFilter[]
  readonly keys: readonly Column[]
  /** By place in `keys`. Null: a row with this cell is in no group. */
  readonly keyOf: readonly ((cell: Value) => MatchKey | null)[]
  /** Columns that callers test themselves, row by row: changes there make a group dirty, and the rows of a group can be walked. */
  readonly tested: readonly Column[]
}

/** The group of all rows, where nothing is grouped by. */
export const ALL_ROWS: MatchKey = ''

/**
 * Groups of rows by equality on some columns, with what SUMIFS and its family need of each: one index for all formulas over the same
 * relation, criteria columns and constant criteria; a changed row costs what its two groups cost, never a scan.
 *
 * Dirty entries of a step: groups that lost, gained or changed a row.
 */
export class AggregateIndex implements Operator {
  readonly entries: Entries = new Entries()
  readonly traffic: Traffic = new Traffic()
  readonly #grouping: Grouping
  readonly #measures: ColumnMeasure[] = []
  readonly #ordered: OrderedColumn[] = []
  /** Columns that decide in which group a row is. */
  readonly #deciding: ColumnChanges
  /** Further columns that somebody reads row by row. */
  readonly #watched: Column[]
  readonly #members: SlotLists | null
  /** Did any group change in this step? */
  changedAny = false
  /** Are the rows taken out of what is kept of groups, since more of them is to be kept? */
  #isEmptied = false
  /** Field of a row's record: its entry plus one; 0: in no group. */
  readonly #entryOf: number
  /** Field of an entry's record: the rows of the group. */
  readonly #rows: number = this.entries.records.addInt()

  constructor(grouping: Grouping) {
    this.#grouping = grouping
    this.#deciding = new ColumnChanges([...grouping.keys, ...grouping.filters.map((filter) => filter.column)])
    this.#watched = [...grouping.tested]
    const { store } = grouping.relation
    this.#entryOf = store.addInt()
    this.#members = grouping.tested.length > 0 ? new SlotLists(this.entries.records, store) : null
  }

  get relation(): Relation {
    return this.#grouping.relation
  }

  /** What is measured of a column. Before the first row, or between steps: then `refill` follows. */
  measure(column: Column): ColumnMeasure {
    // Asked for with each answer.
    for (const known of this.#measures) if (known.column === column) return known
    this.#empty()
    const measure = new ColumnMeasure(column, this.#grouping.relation.store, this.entries.records, () => this.#empty())
    this.#measures.push(measure)
    return measure
  }

  /** From now on a change of this column makes a row's group dirty: somebody reads it row by row. */
  watch(column: Column): void {
    if (!this.#watched.includes(column)) this.#watched.push(column)
  }

  /** The rows of each group in the order of a column. When it may be asked for: as `measure`. */
  ordered(column: Column): OrderedColumn {
    for (const known of this.#ordered) if (known.column === column) return known
    this.#empty()
    const ordered = new OrderedColumn(column, this.#grouping.relation.store, () => this.#empty())
    this.#ordered.push(ordered)
    return ordered
  }

  /** If more has been asked for than before, between steps: it is kept of the rows that are there, as if it had been from the first one on. */
  refill(): void {
    if (!this.#isEmptied) return
    this.#isEmptied = false
    this.#forEachGrouped((entry, slot) => {
      for (const measure of this.#measures) measure.insert(entry, slot)
      for (const ordered of this.#ordered) ordered.insert(entry, slot)
    })
    for (const ordered of this.#ordered) ordered.finish()
  }

  /** Forgets what was asked for of other columns: nobody asks for it any more, and they may be gone. */
  keepOnly(columns: ReadonlySet<Column>): void {
    for (const measure of this.#measures) if (!columns.has(measure.column)) measure.free()
    retain(this.#measures, ({ column }) => columns.has(column))
    retain(this.#ordered, ({ column }) => columns.has(column))
    retain(this.#watched, (column) => columns.has(column))
    for (const ordered of this.#ordered) ordered.keepOnly(columns)
  }

  /** Do its constant criteria stay what they are for ever? */
  get isFixed(): boolean {
    return this.#grouping.filters.every((filter) => filter.isFixed)
  }

  /** Rows of a group. */
  rows(entry: number): number {
    return entry < 0 ? 0 : this.entries.records.int(entry, this.#rows)
  }

  /** Calls `each` with the slots of a group; only where the grouping has `tested` columns. */
  forEachRow(entry: number, each: (slot: number) => void): void {
    this.#members?.forEach(entry, each)
  }

  /** Calls `each` with every row that the filters let in, grouped or not. */
  forEachFiltered(each: (slot: number) => void): void {
    const { relation } = this.#grouping
    for (let slot = 0; slot < relation.store.size; slot++) if (relation.isLive(slot) && this.#passes(slot)) each(slot)
  }

  run(): void {
    let refiltered = false
    for (const filter of this.#grouping.filters) if (filter.refresh()) refiltered = true
    const { changes } = this.#grouping.relation
    if (refiltered) this.#regroupAll()
    else if (this.#ordered.length > 0) this.#regroup(changes.size, (i) => changes.at(i))
    else this.#updateAll(changes)
    this.traffic.rowsIn += refiltered ? this.#grouping.relation.count : changes.size
    this.traffic.rowsOut += this.entries.dirty.size
  }

  finish(): void {
    this.changedAny = false
    for (const ordered of this.#ordered) ordered.finish()
    this.entries.finish(this.#forget)
  }

  release(): void {
    this.#grouping.relation.store.freeInt(this.#entryOf)
    this.#members?.release()
  }

  describe(): OperatorInfo {
    const { on, keys, relation } = this.#grouping
    const types = keys.map(({ type }) => type)
    const figures = this.entries.figures(types, relation.store.size)
    return { kind: 'aggregate', on, ...figures, bytes: this.#ordered.reduce((sum, ordered) => sum + ordered.bytes, figures.bytes) }
  }

  /** Takes the rows out of what is kept of groups, but leaves them in their groups. */
  #empty(): void {
    if (this.#isEmptied) return
    this.#forEachGrouped((entry, slot) => {
      this.#isEmptied = true
      for (const measure of this.#measures) measure.retract(entry, slot)
      for (const ordered of this.#ordered) ordered.retract(entry, slot)
    })
  }

  #forEachGrouped(each: (entry: number, slot: number) => void): void {
    for (let slot = 0; slot < this.#grouping.relation.store.size; slot++) {
      const entry = this.#entry(slot)
      if (entry >= 0) each(entry, slot)
    }
  }

  /** Rows one by one, where no order is kept: they may leave and enter one after the other. */
  #updateAll(changes: SlotSet): void {
    for (let i = 0; i < changes.size; i++) {
      const end = changes.blockAt(i)
      if (end > 0) this.#warm(changes, i, end)
      this.#update(changes.at(i))
    }
  }

  /** See `Records.warm`: the groups that the rows are in, or will come into. */
  #warm(changes: SlotSet, from: number, to: number): void {
    let read = 0
    for (let i = from; i < to; i++) {
      const slot = changes.at(i)
      const entry = this.#entry(slot)
      if (entry >= 0) read ^= this.entries.records.peek(entry)
      else if (to - from > 1) read ^= this.#peekComing(slot)
    }
    READ[0] = read
  }

  /** The same of a row that is in no group yet; it may be that a filter leaves it out. */
  #peekComing(slot: number): number {
    const { relation, keys, keyOf } = this.#grouping
    if (keys.length !== 1 || !relation.isLive(slot)) return 0
    const key = (keyOf[0] as Grouping['keyOf'][number])((keys[0] as Column).value(slot))
    return key === null ? 0 : this.entries.peek(key)
  }

  readonly #forget = (entry: number): void => {
    this.entries.records.setInt(entry, this.#rows, 0)
    for (const measure of this.#measures) measure.forget(entry)
  }

  #update(slot: number): void {
    const { relation } = this.#grouping
    const old = this.#entry(slot)
    const stays = relation.isLive(slot)
    if (stays && !this.#regroups(old, slot)) {
      if (old >= 0) this.#remeasure(old, slot)
      return
    }
    const entry = stays ? this.#target(slot) : -1
    if (old >= 0) this.#retract(old, slot)
    if (entry >= 0) this.#insert(entry, slot)
  }

  /** May a row that is there be in another group than before the step? */
  #regroups(old: number, slot: number): boolean {
    if (old < 0 && !this.#grouping.relation.wasLive(slot)) return true
    return this.#deciding.any(slot)
  }

  /** A row that stays in its group. */
  #remeasure(entry: number, slot: number): void {
    let changed = false
    for (const measure of this.#measures) if (measure.replace(entry, slot)) changed = true
    if (!changed) for (const column of this.#watched) changed ||= column.changed(slot)
    if (changed) this.#markDirty(entry)
  }

  /** A constant criterion has another value: every row is asked again. */
  #regroupAll(): void {
    const size = this.#grouping.relation.store.size
    this.#regroup(size, (i) => i, true)
  }

  /** Rows leave first, by their cells of before; then rows enter, by their cells of now (the contract of `OrderedColumn`). */
  #regroup(count: number, at: (i: number) => number, force = false): void {
    const entering: number[] = []
    const targets: number[] = []
    for (let i = 0; i < count; i++) {
      const slot = at(i)
      const entry = this.#leave(slot, force)
      if (entry < 0) continue
      entering.push(slot)
      targets.push(entry)
    }
    for (let i = 0; i < entering.length; i++) this.#enter(targets[i] as number, entering[i] as number)
  }

  /** Takes the row out of where it was. Gives the entry that it enters, which may be the one that it is in; −1: it is in no group, or nothing that is kept of it changed. */
  #leave(slot: number, force: boolean): number {
    const old = this.#entry(slot)
    const stays = this.#grouping.relation.isLive(slot)
    if (old < 0 && !stays) return -1
    if (old >= 0 && stays && !force && !this.#deciding.any(slot)) {
      if (!this.#affects(slot)) return -1
      for (const ordered of this.#ordered) ordered.retract(old, slot)
      return old
    }
    const entry = stays ? this.#target(slot) : -1
    if (old >= 0) this.#retract(old, slot)
    return entry
  }

  #enter(entry: number, slot: number): void {
    if (this.#entry(slot) !== entry) return this.#insert(entry, slot)
    for (const measure of this.#measures) measure.replace(entry, slot)
    for (const ordered of this.#ordered) ordered.insert(entry, slot)
    this.#markDirty(entry)
  }

  /** Has anything changed that is kept of a row that stays in its group? */
  #affects(slot: number): boolean {
    for (const column of this.#watched) if (column.changed(slot)) return true
    for (const measure of this.#measures) if (measure.column.changed(slot)) return true
    for (const ordered of this.#ordered) if (ordered.changed(slot)) return true
    return false
  }

  /** The entry of the row's group, held for it; −1: in none. */
  #target(slot: number): number {
    if (!this.#passes(slot)) return -1
    const { keys, keyOf } = this.#grouping
    if (keys.length === 0) return this.entries.hold(ALL_ROWS)
    if (keys.length === 1) {
      const key = (keyOf[0] as Grouping['keyOf'][number])((keys[0] as Column).value(slot))
      return key === null ? -1 : this.entries.hold(key)
    }
    const parts: MatchKey[] = []
    for (let i = 0; i < keys.length; i++) {
      const part = (keyOf[i] as Grouping['keyOf'][number])((keys[i] as Column).value(slot))
      if (part === null) return -1
      parts.push(part)
    }
    return this.entries.hold(joinKeys(parts))
  }

  #passes(slot: number): boolean {
    for (const filter of this.#grouping.filters) if (!filter.test(filter.column.value(slot))) return false
    return true
  }

  #retract(entry: number, slot: number): void {
    for (const measure of this.#measures) measure.retract(entry, slot)
    for (const ordered of this.#ordered) ordered.retract(entry, slot)
    this.#count(entry, -1)
    this.#setEntry(slot, -1)
    this.#markDirty(entry)
    this.entries.release(entry)
  }

  #insert(entry: number, slot: number): void {
    for (const measure of this.#measures) measure.insert(entry, slot)
    for (const ordered of this.#ordered) ordered.insert(entry, slot)
    this.#count(entry, 1)
    this.#setEntry(slot, entry)
    this.#markDirty(entry)
  }

  #count(entry: number, by: 1 | -1): void {
    const { records } = this.entries
    records.setInt(entry, this.#rows, records.int(entry, this.#rows) + by)
  }

  #markDirty(entry: number): void {
    this.entries.dirty.add(entry)
    this.changedAny = true
  }

  #entry(slot: number): number {
    return this.#grouping.relation.store.records.int(slot, this.#entryOf) - 1
  }

  #setEntry(slot: number, entry: number): void {
    this.#grouping.relation.store.records.setInt(slot, this.#entryOf, entry + 1)
    this.#members?.move(slot, entry)
  }
}

function retain<T>(list: T[], isWanted: (one: T) => boolean): void {
  for (let i = list.length - 1; i >= 0; i--) if (!isWanted(list[i] as T)) list.splice(i, 1)
}
