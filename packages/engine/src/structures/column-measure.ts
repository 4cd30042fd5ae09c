import type { Value } from '@sheetflow/core/value'
import type { SpreadFunction } from '@sheetflow/formula/bound'
import { spread } from '@sheetflow/formula/value/spread'
import { placeOf } from '../state/before-blocks.ts'
import type { Column } from '../state/column.ts'
import { BLANK, ERROR, VALUE } from '../state/lane.ts'
import type { Lane } from '../state/lane.ts'
import type { Records } from '../state/records.ts'
import type { RowStore } from '../state/row-store.ts'
import { averageInType, isCountedType, sumInType } from './aggregate-results.ts'
import { ExactSums } from './exact-sums.ts'
import { OrderedSlots } from './ordered-slots.ts'

/**
 * What is known of one column in each group: how many numbers and non-Blanks, the first error, and, if asked for, the exact sums of the values
 * and of their squares. Everything can be taken back, so a group is at any time what its rows are (law 2). Values in order are kept by
 * `OrderedColumn`.
 */
export class ColumnMeasure {
  readonly column: Column
  readonly #store: RowStore
  readonly #counts: boolean
  readonly #errors = new Map<number, OrderedSlots>()
  #sums: ExactSums | null = null
  #squares: ExactSums | null = null
  readonly #records: Records
  /** Fields of a group's record. */
  readonly #numbers: number
  readonly #filled: number
  readonly #beforeMore: () => void

  /**
   * `records`: one for each group, with room for it before it gets its first row. `beforeMore` is called before more is kept than was until then: no group
   * may have a row.
   */
  constructor(column: Column, store: RowStore, records: Records, beforeMore: () => void = () => undefined) {
    this.#beforeMore = beforeMore
    this.column = column
    this.#store = store
    this.#records = records
    this.#numbers = records.addInt()
    this.#filled = records.addInt()
    this.#counts = isCountedType(column.type)
  }

  needSum(): void {
    if (this.#sums !== null) return
    this.#beforeMore()
    this.#sums = new ExactSums(this.column.type, false, this.#records)
  }

  needSpread(): void {
    this.needSum()
    if (this.#squares !== null) return
    this.#beforeMore()
    this.#squares = new ExactSums(this.column.type, true, this.#records)
  }

  /** Gives the fields of the records back. The measure is not used again. */
  free(): void {
    this.#records.freeInt(this.#numbers)
    this.#records.freeInt(this.#filled)
    this.#sums?.free()
    this.#squares?.free()
  }

  /** The slot, as it was before the step, leaves the group. */
  retract(entry: number, slot: number): void {
    const at = this.column.beforeAt(slot)
    const lane = at < 0 ? this.column.now : this.column.laneBefore(at)
    const i = at < 0 ? slot : placeOf(at)
    const state = lane.state(i)
    if (state === BLANK) return
    this.#count(entry, state, -1)
    if (state === ERROR) {
      this.#errors.get(entry)?.remove(slot, (other) => this.#store.compareKeys(other, slot))
      return
    }
    this.#sums?.add(entry, lane, i, -1)
    this.#squares?.add(entry, lane, i, -1)
  }

  /** The slot, as it is now, enters the group. */
  insert(entry: number, slot: number): void {
    const lane = this.column.now
    const state = lane.state(slot)
    if (state === BLANK) return
    this.#count(entry, state, 1)
    if (state === ERROR) {
      orderedAt(this.#errors, entry).add(slot, (other) => this.#store.compareKeys(other, slot))
      return
    }
    this.#sums?.add(entry, lane, slot, 1)
    this.#squares?.add(entry, lane, slot, 1)
  }

  /** The slot stays in the group. True: its cell is another than before the step. */
  replace(entry: number, slot: number): boolean {
    const { now } = this.column
    const ordinal = this.column.beforeAt(slot)
    if (ordinal < 0 || this.column.isSame(slot, ordinal)) return false
    const [before, at] = [this.column.laneBefore(ordinal), placeOf(ordinal)]
    if (now.state(slot) === VALUE && before.state(at) === VALUE) {
      this.#sums?.add(entry, before, at, -1)
      this.#sums?.add(entry, now, slot, 1)
      this.#squares?.add(entry, before, at, -1)
      this.#squares?.add(entry, now, slot, 1)
      return true
    }
    this.retract(entry, slot)
    this.insert(entry, slot)
    return true
  }

  forget(entry: number): void {
    this.#records.setInt(entry, this.#numbers, 0)
    this.#records.setInt(entry, this.#filled, 0)
    if (this.#errors.size > 0) this.#errors.delete(entry)
    this.#sums?.forget(entry)
    this.#squares?.forget(entry)
  }

  /** Cells that are numbers (dates and times are). */
  count(entry: number): number {
    return entry < 0 ? 0 : this.#records.int(entry, this.#numbers)
  }

  /** Cells that are not Blank, errors included. */
  counta(entry: number): number {
    return entry < 0 ? 0 : this.#records.int(entry, this.#filled)
  }

  /** The exact sum, in the column's type; an error among the cells is the sum. */
  sum(entry: number): Value {
    const error = this.firstError(entry)
    if (error !== null || this.#sums === null) return error ?? 0
    return sumInType(this.column.type, this.#sums.total(entry))
  }

  /** Writes the sum into cell 0 of a lane of the column's type. False: it is no small number, `sum` tells. */
  writeSum(entry: number, to: Lane): boolean {
    if (this.#sums === null || this.#errors.size > 0) return false
    return this.#sums.write(entry, to)
  }

  /** `#DIV/0!` without numbers. */
  average(entry: number): Value {
    const error = this.firstError(entry)
    if (error !== null || this.#sums === null) return error
    return averageInType(this.column.type, this.#sums.total(entry), this.count(entry))
  }

  /** Variance or standard deviation. */
  spread(fn: SpreadFunction, entry: number): Value {
    const error = this.firstError(entry)
    if (error !== null || this.#sums === null || this.#squares === null) return error
    return spread(fn, this.count(entry), this.#sums.total(entry), this.#squares.total(entry), this.column.type)
  }

  /** Of several errors the one in the row with the smallest key (FORMATS 2), of those that `among` takes; null: there is none. */
  firstError(entry: number, among?: (slot: number) => boolean): Value {
    const errors = this.#errors.get(entry)
    if (errors === undefined) return null
    for (const slot of errors) if (among === undefined || among(slot)) return this.column.value(slot)
    return null
  }

  #count(entry: number, state: number, by: 1 | -1): void {
    const records = this.#records
    records.setInt(entry, this.#filled, records.int(entry, this.#filled) + by)
    if (state === VALUE && this.#counts) records.setInt(entry, this.#numbers, records.int(entry, this.#numbers) + by)
  }
}

function orderedAt(map: Map<number, OrderedSlots>, entry: number): OrderedSlots {
  let ordered = map.get(entry)
  if (ordered === undefined) {
    ordered = new OrderedSlots()
    map.set(entry, ordered)
  }
  return ordered
}
