import type { JsonBytes } from '@sheetflow/core/json-bytes'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { blockOf, placeOf } from './before-blocks.ts'
import type { Lane } from './lane.ts'
import type { SlotSet } from './slot-set.ts'

/** The rows that some columns are of, as those see them. */
export interface ColumnRows {
  /** Slots of which there is a record of before. */
  readonly touched: SlotSet
  /** Records of before, by ordinal of `touched`. */
  readonly before: {
    /** Is one of these 4-byte words of the row's record another than before? */
    differ(slot: number, ordinal: number, words: Int32Array): boolean
  }
}

/**
 * A lane with memory: the cells as they are now, and as they were before the current step for the slots of the set that this column shares with its
 * siblings. `Rows` keeps both: records of now by slot, records of before by ordinal, in blocks.
 */
export class Column {
  readonly now: Lane
  /** By block (`BeforeRows`), which has one for each block that it has. */
  readonly before: Lane[] = []
  /** The same for all columns of some rows. */
  readonly rows: ColumnRows
  /** Slots of which `before` has a cell. */
  readonly touched: SlotSet

  constructor(now: Lane, rows: ColumnRows) {
    this.now = now
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
    return ordinal >= 0 && !this.isSame(slot, ordinal)
  }

  /** As `changed`, of a slot that was touched and has that ordinal; the other way round. */
  isSame(slot: number, ordinal: number): boolean {
    return this.now.same(slot, this.laneBefore(ordinal), placeOf(ordinal))
  }

  /** The ordinal of the cell of before the step, which stands at `placeOf` it in `laneBefore`; or −1: it is still the one in `now`. */
  beforeAt(slot: number): number {
    return this.touched.ordinal(slot)
  }

  laneBefore(ordinal: number): Lane {
    return this.before[blockOf(ordinal)] as Lane
  }

  jsonBefore(slot: number): JsonValue {
    const ordinal = this.touched.ordinal(slot)
    return ordinal < 0 ? this.now.json(slot) : this.laneBefore(ordinal).json(placeOf(ordinal))
  }

  /** As `Lane.write`, of before the step. */
  writeBefore(slot: number, to: JsonBytes): void {
    const ordinal = this.touched.ordinal(slot)
    if (ordinal < 0) this.now.write(slot, to)
    else this.laneBefore(ordinal).write(placeOf(ordinal), to)
  }
}
