import type { JsonBytes } from '@sheetflow/core/json-bytes'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import type { Lane } from './lane.ts'
import type { Records } from './records.ts'
import type { SlotSet } from './slot-set.ts'

/** The rows that some columns are of, as those see them. */
export interface ColumnRows {
  /** Slots of which there is a record of before. */
  readonly touched: SlotSet
  /** By slot. */
  readonly records: Records
  /** By ordinal, with the same fields. */
  readonly recordsBefore: Records
}

/**
 * A lane with memory: the cells as they are now, and as they were before the current step for the slots of the set that this column shares with its
 * siblings. `Rows` keeps both: records of now by slot, records of before by ordinal.
 */
export class Column {
  readonly now: Lane
  readonly before: Lane
  /** The same for all columns of some rows. */
  readonly rows: ColumnRows
  /** Slots of which `before` has a cell. */
  readonly touched: SlotSet

  constructor(now: Lane, before: Lane, rows: ColumnRows) {
    this.now = now
    this.before = before
    this.rows = rows
    this.touched = rows.touched
  }

  get type(): ColumnType {
    return this.now.type
  }

  value(slot: number): Value {
    return this.now.value(slot)
  }

  json(slot: number): JsonValue {
    return this.now.json(slot)
  }

  /** Is the cell another than before the step? */
  changed(slot: number): boolean {
    const ordinal = this.touched.ordinal(slot)
    return ordinal >= 0 && !this.now.same(slot, this.before, ordinal)
  }

  /** Where the cell of before the step stands in `before`, or −1: it is still the one in `now`. */
  beforeAt(slot: number): number {
    return this.touched.ordinal(slot)
  }

  jsonBefore(slot: number): JsonValue {
    const ordinal = this.touched.ordinal(slot)
    return ordinal < 0 ? this.now.json(slot) : this.before.json(ordinal)
  }

  /** As `Lane.write`, of before the step. */
  writeBefore(slot: number, to: JsonBytes): void {
    const ordinal = this.touched.ordinal(slot)
    if (ordinal < 0) this.now.write(slot, to)
    else this.before.write(ordinal, to)
  }

  valueBefore(slot: number): Value {
    const ordinal = this.touched.ordinal(slot)
    return ordinal < 0 ? this.now.value(slot) : this.before.value(ordinal)
  }
}
