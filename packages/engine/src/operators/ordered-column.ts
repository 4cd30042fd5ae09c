import type { ColumnType } from '@sheetflow/core/type'
import { fold } from '@sheetflow/core/fold'
import { isNumber } from '@sheetflow/core/number'
import { compareText } from '@sheetflow/core/text'
import type { Value } from '@sheetflow/core/value'
import { compareToKey } from '@sheetflow/formula/criteria'
import type { OrderKey } from '@sheetflow/formula/criteria'
import type { Ranked } from '@sheetflow/formula/value/order-statistics'
import { placeOf } from '../state/before-blocks.ts'
import type { Column } from '../state/column.ts'
import { ERROR } from '../state/lane.ts'
import type { Lane } from '../state/lane.ts'
import type { RowStore } from '../state/row-store.ts'
import type { ColumnMeasure } from '../structures/column-measure.ts'
import { zeroOfType } from '../structures/aggregate-results.ts'
import { OrderChanges } from '../structures/order-changes.ts'
import { cellNumber, orderNumber } from '../structures/order-number.ts'
import { OrderedTree } from '../structures/ordered-tree.ts'
import { RangeMeasure } from '../structures/range-measure.ts'
import { writeCell } from './write-cell.ts'

/**
 * The rows of each group in the order of one column, equal cells by key: one for all formulas over the same groups that ask for bounds on this
 * column, for its least, k-th or middle value, for a rank or for the next smaller key. Rows whose cell has no place (Blank, errors, texts so big
 * that they are not in memory) are left out.
 *
 * Contract: in a step all `retract` come before all `insert`: other rows are compared by their cells of before while rows leave, and by their
 * cells of now while rows enter.
 */
export class OrderedColumn {
  /** What happened in this step. */
  readonly changes: OrderChanges = new OrderChanges()
  readonly column: Column
  readonly #store: RowStore
  readonly #tree = new OrderedTree()
  readonly #measures = new Map<Column, RangeMeasure>()
  readonly #watched = new Set<Column>()
  readonly #beforeMore: () => void

  /** `beforeMore`: see `ColumnMeasure`. */
  constructor(column: Column, store: RowStore, beforeMore: () => void = () => undefined) {
    this.column = column
    this.#store = store
    this.#beforeMore = beforeMore
  }

  /** About how many bytes the order takes. */
  get bytes(): number {
    return this.#tree.bytes
  }

  /** What is known of another column in ranges of this one. */
  measure(column: Column, errors: ColumnMeasure): RangeMeasure {
    const known = this.#measures.get(column)
    if (known !== undefined) return known
    this.#beforeMore()
    const measure = new RangeMeasure(this.#tree, column, errors)
    this.#measures.set(column, measure)
    return measure
  }

  /** From now on a row in which this column changes is told as a change of its place. */
  watch(column: Column): void {
    this.#watched.add(column)
  }

  /** Forgets what was asked for of other columns. */
  keepOnly(columns: ReadonlySet<Column>): void {
    for (const column of this.#watched) if (!columns.has(column)) this.#watched.delete(column)
    for (const [column, measure] of this.#measures) {
      if (columns.has(column)) continue
      this.#tree.drop(measure)
      this.#measures.delete(column)
    }
  }

  /** Has the slot, for what is kept here, changed in this step? */
  changed(slot: number): boolean {
    if (this.column.changed(slot)) return true
    for (const column of this.#watched) if (column.changed(slot)) return true
    for (const measure of this.#measures.values()) if (measure.changed(slot)) return true
    return false
  }

  /** The slot, as it was before the step, leaves the group. */
  retract(entry: number, slot: number): void {
    const { column } = this
    const { now } = column
    const at = column.beforeAt(slot)
    const [lane, i] = at < 0 ? [now, slot] : [column.laneBefore(at), placeOf(at)]
    const number = cellNumber(lane, i)
    if (Number.isNaN(number)) return this.#noteError(entry, lane.state(i))
    this.#tree.remove(entry, slot, number, (other) => {
      if (other === slot) return 0
      const otherAt = column.beforeAt(other)
      const order = otherAt < 0 ? compareCells(now, other, lane, i) : compareCells(column.laneBefore(otherAt), placeOf(otherAt), lane, i)
      return order === 0 ? this.#store.compareKeys(other, slot) : order
    })
    this.changes.add(entry, number)
  }

  /** The slot, as it is now, enters the group. */
  insert(entry: number, slot: number): void {
    const { now } = this.column
    const number = cellNumber(now, slot)
    if (Number.isNaN(number)) return this.#noteError(entry, now.state(slot))
    this.#tree.add(entry, slot, number, (other) => {
      const order = compareCells(now, other, now, slot)
      return order === 0 ? this.#store.compareKeys(other, slot) : order
    })
    this.changes.add(entry, number)
  }

  finish(): void {
    this.changes.clear()
  }

  /** An error has no place, but it may be what a whole group comes to. */
  #noteError(entry: number, state: number): void {
    if (state === ERROR) this.changes.add(entry, Number.NaN)
  }

  size(entry: number): number {
    return this.#tree.size(entry)
  }

  /** Are cells of this column of the key's kind? */
  accepts(key: OrderKey): boolean {
    const kind = isNumber(key) ? 'number' : typeof key === 'object' ? 'moment' : typeof key
    return kind === kindOf(this.column.type)
  }

  /** How many slots stand before the key, which is of the column's kind; with `equal` also those that are it. */
  position(entry: number, key: OrderKey, equal: boolean): number {
    return this.#tree.rank(entry, orderNumber(key), (slot) => compareToKey(this.column.value(slot), key), equal)
  }

  /** Calls `each` with the slots from position `from` up to `to`, which is left out. */
  walk(entry: number, from: number, to: number, each: (slot: number) => void): void {
    this.#tree.walk(entry, from, to, each)
  }

  /** The least or greatest value, of equal ones that of the smallest key; of none 0, or Blank where nothing stands for nothing (dates). */
  extreme(which: 'min' | 'max', entry: number): Value {
    const slot = this.#extreme(which, entry)
    return slot < 0 ? zeroOfType(this.column.type) : this.column.value(slot)
  }

  /** Writes the same into cell 0 of a lane of the column's type. False: `extreme` tells. */
  writeExtreme(which: 'min' | 'max', entry: number, to: Lane): boolean {
    const slot = this.#extreme(which, entry)
    return slot >= 0 && writeCell(this.column.now, slot, to)
  }

  /** The values of a group in order. */
  ranked(entry: number): Ranked {
    return {
      size: this.size(entry),
      at: (position) => this.column.value(this.#tree.at(entry, position)),
      before: (key, equal) => this.position(entry, key, equal),
    }
  }

  /** The slot of the key, or of the next smaller (−1) or larger (1) one; of equal ones that of the smallest primary key. −1: none. */
  near(entry: number, key: OrderKey, mode: -1 | 1): number {
    if (!this.accepts(key)) return -1
    if (mode === 1) return this.#tree.at(entry, this.position(entry, key, false))
    return this.#firstEqual(entry, this.position(entry, key, true) - 1)
  }

  #extreme(which: 'min' | 'max', entry: number): number {
    return which === 'min' ? this.#tree.at(entry, 0) : this.#firstEqual(entry, this.size(entry) - 1)
  }

  /** The slot of the smallest key among those whose cell equals the one at a position; −1: there is no such position. */
  #firstEqual(entry: number, position: number): number {
    const slot = this.#tree.at(entry, position)
    if (slot < 0) return -1
    // Equal cells have equal numbers: nearly always there is no other.
    if (this.#tree.beginsNumber(entry, position)) return slot
    const { now } = this.column
    const number = this.#tree.numberAt(entry, position)
    const first = this.#tree.rank(entry, number, (other) => compareCells(now, other, now, slot), false)
    return this.#tree.at(entry, first)
  }

  /** The number next to one: that of the slots before it (−1) or behind it (1), infinite where there are none. */
  numberBeside(entry: number, number: number, side: -1 | 1): number {
    const rank = this.#tree.rank(entry, number, () => 0, side === 1)
    return this.#tree.numberAt(entry, side === 1 ? rank : rank - 1)
  }
}

/** Inside formulas text is compared case-folded. */
function compareCells(a: Lane, i: number, b: Lane, j: number): number {
  if (a.type.type !== 'text') return a.compare(i, b, j)
  const [x, y] = [a.value(i), b.value(j)]
  return typeof x === 'string' && typeof y === 'string' ? compareText(fold(x), fold(y)) : a.compare(i, b, j)
}

/** Kind of a type's values in memory; null: they have no place in an order. */
function kindOf(type: ColumnType): 'number' | 'string' | 'boolean' | 'moment' | null {
  switch (type.type) {
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'date':
    case 'time':
      return 'number'
    case 'text':
    case 'uuid':
    case 'json':
      return 'string'
    case 'bool':
      return 'boolean'
    case 'timestamp':
    case 'timestamptz':
      return 'moment'
    case 'bytes':
    case 'interval':
    case 'list':
      return null
  }
}

/** Can an ordered column be asked for bounds on cells of this type? */
export function isOrderable(type: ColumnType): boolean {
  return kindOf(type) !== null
}
