import { fold } from '@sheetflow/core/fold'
import { compareText } from '@sheetflow/core/text'
import type { Value } from '@sheetflow/core/value'
import type { SpreadFunction } from '@sheetflow/formula/bound'
import { spread } from '@sheetflow/formula/value/spread'
import type { Column } from '../state/column.ts'
import { BLANK, ERROR, VALUE, grownInt32, roomFor } from '../state/lane.ts'
import type { Lane } from '../state/lane.ts'
import type { RowStore } from '../state/row-store.ts'
import { averageInType, isCountedType, sumInType, zeroOfType } from './aggregate-results.ts'
import { ExactSums } from './exact-sums.ts'
import { OrderedSlots } from './ordered-slots.ts'

type Extreme = 'min' | 'max'

/**
 * What is known of one column in each group: how many numbers and non-Blanks, the first error, and, if asked for, the exact sum and the
 * ordered values. Everything can be taken back, so a group is at any time what its rows are (law 2).
 *
 * Contract: in a step all `retract` come before all `insert`: the orders compare other rows by their cells of before while rows leave, and by
 * their cells of now while rows enter.
 */
export class ColumnMeasure {
  readonly #column: Column
  readonly #store: RowStore
  readonly #counts: boolean
  readonly #errors = new Map<number, OrderedSlots>()
  readonly #orders = new Map<Extreme, Map<number, OrderedSlots>>()
  #sums: ExactSums | null = null
  #squares: ExactSums | null = null
  #numbers: Int32Array<ArrayBuffer> = new Int32Array(64)
  #filled: Int32Array<ArrayBuffer> = new Int32Array(64)

  constructor(column: Column, store: RowStore) {
    this.#column = column
    this.#store = store
    this.#counts = isCountedType(column.type)
  }

  /** Must be said before the first row. */
  needSum(): void {
    this.#sums ??= new ExactSums(this.#column.type)
  }

  /** Must be said before the first row. */
  needSpread(): void {
    this.needSum()
    this.#squares ??= new ExactSums(this.#column.type, true)
  }

  /** Must be said before the first row. */
  needOrder(which: Extreme): void {
    if (!this.#orders.has(which)) this.#orders.set(which, new Map())
  }

  /** Has the column another value in this slot than before the step? */
  changed(slot: number): boolean {
    return this.#column.changed(slot)
  }

  /** The slot, as it was before the step, leaves the group. */
  retract(entry: number, slot: number): void {
    const at = this.#column.beforeAt(slot)
    const lane = at < 0 ? this.#column.now : this.#column.before
    const i = at < 0 ? slot : at
    const state = lane.state(i)
    if (state === BLANK) return
    this.#count(entry, state, -1)
    if (state === ERROR) {
      this.#errors.get(entry)?.remove(slot, (other) => this.#store.compareKeys(other, slot))
      return
    }
    this.#sums?.add(entry, lane, i, -1)
    this.#squares?.add(entry, lane, i, -1)
    for (const [which, orders] of this.#orders) orders.get(entry)?.remove(slot, this.#orderBefore(which, slot))
  }

  /** The slot, as it is now, enters the group. */
  insert(entry: number, slot: number): void {
    const lane = this.#column.now
    const state = lane.state(slot)
    if (state === BLANK) return
    this.#count(entry, state, 1)
    if (state === ERROR) {
      orderedAt(this.#errors, entry).add(slot, (other) => this.#store.compareKeys(other, slot))
      return
    }
    this.#sums?.add(entry, lane, slot, 1)
    this.#squares?.add(entry, lane, slot, 1)
    for (const [which, orders] of this.#orders) orderedAt(orders, entry).add(slot, this.#orderNow(which, slot))
  }

  forget(entry: number): void {
    if (entry < this.#numbers.length) {
      this.#numbers[entry] = 0
      this.#filled[entry] = 0
    }
    this.#errors.delete(entry)
    for (const orders of this.#orders.values()) orders.delete(entry)
    this.#sums?.forget(entry)
    this.#squares?.forget(entry)
  }

  /** Cells that are numbers (dates and times are). */
  count(entry: number): number {
    return entry < this.#numbers.length ? (this.#numbers[entry] as number) : 0
  }

  /** Cells that are not Blank, errors included. */
  counta(entry: number): number {
    return entry < this.#filled.length ? (this.#filled[entry] as number) : 0
  }

  /** The exact sum, in the column's type; an error among the cells is the sum. */
  sum(entry: number): Value {
    const error = this.firstError(entry)
    if (error !== null || this.#sums === null) return error ?? 0
    return sumInType(this.#column.type, this.#sums.total(entry))
  }

  /** `#DIV/0!` without numbers. */
  average(entry: number): Value {
    const error = this.firstError(entry)
    if (error !== null || this.#sums === null) return error
    return averageInType(this.#column.type, this.#sums.total(entry), this.count(entry))
  }

  /** Variance or standard deviation. */
  spread(fn: SpreadFunction, entry: number): Value {
    const error = this.firstError(entry)
    if (error !== null || this.#sums === null || this.#squares === null) return error
    return spread(fn, this.count(entry), this.#sums.total(entry), this.#squares.total(entry), this.#column.type)
  }

  /** The least or greatest value; of none 0, or Blank where nothing stands for nothing (dates). */
  extreme(which: Extreme, entry: number): Value {
    const error = this.firstError(entry)
    if (error !== null) return error
    const slot = this.#orders.get(which)?.get(entry)?.first() ?? -1
    return slot < 0 ? zeroOfType(this.#column.type) : this.#column.value(slot)
  }

  /** Of several errors the one in the row with the smallest key (FORMATS 2), of those that `among` takes; null: there is none. */
  firstError(entry: number, among?: (slot: number) => boolean): Value {
    for (const slot of this.#errors.get(entry) ?? []) if (among === undefined || among(slot)) return this.#column.value(slot)
    return null
  }

  #count(entry: number, state: number, by: 1 | -1): void {
    if (entry >= this.#numbers.length) {
      const capacity = roomFor(this.#numbers.length, entry + 1)
      this.#numbers = grownInt32(this.#numbers, capacity)
      this.#filled = grownInt32(this.#filled, capacity)
    }
    this.#filled[entry] = (this.#filled[entry] as number) + by
    if (state === VALUE && this.#counts) this.#numbers[entry] = (this.#numbers[entry] as number) + by
  }

  #orderNow(which: Extreme, slot: number): (other: number) => number {
    const { now } = this.#column
    return (other) => this.#compare(which, other, now, other, slot, now, slot)
  }

  #orderBefore(which: Extreme, slot: number): (other: number) => number {
    const { now, before } = this.#column
    const at = this.#column.beforeAt(slot)
    return (other) => {
      const otherAt = this.#column.beforeAt(other)
      return this.#compare(
        which,
        other,
        otherAt < 0 ? now : before,
        otherAt < 0 ? other : otherAt,
        slot,
        at < 0 ? now : before,
        at < 0 ? slot : at,
      )
    }
  }

  #compare(which: Extreme, a: number, aLane: Lane, aCell: number, b: number, bLane: Lane, bCell: number): number {
    const order = compareCells(aLane, aCell, bLane, bCell)
    if (order !== 0) return which === 'min' ? order : -order
    return a === b ? 0 : this.#store.compareKeys(a, b)
  }
}

/** Inside formulas text is compared case-folded. */
export function compareCells(a: Lane, i: number, b: Lane, j: number): number {
  if (a.type.type !== 'text') return a.compare(i, b, j)
  const [x, y] = [a.value(i), b.value(j)]
  return typeof x === 'string' && typeof y === 'string' ? compareText(fold(x), fold(y)) : a.compare(i, b, j)
}

function orderedAt(map: Map<number, OrderedSlots>, entry: number): OrderedSlots {
  let ordered = map.get(entry)
  if (ordered === undefined) {
    ordered = new OrderedSlots()
    map.set(entry, ordered)
  }
  return ordered
}
