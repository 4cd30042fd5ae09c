import type { ColumnType } from '@sheetflow/core/type'
import { Column } from './column.ts'
import { roomFor } from './lane.ts'
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
  /** By ordinal; with the same fields as `#now`, at the same places. */
  readonly #before = new Records()
  readonly #columns: Column[] = []
  /** Columns whose cells do not wholly stand in records. */
  #beside: readonly Column[] = []
  readonly #flagAt: number

  constructor() {
    this.#flagAt = this.#now.addInt()
    this.#before.addInt()
  }

  /** Rows that there is room for. */
  get capacity(): number {
    return this.#now.capacity
  }

  /** Records of now, for fields that belong to a row and have no before. */
  get records(): Records {
    return this.#now
  }

  /** Records of before, by ordinal of `touched`. */
  get recordsBefore(): Records {
    return this.#before
  }

  /** A field of 8 bytes beside the cells: none of the columns, but saved with them. */
  addNumber(): number {
    this.#before.addNumber(true)
    return this.#now.addNumber(true)
  }

  /** A field of 4 bytes of each row, 0 to begin with, which has no before: the number of the field in `records`. Between steps. */
  addInt(): number {
    this.#before.addInt()
    return this.#now.addInt()
  }

  /** The field is given to the next who asks. */
  freeInt(at: number): void {
    this.#before.freeInt(at)
    this.#now.freeInt(at)
  }

  /** Cells of the new column are Blank, and were. */
  addColumn(type: ColumnType, pool: Pool): Column {
    const [now, before] = [makeLane(type, pool, this.#now), makeLane(type, pool, this.#before)]
    now.grow(this.#now.capacity)
    before.grow(this.#before.capacity)
    const column = new Column(now, before, this)
    this.#columns.push(column)
    this.#noteBeside()
    return column
  }

  /** Forgets a column, between steps. */
  dropColumn(column: Column): void {
    this.#columns.splice(this.#columns.indexOf(column), 1)
    column.now.free()
    column.before.free()
    this.#noteBeside()
  }

  /** Makes room for slots below `wanted`. */
  grow(wanted: number): void {
    if (wanted > this.#now.capacity) growAll(this.#now, this.#columns, 'now', wanted)
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
    return ordinal < 0 ? this.flag(slot) : this.#before.int(ordinal, this.#flagAt)
  }

  /** Before the first change of a slot in a step: keeps what it is. False: it was kept already. */
  touch(slot: number): boolean {
    if (!this.touched.add(slot)) return false
    const ordinal = this.touched.size - 1
    if (ordinal >= this.#before.capacity) growAll(this.#before, this.#columns, 'before', ordinal + 1)
    this.#before.copy(this.#now, slot, ordinal)
    for (const { now, before } of this.#beside) before.copyBeside?.(now, slot, ordinal)
    return true
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
  }

  /** Forgets the texts of all columns. */
  release(): void {
    for (const { now, before } of this.#columns.splice(0)) {
      now.free()
      before.free()
    }
    this.#beside = []
  }

  #noteBeside(): void {
    this.#beside = this.#columns.filter(({ now }) => now.copyBeside !== undefined)
  }
}

/** Room in the records and in the lanes that stand beside them. */
function growAll(records: Records, columns: readonly Column[], which: 'now' | 'before', wanted: number): void {
  const capacity = roomFor(records.capacity, wanted)
  records.grow(capacity)
  for (const column of columns) column[which].grow(capacity)
}
