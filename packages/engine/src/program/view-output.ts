import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import type { RowChange } from '@sheetflow/core/message'
import type { StepRows } from '../graph/step-output.ts'
import type { Sheet } from '../operators/sheet.ts'
import type { Column } from '../state/column.ts'
import type { RunningSheet } from './program.ts'

/** More rows than this are made one by one, when they are read. */
const MANY_ROWS = 100_000

/** What readers see of a sheet: its published columns, by key. */
export class ViewOutput {
  readonly #sheet: Sheet
  readonly #columns: readonly Column[]
  readonly #keys: readonly Column[]

  constructor({ relation, bound }: RunningSheet) {
    const columnAt = (index: number): Column => must(relation.columns[index], 'a published column is kept')
    this.#sheet = relation
    this.#columns = bound.published.map(columnAt)
    this.#keys = bound.key.map(columnAt)
  }

  /** What this step did to it: sorted by key, each key once, only what differs in a published column. */
  changes(): StepRows {
    const sheet = this.#sheet
    const { changes } = sheet
    const slots: number[] = []
    for (let i = 0; i < changes.size; i++) {
      const slot = changes.at(i)
      const was = sheet.wasLive(slot)
      const is = sheet.isLive(slot)
      if (was !== is || (is && this.#changed(slot))) slots.push(slot)
    }
    return this.#made(slots, (slot) => this.#change(slot))
  }

  /** All rows, as a new generation publishes them. */
  rows(): StepRows {
    const slots: number[] = []
    for (let slot = 0; slot < this.#sheet.size; slot++) if (this.#sheet.isLive(slot)) slots.push(slot)
    return this.#made(slots, (slot) => ['c', now(this.#keys, slot), now(this.#columns, slot), null])
  }

  #changed(slot: number): boolean {
    for (const column of this.#columns) if (column.changed(slot)) return true
    return false
  }

  #change(slot: number): RowChange {
    if (!this.#sheet.isLive(slot)) return ['d', before(this.#keys, slot), null, before(this.#columns, slot)]
    if (!this.#sheet.wasLive(slot)) return ['c', now(this.#keys, slot), now(this.#columns, slot), null]
    return ['u', now(this.#keys, slot), now(this.#columns, slot), before(this.#columns, slot)]
  }

  #made(slots: number[], make: (slot: number) => RowChange): StepRows {
    if (slots.length > 1) slots.sort((a, b) => this.#sheet.store.compareKeys(a, b))
    return slots.length > MANY_ROWS ? new RowsOfSlots(slots, make) : slots.map(make)
  }
}

/** Rows that are made as they are read. */
class RowsOfSlots implements StepRows {
  readonly length: number
  readonly #slots: Uint32Array
  readonly #make: (slot: number) => RowChange

  constructor(slots: readonly number[], make: (slot: number) => RowChange) {
    this.length = slots.length
    this.#slots = Uint32Array.from(slots)
    this.#make = make
  }

  *[Symbol.iterator](): Generator<RowChange> {
    for (const slot of this.#slots) yield this.#make(slot)
  }
}

function now(columns: readonly Column[], slot: number): JsonValue[] {
  const row: JsonValue[] = []
  for (const column of columns) row.push(column.json(slot))
  return row
}

function before(columns: readonly Column[], slot: number): JsonValue[] {
  const row: JsonValue[] = []
  for (const column of columns) row.push(column.jsonBefore(slot))
  return row
}
