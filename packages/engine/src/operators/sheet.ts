import type { ColumnType } from '@sheetflow/core/type'
import type { Column } from '../state/column.ts'
import type { RowStore } from '../state/row-store.ts'
import { Rows } from '../state/rows.ts'
import type { SlotList } from '../state/read-ahead.ts'
import { SlotSet } from '../state/slot-set.ts'
import type { MappedRows } from './row-map.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'

const MEMBER = 1

/**
 * The rows of one sheet: a set of its input's slots, the input's columns, and its computed columns beside them.
 * Rows that left keep their computed cells until they are overwritten: in the step they show what the row was.
 */
export class Sheet implements Relation, MappedRows, Operator {
  readonly view: string
  readonly columns: (Column | undefined)[]
  readonly changes: SlotSet = new SlotSet()
  readonly traffic: Traffic = new Traffic()
  readonly #input: Relation
  /** The computed columns. The flag of a filtered sheet: is the slot a member? */
  readonly #rows = new Rows()
  #computes = false
  #filling = false
  readonly #filtered: boolean
  /** Of a filtered sheet. */
  #members = 0

  /** `filtered`: rows are members only by `setMember`; else all rows of the input are. */
  constructor(view: string, input: Relation, filtered: boolean) {
    this.view = view
    this.#input = input
    this.#filtered = filtered
    this.columns = [...input.columns]
    if (filtered) this.store.addBeside(this.#rows)
  }

  get store(): RowStore {
    return this.#input.store
  }

  get size(): number {
    return this.#input.store.size
  }

  get count(): number {
    return this.#filtered ? this.#members : this.#input.count
  }

  /** Adds an empty computed column behind the others. */
  addColumn(type: ColumnType): Column {
    const column = this.#rows.addColumn(type, this.store.pool)
    if (!this.#filtered && !this.#computes) this.store.addBeside(this.#rows)
    this.#computes = true
    this.columns.push(column)
    return column
  }

  grow(size: number): void {
    if (this.#filtered || this.#computes) this.#rows.grow(size)
  }

  isLive(slot: number): boolean {
    return this.#filtered ? this.#rows.flag(slot) === MEMBER : this.#input.isLive(slot)
  }

  wasLive(slot: number): boolean {
    if (this.#filling) return false
    return this.#filtered ? this.#rows.flagBefore(slot) === MEMBER : this.#input.wasLive(slot)
  }

  /** The row is a member from now on, or is not. True: it was otherwise. */
  setMember(slot: number, member: boolean): boolean {
    if ((this.#rows.flag(slot) === MEMBER) === member) return false
    this.touch(slot)
    this.#rows.setFlag(slot, member ? MEMBER : 0)
    this.#members += member ? 1 : -1
    return true
  }

  /** Before the first change of a slot's membership or computed cells in a step. */
  touch(slot: number): void {
    if (this.#filling || this.#rows.touch(slot)) this.changes.add(slot)
  }

  /** From now on all rows are new ones: nothing of before is kept. */
  beginFill(): void {
    this.#filling = true
  }

  endFill(): void {
    this.#filling = false
  }

  /** Between steps, while none of its operators runs: it shows all its rows as new ones to what is filled beside it. */
  beginShow(): void {
    this.beginFill()
    for (let slot = 0; slot < this.size; slot++) if (this.isLive(slot)) this.changes.add(slot)
  }

  endShow(): void {
    this.changes.clear()
    this.endFill()
  }

  /** The columns of its input as they are read now: one may have come that nobody read before, or have gone. */
  alignInput(columns: readonly (Column | undefined)[]): void {
    for (const [i, column] of columns.entries()) this.columns[i] = column
  }

  /** See `Records.warm`: what will be computed and published of these rows. */
  warm(slots: SlotList, from: number, to: number): void {
    this.store.warm(slots, from, to)
    if (this.#filtered || this.#computes) this.#rows.warm(slots, from, to)
  }

  /** Takes over what happened to the input's rows; membership has been decided. */
  run(): void {
    const { changes } = this.#input
    this.traffic.rowsIn += changes.size
    for (let i = 0; i < changes.size; i++) {
      const slot = changes.at(i)
      if (!this.#filtered || this.#rows.flag(slot) === MEMBER) this.changes.add(slot)
    }
  }

  finish(): void {
    this.traffic.rowsOut += this.changes.size
    this.changes.clear()
    this.#rows.forget()
  }

  describe(): OperatorInfo {
    return { kind: 'sheet', on: this.view, size: this.count, bytes: this.#rows.records.bytes }
  }

  /** Forgets the sheet's texts. */
  release(): void {
    this.store.dropBeside(this.#rows)
    this.#rows.release()
  }
}
