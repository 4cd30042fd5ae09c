import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { roomFor } from './lane.ts'
import type { Lane } from './lane.ts'
import { makeLane, releaseLane } from './make-lane.ts'
import type { Pool } from './pool.ts'
import type { SlotSet } from './slot-set.ts'

/**
 * A lane with memory: the cells as they are now, and as they were before the current step for the slots of `touched`, the set that this
 * column shares with its siblings. Whoever changes cells first adds the slot to `touched` and calls `save` on every sibling.
 */
export class Column {
  readonly now: Lane
  readonly before: Lane
  readonly #touched: SlotSet
  #capacity = 0
  #beforeCapacity = 0

  constructor(type: ColumnType, pool: Pool, touched: SlotSet) {
    this.now = makeLane(type, pool)
    this.before = makeLane(type, pool)
    this.#touched = touched
  }

  get type(): ColumnType {
    return this.now.type
  }

  grow(capacity: number): void {
    if (capacity <= this.#capacity) return
    this.#capacity = roomFor(this.#capacity, capacity)
    this.now.grow(this.#capacity)
  }

  /** Keeps the cell of `slot` as it is now, as what it was before the step. */
  save(slot: number, ordinal: number): void {
    if (ordinal >= this.#beforeCapacity) {
      this.#beforeCapacity = roomFor(this.#beforeCapacity, ordinal + 1)
      this.before.grow(this.#beforeCapacity)
    }
    this.before.copy(this.now, slot, ordinal)
  }

  /** Tells the pool that no cell of this column counts any more. */
  release(pool: Pool): void {
    for (const lane of [this.now, this.before]) releaseLane(lane, pool)
  }

  value(slot: number): Value {
    return this.now.value(slot)
  }

  json(slot: number): JsonValue {
    return this.now.json(slot)
  }

  /** Is the cell another than before the step? */
  changed(slot: number): boolean {
    const ordinal = this.#touched.ordinal(slot)
    return ordinal >= 0 && !this.now.same(slot, this.before, ordinal)
  }

  /** Where the cell of before the step stands in `before`, or −1: it is still the one in `now`. */
  beforeAt(slot: number): number {
    return this.#touched.ordinal(slot)
  }

  jsonBefore(slot: number): JsonValue {
    const ordinal = this.#touched.ordinal(slot)
    return ordinal < 0 ? this.now.json(slot) : this.before.json(ordinal)
  }

  /** As `Lane.text`, of before the step. */
  textBefore(slot: number): string {
    const ordinal = this.#touched.ordinal(slot)
    return ordinal < 0 ? this.now.text(slot) : this.before.text(ordinal)
  }

  valueBefore(slot: number): Value {
    const ordinal = this.#touched.ordinal(slot)
    return ordinal < 0 ? this.now.value(slot) : this.before.value(ordinal)
  }
}
