import { assert } from '@sheetflow/core/assert'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import { Column, PAGE_SLOTS } from './column.ts'
import { KeyMap } from './key-map.ts'
import type { NormalKey } from './key-map.ts'
import { grownInt32, grownUint8, roomFor } from './lane.ts'
import type { Pool } from './pool.ts'
import { SlotSet } from './slot-set.ts'

/**
 * Rows by key: slots, which of them live, and columns beside each other. Slots are small integers that columns, sheets and indexes share; a
 * slot is given to another key only after the step in which its row died has ended, so within a step a slot is one key.
 *
 * A step: `enter` or `kill` slots, set cells of slots that were entered, let operators read now and before, then `finishStep`.
 */
export class RowStore {
  /** Slots that this step touched; the columns' memory of before is aligned with it. */
  readonly touched: SlotSet = new SlotSet()
  readonly pool: Pool
  readonly #keys: KeyMap
  readonly #columns = new Set<Column>()
  #keyColumns: readonly Column[] = []
  readonly #free: number[] = []
  #live: Uint8Array<ArrayBuffer> = new Uint8Array(64)
  #liveBefore: Uint8Array<ArrayBuffer> = new Uint8Array(64)
  /** The snapshot run that last set each row (FORMATS 6.7). */
  #runs: Int32Array<ArrayBuffer> = new Int32Array(64)
  /** The normal form of each slot's key. */
  readonly #normals: NormalKey[] = []
  #dirty = new Set<number>()
  #size = 0
  #count = 0

  constructor(keyTypes: readonly ColumnType[], pool: Pool) {
    this.pool = pool
    this.#keys = new KeyMap(keyTypes)
  }

  /** Slots ever used: every live slot is below. */
  get size(): number {
    return this.#size
  }

  /** Live rows. */
  get count(): number {
    return this.#count
  }

  /** Cells of the new column are Blank. Key columns must be named by `setKeyColumns` before the first row. */
  addColumn(type: ColumnType): Column {
    const column = new Column(type, this.pool, this.touched)
    column.grow(this.#live.length)
    // A column that comes between steps has no before; one that comes in a step was Blank.
    for (let ordinal = 0; ordinal < this.touched.size; ordinal++) column.save(this.touched.at(ordinal), ordinal)
    this.#columns.add(column)
    return column
  }

  setKeyColumns(columns: readonly Column[]): void {
    this.#keyColumns = columns
  }

  /** The slot of a live row, or of one that died in this step; −1: none. */
  find(key: KeyJson): number {
    return this.#keys.find(this.#keys.normal(key))
  }

  isLive(slot: number): boolean {
    return this.#live[slot] === 1
  }

  wasLive(slot: number): boolean {
    const ordinal = this.touched.ordinal(slot)
    return (ordinal < 0 ? this.#live[slot] : this.#liveBefore[ordinal]) === 1
  }

  run(slot: number): number {
    return this.#runs[slot] as number
  }

  /** The slot of the key, live from now on, its cells ready to be set. */
  enter(key: KeyJson, run: number): number {
    const normal = this.#keys.normal(key)
    const known = this.#keys.find(normal)
    const slot = known >= 0 ? known : this.#allocate()
    if (known < 0) {
      this.#keys.set(normal, slot)
      this.#normals[slot] = normal
    }
    this.touch(slot)
    if (this.#live[slot] === 0) {
      this.#live[slot] = 1
      this.#count += 1
    }
    this.#runs[slot] = run
    return slot
  }

  /** The row is gone; its cells can be read until the step ends. */
  kill(slot: number): void {
    if (this.#live[slot] === 0) return
    this.touch(slot)
    this.#live[slot] = 0
    this.#count -= 1
  }

  /** Before the first change of a slot in a step. */
  touch(slot: number): void {
    if (!this.touched.add(slot)) return
    const ordinal = this.touched.size - 1
    if (ordinal >= this.#liveBefore.length) this.#liveBefore = grownUint8(this.#liveBefore, roomFor(this.#liveBefore.length, ordinal + 1))
    this.#liveBefore[ordinal] = this.#live[slot] as number
    this.#dirty.add(Math.floor(slot / PAGE_SLOTS))
    for (const column of this.#columns) column.save(slot, ordinal)
  }

  keyJson(slot: number): KeyJson {
    return this.#keyColumns.map((column) => column.json(slot))
  }

  /** Order of keys (FORMATS 2), by column. */
  compareKeys(a: number, b: number): number {
    for (const column of this.#keyColumns) {
      const order = column.now.compare(a, column.now, b)
      if (order !== 0) return order
    }
    return 0
  }

  /** Ends the step: the dead lose their keys and cells, their slots are free. */
  finishStep(): void {
    for (let i = 0; i < this.touched.size; i++) {
      const slot = this.touched.at(i)
      if (this.#live[slot] === 0) this.#release(slot)
    }
    this.touched.clear()
  }

  /** Slots `from..to-1` as a checkpoint keeps them: which live, and their runs. */
  rowsPage(from: number): { readonly live: Uint8Array; readonly runs: Int32Array } {
    return { live: this.#live.subarray(from, from + PAGE_SLOTS), runs: this.#runs.subarray(from, from + PAGE_SLOTS) }
  }

  /** Pages whose liveness or runs may have changed since the last call that said `clear`. */
  dirtyPages(clear: boolean): number[] {
    const pages = [...this.#dirty].sort((a, b) => a - b)
    if (clear) this.#dirty = new Set()
    return pages
  }

  /** Takes pages of `rowsPage` back; then columns are decoded, then `restoreKeys`. */
  restoreRows(from: number, live: Uint8Array, runs: Int32Array): void {
    assert(this.touched.size === 0, 'state is restored between steps')
    this.#grow(from + live.length)
    this.#live.set(live, from)
    this.#runs.set(runs, from)
    this.#size = Math.max(this.#size, from + live.lastIndexOf(1) + 1)
  }

  /** Makes room for slots below `wanted`: pages of columns may come before those of rows. */
  reserve(wanted: number): void {
    this.#grow(wanted)
  }

  restoreKeys(): void {
    this.#keys.clear()
    this.#free.length = 0
    this.#count = 0
    for (let slot = 0; slot < this.#size; slot++) this.#normals[slot] = 0
    for (let slot = this.#size - 1; slot >= 0; slot--) {
      if (this.#live[slot] === 0) {
        this.#free.push(slot)
        continue
      }
      const normal = this.#keys.normal(this.keyJson(slot))
      this.#count += 1
      this.#normals[slot] = normal
      this.#keys.set(normal, slot)
    }
  }

  /** Forgets a column that no program uses. */
  dropColumn(column: Column): void {
    this.#columns.delete(column)
    column.release(this.pool)
  }

  #allocate(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    this.#grow(this.#size + 1)
    return this.#size++
  }

  #grow(wanted: number): void {
    if (wanted <= this.#live.length) return
    const capacity = roomFor(this.#live.length, wanted)
    this.#live = grownUint8(this.#live, capacity)
    this.#runs = grownInt32(this.#runs, capacity)
    for (const column of this.#columns) column.grow(capacity)
  }

  #release(slot: number): void {
    this.#keys.delete(this.#normals[slot] as NormalKey, slot)
    for (const column of this.#columns) column.now.set(slot, null)
    this.#free.push(slot)
  }
}
