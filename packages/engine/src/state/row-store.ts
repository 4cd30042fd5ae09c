import { assert } from '@sheetflow/core/assert'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { Column } from './column.ts'
import { KeyMap } from './key-map.ts'
import type { NormalKey } from './key-map.ts'
import { grownUint8 } from './lane.ts'
import type { Lane } from './lane.ts'
import { NumberKeys } from './number-keys.ts'
import type { Pool } from './pool.ts'
import type { SlotList } from './read-ahead.ts'
import type { Records } from './records.ts'
import { Rows } from './rows.ts'
import type { SlotSet } from './slot-set.ts'

/** Slots of a page: what a checkpoint writes at once. */
export const PAGE_SLOTS = 4096
const PAGE_BITS = 12

/**
 * Rows by key: slots, which of them live, and columns beside each other. Slots are small integers that columns, sheets and indexes share; a
 * slot is given to another key only after the step in which its row died has ended, so within a step a slot is one key.
 *
 * A step: `enter` or `kill` slots, set cells of slots that were entered, let operators read now and before, then `finishStep`.
 */
export class RowStore {
  readonly pool: Pool
  /** The flag of a slot: the snapshot run that last set its live row (FORMATS 6.7), plus one; 0: the slot is dead. */
  readonly #rows = new Rows()
  readonly #keys: KeyMap
  #keyColumns: readonly Column[] = []
  #wholeKey: Lane | null = null
  /** Further cells of the rows: those that sheets compute. */
  readonly #beside: Rows[] = []
  readonly #free: number[] = []
  /** Pages that changed since the last checkpoint. */
  #dirty: Uint8Array<ArrayBuffer> = new Uint8Array(1)
  #size = 0
  #count = 0

  constructor(keyTypes: readonly ColumnType[], pool: Pool) {
    this.pool = pool
    this.#keys = new KeyMap(keyTypes, new NumberKeys(this.#rows.records, this.#rows.addNumber()))
  }

  /** Slots that this step touched; the columns' memory of before is aligned with it. */
  get touched(): SlotSet {
    return this.#rows.touched
  }

  /** The records of the rows, by slot: operators have fields of their own in them (`addInt`), which nobody else reads. */
  get records(): Records {
    return this.#rows.records
  }

  /** A field of 4 bytes of each row for an operator, 0 to begin with and when the row dies by what the operator does. Between steps. */
  addInt(): number {
    return this.#rows.addInt()
  }

  /** The operator is no more. */
  freeInt(at: number): void {
    this.#rows.freeInt(at)
  }

  /** About how many bytes its rows and their keys take: without texts, and without what sheets compute beside them. */
  get bytes(): number {
    return this.#rows.records.bytes + this.#keys.bytes
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
    return this.#rows.addColumn(type, this.pool)
  }

  setKeyColumns(columns: readonly Column[]): void {
    this.#keyColumns = columns
    const [only] = columns
    const isWhole = columns.length === 1 && (only?.type.type === 'int' || only?.type.type === 'bigint')
    this.#wholeKey = isWhole && only !== undefined ? only.now : null
  }

  /** The slot of a live row, or of one that died in this step; −1: none. */
  find(key: KeyJson): number {
    return this.#keys.find(this.#keys.normal(key))
  }

  /** As `find`, of a key in normal form. */
  findNormal(key: NormalKey): number {
    return this.#keys.find(key)
  }

  /** The normal form of a key, for `findNormal` and `enterAt`. */
  normalKey(key: KeyJson): NormalKey {
    return this.#keys.normal(key)
  }

  /** The same of a key whose cells stand in lanes. */
  normalKeyAt(lanes: readonly Lane[], i: number): NormalKey {
    return this.#keys.normalAt(lanes, i)
  }

  isLive(slot: number): boolean {
    return slot < this.#size && this.#rows.flag(slot) !== 0
  }

  wasLive(slot: number): boolean {
    return slot < this.#size && this.#rows.flagBefore(slot) !== 0
  }

  /** The snapshot run that last set the row; −1: there is none. */
  run(slot: number): number {
    return this.#rows.flag(slot) - 1
  }

  /** The slot of the key, live from now on, its cells ready to be set. */
  enter(key: KeyJson, run: number): number {
    const normal = this.#keys.normal(key)
    return this.enterAt(this.#keys.find(normal), normal, run)
  }

  /** As `enter`, where `findNormal` has just said `known`. */
  enterAt(known: number, key: NormalKey, run: number): number {
    const slot = known >= 0 ? known : this.#allocate()
    if (known >= 0) this.touch(slot)
    else {
      this.#keys.add(key, slot)
      this.#rows.touchNew(slot)
      this.#noteDirty(slot)
    }
    if (this.#rows.flag(slot) === 0) this.#count += 1
    this.#rows.setFlag(slot, run + 1)
    return slot
  }

  /** The row is gone; its cells can be read until the step ends. */
  kill(slot: number): void {
    if (!this.isLive(slot)) return
    this.touch(slot)
    this.#rows.setFlag(slot, 0)
    this.#count -= 1
  }

  /** Before the first change of a slot in a step. */
  touch(slot: number): void {
    if (this.#rows.touch(slot)) this.#noteDirty(slot)
  }

  /** Cells of the same rows stand there too: who reads a row ahead reads those. */
  addBeside(rows: Rows): void {
    this.#beside.push(rows)
  }

  /** They are no more. */
  dropBeside(rows: Rows): void {
    const at = this.#beside.indexOf(rows)
    if (at >= 0) this.#beside.splice(at, 1)
  }

  /** Reads all that is kept of a row ahead, in one go (`Records.peek`). No slot (−1): nothing. */
  peek(slot: number): number {
    if (slot < 0) return 0
    let read = this.#rows.peek(slot)
    for (let i = 0; i < this.#beside.length; i++) read ^= (this.#beside[i] as Rows).peek(slot)
    return read
  }

  /** See `Records.warm`. */
  warm(slots: SlotList, from: number, to: number): void {
    this.#rows.warm(slots, from, to)
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

  /** The cells of a key that is one column of whole numbers, by which its rows are ordered (unless `units` is NaN); null: it is of another kind. */
  get wholeKey(): Lane | null {
    return this.#wholeKey
  }

  /** Ends the step: the dead lose their keys and cells, their slots are free. */
  finishStep(): void {
    const { touched } = this
    for (let i = 0; i < touched.size; i++) {
      const slot = touched.at(i)
      if (this.#rows.flag(slot) === 0) this.#release(slot)
    }
    this.#rows.forget()
  }

  /** The slots of a page as a checkpoint keeps them: 0 for the dead, the run plus one for the living. */
  rowsPage(from: number): Int32Array {
    const to = Math.min(from + PAGE_SLOTS, this.#size)
    return Int32Array.from({ length: to - from }, (_, i) => this.#rows.flag(from + i))
  }

  /** Pages with rows that came, went or changed since the last call that said `clear`. */
  dirtyPages(clear: boolean): number[] {
    const pages: number[] = []
    for (let page = 0; page < this.#dirty.length; page++) if (this.#dirty[page] === 1) pages.push(page)
    if (clear) this.#dirty.fill(0)
    return pages
  }

  /** Takes pages of `rowsPage` back; then columns are decoded, then `restoreKeys`. */
  restoreRows(from: number, runs: Int32Array): void {
    assert(this.touched.size === 0, 'state is restored between steps')
    this.#grow(from + runs.length)
    for (const [i, run] of runs.entries()) this.#rows.setFlag(from + i, run)
    this.#size = Math.max(this.#size, from + runs.findLastIndex((run) => run !== 0) + 1)
  }

  /** Makes room for slots below `wanted`: pages of columns may come before those of rows. */
  reserve(wanted: number): void {
    this.#grow(wanted)
  }

  restoreKeys(): void {
    this.#keys.clear()
    this.#free.length = 0
    this.#count = 0
    for (let slot = this.#size - 1; slot >= 0; slot--) {
      if (this.#rows.flag(slot) === 0) {
        this.#free.push(slot)
        continue
      }
      this.#count += 1
      this.#keys.add(this.#keys.normal(this.keyJson(slot)), slot)
    }
  }

  /** Forgets a column that no program uses. */
  dropColumn(column: Column): void {
    this.#rows.dropColumn(column)
  }

  /** Forgets the texts of all columns. The store is not used again. */
  release(): void {
    this.#rows.release()
  }

  #allocate(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    this.#grow(this.#size + 1)
    return this.#size++
  }

  #grow(wanted: number): void {
    if (wanted <= this.#rows.capacity) return
    this.#rows.grow(wanted)
    this.#dirty = grownUint8(this.#dirty, Math.ceil(this.#rows.capacity / PAGE_SLOTS))
  }

  #noteDirty(slot: number): void {
    this.#dirty[slot >>> PAGE_BITS] = 1
  }

  #release(slot: number): void {
    this.#keys.remove(slot)
    this.#rows.blank(slot)
    this.#free.push(slot)
  }
}
