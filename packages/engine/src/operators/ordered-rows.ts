import { fold } from '@sheetflow/core/fold'
import { compareText } from '@sheetflow/core/text'
import { placeOf } from '../state/before-blocks.ts'
import type { Column } from '../state/column.ts'
import { BLANK, VALUE } from '../state/lane.ts'
import type { Lane } from '../state/lane.ts'
import { OrderedSlots } from '../structures/ordered-slots.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'
import type { Sheet } from './sheet.ts'

/** One column of an order. */
export interface OrderColumn {
  readonly column: Column
  readonly descending: boolean
}

/** What TAKE takes, or DROP leaves out: the first of an order, of a negative count the last. */
export interface TopChoice {
  readonly order: readonly OrderColumn[]
  readonly count: number
  /** All others are members. */
  readonly drops: boolean
}

/** Where a slot of an ordered set stands to a given one; 0 for itself. */
type OrderTo = (other: number) => number

const OUT = 0
const TAKEN = 1
const LEFT = 2

/**
 * TAKE: the first `count` rows of an order are members of a sheet, of a negative count the last; DROP: all but those are. All rows are kept in order, those taken and those
 * left apart, so when a taken row goes the next one is at hand: a change costs searches, whatever the count and the table.
 *
 * In a step all rows that change leave first, compared by their cells of before, then enter by their cells of now (as `ColumnMeasure` does).
 */
export class TopRows implements Operator {
  readonly traffic: Traffic = new Traffic()
  readonly #input: Relation
  readonly #sheet: Sheet
  readonly #order: readonly OrderColumn[]
  readonly #count: number
  /** −1: the order is read backwards, ties too. */
  readonly #direction: 1 | -1
  readonly #drops: boolean
  readonly #taken = new OrderedSlots()
  readonly #left = new OrderedSlots()
  #where = new Uint8Array(64)

  constructor(input: Relation, sheet: Sheet, { order, count, drops }: TopChoice) {
    this.#input = input
    this.#sheet = sheet
    this.#order = order
    this.#count = Math.abs(count)
    this.#direction = count < 0 ? -1 : 1
    this.#drops = drops
  }

  run(): void {
    const { changes, store } = this.#input
    this.#grow(store.size)
    this.#sheet.grow(store.size)
    const entering: number[] = []
    for (let i = 0; i < changes.size; i++) {
      const slot = changes.at(i)
      const live = this.#input.isLive(slot)
      const isIn = this.#where[slot] !== OUT
      if (isIn && live && !this.#moved(slot)) continue
      if (isIn) this.#remove(slot, this.#before(slot))
      if (live) entering.push(slot)
      else if (this.#sheet.setMember(slot, false)) this.traffic.rowsOut += 1
    }
    this.traffic.rowsIn += changes.size
    for (const slot of entering) this.#add(slot)
    while (this.#taken.size < this.#count && this.#left.size > 0) this.#carry(this.#left.first(), TAKEN)
  }

  finish(): void {
    // Nothing is kept about before.
  }

  describe(): OperatorInfo {
    return {
      kind: 'top',
      on: '',
      size: this.#taken.size + this.#left.size,
      bytes: this.#where.byteLength + 4 * (this.#taken.size + this.#left.size),
    }
  }

  #moved(slot: number): boolean {
    for (const { column } of this.#order) if (column.changed(slot)) return true
    return false
  }

  #add(slot: number): void {
    const order = this.#now(slot)
    const isTaken = this.#taken.size < this.#count ? this.#left.size === 0 || order(this.#left.first()) > 0 : order(this.#taken.last()) > 0
    this.#put(slot, isTaken ? TAKEN : LEFT, order)
    if (this.#taken.size > this.#count) this.#carry(this.#taken.last(), LEFT)
  }

  #carry(slot: number, to: typeof TAKEN | typeof LEFT): void {
    const order = this.#now(slot)
    this.#remove(slot, order)
    this.#put(slot, to, order)
  }

  #put(slot: number, to: typeof TAKEN | typeof LEFT, order: OrderTo): void {
    ;(to === TAKEN ? this.#taken : this.#left).add(slot, order)
    this.#where[slot] = to
    if (this.#sheet.setMember(slot, (to === TAKEN) !== this.#drops)) this.traffic.rowsOut += 1
  }

  #remove(slot: number, order: OrderTo): void {
    ;(this.#where[slot] === TAKEN ? this.#taken : this.#left).remove(slot, order)
    this.#where[slot] = OUT
  }

  #now(slot: number): OrderTo {
    return (other) => {
      for (const { column, descending } of this.#order) {
        const order = compareCells(column.now, other, column.now, slot, descending)
        if (order !== 0) return order * this.#direction
      }
      return this.#byKey(other, slot)
    }
  }

  #before(slot: number): OrderTo {
    return (other) => {
      for (const { column, descending } of this.#order) {
        const [a, b] = [column.beforeAt(other), column.beforeAt(slot)]
        const order = compareCells(
          a < 0 ? column.now : column.laneBefore(a),
          a < 0 ? other : placeOf(a),
          b < 0 ? column.now : column.laneBefore(b),
          b < 0 ? slot : placeOf(b),
          descending,
        )
        if (order !== 0) return order * this.#direction
      }
      return this.#byKey(other, slot)
    }
  }

  /** Ties go to the smaller key. */
  #byKey(other: number, slot: number): number {
    return other === slot ? 0 : this.#input.store.compareKeys(other, slot) * this.#direction
  }

  #grow(size: number): void {
    if (size <= this.#where.length) return
    const grown = new Uint8Array(Math.max(size, this.#where.length * 2))
    grown.set(this.#where)
    this.#where = grown
  }
}

/** Excel's order: letter case aside, errors behind values, Blank last in both directions. */
function compareCells(a: Lane, i: number, b: Lane, j: number, descending: boolean): number {
  const [x, y] = [a.state(i), b.state(j)]
  if (x === BLANK || y === BLANK) return x === y ? 0 : x === BLANK ? 1 : -1
  const order = x === VALUE && y === VALUE && a.type.type === 'text' ? compareTexts(a, i, b, j) : a.compare(i, b, j)
  return descending ? -order : order
}

function compareTexts(a: Lane, i: number, b: Lane, j: number): number {
  const [x, y] = [a.value(i), b.value(j)]
  return typeof x === 'string' && typeof y === 'string' ? compareText(fold(x), fold(y)) : a.compare(i, b, j)
}
