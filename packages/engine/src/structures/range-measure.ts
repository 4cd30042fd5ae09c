import type { Value } from '@sheetflow/core/value'
import type { AggregateFunction } from '@sheetflow/formula/bound'
import { placeOf } from '../state/before-blocks.ts'
import type { Column } from '../state/column.ts'
import { BLANK, ERROR, VALUE, grownInt32, roomFor } from '../state/lane.ts'
import type { Lane } from '../state/lane.ts'
import { averageInType, isCountedType, sumInType } from './aggregate-results.ts'
import type { ColumnMeasure } from './column-measure.ts'
import { ExactSums } from './exact-sums.ts'
import type { NodeSums, OrderedTree } from './ordered-tree.ts'

/** Functions that a range of an ordered column answers without looking at its rows. */
export type RangeFunction = Extract<AggregateFunction, 'sum' | 'average' | 'count' | 'counta'>

/** Where the total of a range is put together: no node has this number. */
const TOTAL = 0

/**
 * What is known of one column below every node of an ordered tree: the exact sum, how many numbers, errors and non-Blanks. The sum of a range is
 * a difference of two prefixes, each of O(log n) nodes: everything here is a group, so nothing is left where they cancel.
 */
export class RangeMeasure implements NodeSums {
  readonly #tree: OrderedTree
  readonly #column: Column
  readonly #errors: ColumnMeasure
  readonly #sums: ExactSums
  readonly #counts: boolean
  #numbers: Int32Array<ArrayBuffer> = new Int32Array(64)
  #filled: Int32Array<ArrayBuffer> = new Int32Array(64)
  #failed: Int32Array<ArrayBuffer> = new Int32Array(64)

  /** `errors`: the measure of the same column in the groups that the tree's entries are. */
  constructor(tree: OrderedTree, column: Column, errors: ColumnMeasure) {
    this.#tree = tree
    this.#column = column
    this.#errors = errors
    this.#sums = new ExactSums(column.type)
    this.#counts = isCountedType(column.type)
    tree.keep(this)
  }

  changed(slot: number): boolean {
    return this.#column.changed(slot)
  }

  /**
   * The function over the slots of an entry from position `from` up to `to`. An error among them is the answer, that of the smallest key;
   * `among` says of a slot of the entry whether it is one of them.
   */
  answer(fn: RangeFunction, entry: number, from: number, to: number, among: (slot: number) => boolean): Value {
    this.forget(TOTAL)
    this.#prefix(entry, to, 1)
    this.#prefix(entry, from, -1)
    const count = this.#numbers[TOTAL] as number
    if (fn === 'count') return count
    if (fn === 'counta') return this.#filled[TOTAL] as number
    if (this.#failed[TOTAL] !== 0) return this.#errors.firstError(entry, among)
    const total = this.#sums.total(TOTAL)
    return fn === 'sum' ? sumInType(this.#column.type, total) : averageInType(this.#column.type, total, count)
  }

  enter(node: number, slot: number): void {
    this.#add(node, this.#column.now, slot, 1)
  }

  leave(node: number, slot: number): void {
    const at = this.#column.beforeAt(slot)
    if (at < 0) this.#add(node, this.#column.now, slot, -1)
    else this.#add(node, this.#column.laneBefore(at), placeOf(at), -1)
  }

  move(slot: number, from: number, to: number): void {
    this.#add(from, this.#column.now, slot, -1)
    this.#add(to, this.#column.now, slot, 1)
  }

  join(node: number, other: number, sign: 1 | -1): void {
    this.#reserve(Math.max(node, other))
    for (const counts of [this.#numbers, this.#filled, this.#failed]) {
      counts[node] = (counts[node] as number) + sign * (counts[other] as number)
    }
    this.#sums.join(node, other, sign)
  }

  forget(node: number): void {
    this.#sums.forget(node)
    if (node >= this.#numbers.length) return
    this.#numbers[node] = 0
    this.#filled[node] = 0
    this.#failed[node] = 0
  }

  #prefix(entry: number, position: number, sign: 1 | -1): void {
    this.#tree.prefix(
      entry,
      position,
      (node) => this.join(TOTAL, node, sign),
      (slot) => this.#add(TOTAL, this.#column.now, slot, sign),
    )
  }

  #add(node: number, lane: Lane, i: number, sign: 1 | -1): void {
    const state = lane.state(i)
    if (state === BLANK) return
    this.#reserve(node)
    this.#filled[node] = (this.#filled[node] as number) + sign
    if (state === ERROR) this.#failed[node] = (this.#failed[node] as number) + sign
    if (state !== VALUE) return
    if (this.#counts) this.#numbers[node] = (this.#numbers[node] as number) + sign
    this.#sums.add(node, lane, i, sign)
  }

  #reserve(node: number): void {
    if (node < this.#numbers.length) return
    const capacity = roomFor(this.#numbers.length, node + 1)
    this.#numbers = grownInt32(this.#numbers, capacity)
    this.#filled = grownInt32(this.#filled, capacity)
    this.#failed = grownInt32(this.#failed, capacity)
  }
}
