import type { ColumnType } from '@sheetflow/core/type'
import { BeforeRows } from './before-rows.ts'
import { Column } from './column.ts'
import { makeLane } from './make-lane.ts'
import type { Pool } from './pool.ts'
import { Records } from './records.ts'
import type { SlotList } from './read-ahead.ts'
import { SlotSet } from './slot-set.ts'

/**
 * Columns beside each other, and what they were before the step: one record of now per slot, one of before per touched slot. Whoever changes a
 * cell calls `touch` first; the step ends with `forget`. Each row has a flag beside its cells, whose meaning is the owner's.
 */
export class Rows {
  /** Slots that this step touched. */
  readonly touched: SlotSet = new SlotSet()
  readonly #now = new Records()
  readonly #flagAt: number = this.#now.addInt()
  /** By ordinal of `touched`. */
  readonly before: BeforeRows = new BeforeRows(this.#now, this.#flagAt)
  readonly #columns: Column[] = []

  /** Rows that there is room for. */
  get capacity(): number {
    return this.#now.capacity
  }

  /** Records of now, for fields that belong to a row and have no before. */
  get records(): Records {
    return this.#now
  }

  /** A field of 8 bytes beside the cells, which has no before. */
  addNumber(): number {
    return this.#now.addNumber(true)
  }

  /** A field of 4 bytes of each row, 0 to begin with, which has no before: the number of the field in `records`. Between steps. */
  addInt(): number {
    return this.#now.addInt()
  }

  /** The field is given to the next who asks. */
  freeInt(at: number): void {
    this.#now.freeInt(at)
  }

  /** Cells of the new column are Blank, and were. */
  addColumn(type: ColumnType, pool: Pool): Column {
    const { made, words } = this.#now.noting(() => makeLane(type, pool, this.#now))
    made.grow(this.#now.capacity)
    const column = new Column(made, this)
    this.#columns.push(column)
    this.before.add(column, pool, words)
    return column
  }

  /** Forgets a column, between steps. */
  dropColumn(column: Column): void {
    this.#columns.splice(this.#columns.indexOf(column), 1)
    column.now.free()
    this.before.drop(column)
  }

  /** Makes room for slots below `wanted`. */
  grow(wanted: number): void {
    if (wanted <= this.#now.capacity) return
    this.#now.makeRoom(wanted)
    for (const column of this.#columns) column.now.grow(this.#now.capacity)
  }

  flag(slot: number): number {
    return this.#now.int(slot, this.#flagAt)
  }

  setFlag(slot: number, flag: number): void {
    this.#now.setInt(slot, this.#flagAt, flag)
  }

  /** The flag as it was before the step. */
  flagBefore(slot: number): number {
    const ordinal = this.touched.ordinal(slot)
    return ordinal < 0 ? this.flag(slot) : this.before.flag(ordinal)
  }

  /** Before the first change of a slot in a step: keeps what it is. False: it was kept already. */
  touch(slot: number): boolean {
    if (!this.touched.add(slot)) return false
    this.before.keep(slot, this.touched.size - 1)
    return true
  }

  /** As `touch`, of a slot that nothing has touched in this step and that holds nothing: its flag is 0, its cells are Blank. */
  touchNew(slot: number): void {
    this.touched.add(slot)
    this.before.keepNew(slot, this.touched.size - 1)
  }

  /** See `Records.peek`. */
  peek(slot: number): number {
    return this.#now.peek(slot)
  }

  /** See `Records.warm`. */
  warm(slots: SlotList, from: number, to: number): void {
    this.#now.warm(slots, from, to)
  }

  /** All cells of a row are Blank from now on. */
  blank(slot: number): void {
    for (const column of this.#columns) column.now.set(slot, null)
  }

  /** Ends the step. */
  forget(): void {
    this.touched.clear()
    this.before.forget()
  }

  /** Forgets the texts of all columns. */
  release(): void {
    for (const { now } of this.#columns.splice(0)) now.free()
    this.before.release()
  }
}
