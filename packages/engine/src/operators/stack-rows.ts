import type { CellError } from '@sheetflow/core/cell-error'
import type { KeyJson } from '@sheetflow/core/message'
import { toJson } from '@sheetflow/core/json-codec'
import type { Value } from '@sheetflow/core/value'
import type { Column } from '../state/column.ts'
import { grownInt32, roomFor } from '../state/lane.ts'
import type { DerivedRows } from './derived-rows.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'

/** One table of a stack. */
export interface StackedRows {
  readonly input: Relation
  /** What the first column says of its rows. */
  readonly label: string
  /** Which of its columns goes into which of the stack, and in what form; null: the form is the same. */
  readonly cells: readonly { readonly from: Column; readonly to: Column; readonly convert: ((value: Value) => Value) | null }[]
  /** Columns of the stack that are the same error in all of its rows. */
  readonly errors: readonly { readonly to: Column; readonly error: CellError }[]
  /** The key columns of the stack behind the first, by place in `cells`. */
  readonly key: readonly number[]
}

/** VSTACK: the rows of several tables under each other. Each row of a part is one row here; a changed one costs that row. */
export class StackRows implements Operator {
  readonly traffic: Traffic = new Traffic()
  readonly #rows: DerivedRows
  readonly #source: Column
  readonly #parts: readonly { readonly part: StackedRows; slots: Int32Array<ArrayBuffer> }[]

  constructor(parts: readonly StackedRows[], rows: DerivedRows) {
    this.#rows = rows
    this.#source = rows.columns[0] as Column
    // By slot of the part the slot here, plus one: 0 = none.
    this.#parts = parts.map((part) => ({ part, slots: new Int32Array(64) }))
  }

  run(): void {
    for (const one of this.#parts) {
      const { changes, store } = one.part.input
      if (store.size > one.slots.length) one.slots = grownInt32(one.slots, roomFor(one.slots.length, store.size))
      for (let i = 0; i < changes.size; i++) this.#update(one.part, one.slots, changes.at(i))
      this.traffic.rowsIn += changes.size
    }
    this.traffic.rowsOut += this.#rows.changes.size
  }

  finish(): void {
    this.#rows.finish()
  }

  describe(): OperatorInfo {
    return { kind: 'stack', on: '', size: this.#rows.count, bytes: this.#rows.store.bytes }
  }

  #update(part: StackedRows, slots: Int32Array, slot: number): void {
    const { store } = this.#rows
    const known = (slots[slot] as number) - 1
    if (!part.input.isLive(slot)) {
      if (known >= 0) store.kill(known)
      slots[slot] = 0
    } else if (known < 0) {
      const row = store.enter(keyOf(part, slot), 0)
      this.#source.now.set(row, part.label)
      for (const cell of part.cells) put(cell, slot, row)
      for (const { to, error } of part.errors) to.now.set(row, error)
      slots[slot] = row + 1
    } else if (part.cells.some(({ from }) => from.changed(slot))) {
      store.touch(known)
      for (const cell of part.cells) if (cell.from.changed(slot)) put(cell, slot, known)
    }
  }
}

function keyOf({ label, key, cells }: StackedRows, slot: number): KeyJson {
  return [label, ...key.map((place) => jsonOf(cells[place] as StackedRows['cells'][number], slot))]
}

function jsonOf({ from, to, convert }: StackedRows['cells'][number], slot: number): KeyJson[number] {
  return convert === null ? from.json(slot) : toJson(to.type, convert(from.value(slot)))
}

function put({ from, to, convert }: StackedRows['cells'][number], slot: number, row: number): void {
  if (convert !== null) to.now.set(row, convert(from.value(slot)))
  else if (from.type.type === to.type.type && from.type.type !== 'list') to.now.copy(from.now, slot, row)
  else to.now.set(row, from.value(slot))
}
