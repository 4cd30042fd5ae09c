import type { ColumnType } from '@sheetflow/core/type'
import { Column } from '../state/column.ts'
import { grownUint8, roomFor } from '../state/lane.ts'
import type { RowStore } from '../state/row-store.ts'
import { SlotSet } from '../state/slot-set.ts'
import type { MappedRows } from './row-map.ts'
import type { Operator, OperatorInfo, Relation } from './relation.ts'

/**
 * The rows of one sheet: a set of its input's slots, the input's columns, and its computed columns beside them.
 * Rows that left keep their computed cells until they are overwritten: in the step they show what the row was.
 */
export class Sheet implements Relation, MappedRows, Operator {
  readonly view: string
  readonly columns: (Column | undefined)[]
  readonly changes: SlotSet = new SlotSet()
  readonly #input: Relation
  readonly #touched = new SlotSet()
  readonly #computed: Column[] = []
  readonly #filtered: boolean
  #member: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #memberBefore: Uint8Array<ArrayBuffer> = new Uint8Array(64)

  /** `filtered`: rows are members only by `setMember`; else all rows of the input are. */
  constructor(view: string, input: Relation, filtered: boolean) {
    this.view = view
    this.#input = input
    this.#filtered = filtered
    this.columns = [...input.columns]
  }

  get store(): RowStore {
    return this.#input.store
  }

  get size(): number {
    return this.#input.store.size
  }

  /** Adds an empty computed column behind the others. */
  addColumn(type: ColumnType): Column {
    const column = new Column(type, this.store.pool, this.#touched)
    this.#computed.push(column)
    this.columns.push(column)
    return column
  }

  grow(size: number): void {
    for (const column of this.#computed) column.grow(size)
    if (this.#filtered && size > this.#member.length) this.#member = grownUint8(this.#member, roomFor(this.#member.length, size))
  }

  isLive(slot: number): boolean {
    return this.#filtered ? this.#member[slot] === 1 : this.#input.isLive(slot)
  }

  wasLive(slot: number): boolean {
    if (!this.#filtered) return this.#input.wasLive(slot)
    const ordinal = this.#touched.ordinal(slot)
    return (ordinal < 0 ? this.#member[slot] : this.#memberBefore[ordinal]) === 1
  }

  /** The row is a member from now on, or is not. True: it was otherwise. */
  setMember(slot: number, member: boolean): boolean {
    if ((this.#member[slot] === 1) === member) return false
    this.touch(slot)
    this.#member[slot] = member ? 1 : 0
    return true
  }

  /** Before the first change of a slot's membership or computed cells in a step. */
  touch(slot: number): void {
    this.changes.add(slot)
    if (!this.#touched.add(slot)) return
    const ordinal = this.#touched.size - 1
    if (ordinal >= this.#memberBefore.length)
      this.#memberBefore = grownUint8(this.#memberBefore, roomFor(this.#memberBefore.length, ordinal + 1))
    this.#memberBefore[ordinal] = this.#member[slot] ?? 0
    for (const column of this.#computed) column.save(slot, ordinal)
  }

  /** Takes over what happened to the input's rows; membership has been decided. */
  run(): void {
    const { changes } = this.#input
    for (let i = 0; i < changes.size; i++) {
      const slot = changes.at(i)
      if (!this.#filtered || this.#member[slot] === 1) this.changes.add(slot)
    }
  }

  finish(): void {
    this.changes.clear()
    this.#touched.clear()
  }

  describe(): OperatorInfo {
    let size = 0
    for (let slot = 0; slot < this.size; slot++) if (this.isLive(slot)) size += 1
    return { kind: 'sheet', on: this.view, size }
  }

  /** Forgets the sheet's texts. */
  release(): void {
    for (const column of this.#computed) column.release(this.store.pool)
  }
}

/** A row store as an input of a program. Filling a new program shows it every row as one that just came. */
export class StoreRelation implements Relation {
  readonly store: RowStore
  readonly columns: readonly (Column | undefined)[]
  #filling: SlotSet | null = null

  constructor(store: RowStore, columns: readonly (Column | undefined)[]) {
    this.store = store
    this.columns = columns
  }

  get changes(): SlotSet {
    return this.#filling ?? this.store.touched
  }

  isLive(slot: number): boolean {
    return this.store.isLive(slot)
  }

  wasLive(slot: number): boolean {
    return this.#filling === null && this.store.wasLive(slot)
  }

  /** From now on all live rows are new. */
  beginFill(): void {
    this.#filling = new SlotSet()
    for (let slot = 0; slot < this.store.size; slot++) if (this.store.isLive(slot)) this.#filling.add(slot)
  }

  endFill(): void {
    this.#filling = null
  }
}
