import { sameJson } from '@sheetflow/core/json-text'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import { filled } from './conflation.ts'
import type { Projection } from './projection.ts'
import type { KeyedRow } from './rolled-read.ts'

/** Total order of the rows of a window: its `order_by`, ties by key. */
export type RowOrder = (a: KeyedRow, b: KeyedRow) => number

/**
 * The first rows of a predicate in an order, as far as they are known: everything at or above the bound, nothing below it.
 * Clients see the first `limit` of them; the others stand by, so that a row that leaves can be replaced without a read.
 */
export class WindowContent {
  readonly #limit: number
  readonly #capacity: number
  readonly #compare: RowOrder
  readonly #projection: Projection
  #rows: WindowRow[] = []
  readonly #byKey = new Map<string, WindowRow>()
  /** The last row that is surely known; null = all rows of the predicate are known. */
  #bound: KeyedRow | null = null
  /** What clients have. */
  #shown = new Map<string, WindowRow>()

  /** Keeps up to `capacity ≥ limit` rows when it is trimmed. */
  constructor(options: { readonly limit: number; readonly capacity: number; readonly compare: RowOrder; readonly projection: Projection }) {
    this.#limit = options.limit
    this.#capacity = options.capacity
    this.#compare = options.compare
    this.#projection = options.projection
  }

  /** Fewer rows than clients should see are known, and there may be more below the bound. */
  get short(): boolean {
    return this.#bound !== null && this.#rows.length < this.#limit
  }

  /** Replaces everything by the first rows; `isAll`: there are no more. */
  load(rows: readonly KeyedRow[], isAll: boolean): void {
    this.#rows = rows.map((row) => windowRow(row.key, row.row)).toSorted(this.#compare)
    this.#byKey.clear()
    for (const row of this.#rows) this.#byKey.set(row.id, row)
    this.#bound = isAll ? null : (this.#rows.at(-1) ?? null)
  }

  /** The row of `key` is now `after`, or none that the predicate accepts (null). */
  apply(key: KeyJson, after: RowJson | null): void {
    const id = JSON.stringify(key)
    const known = this.#byKey.get(id)
    if (known !== undefined) {
      this.#byKey.delete(id)
      this.#rows.splice(this.#rows.indexOf(known), 1)
    }
    if (after === null) return
    const row: WindowRow = { id, key, row: filled(after, known?.row) }
    if (this.#bound !== null && this.#compare(row, this.#bound) > 0) return
    this.#rows.splice(this.#placeOf(row), 0, row)
    this.#byKey.set(id, row)
  }

  /** Forgets what is beyond the capacity. Not between the changes that roll rows forward: those may need what was read for them. */
  trim(): void {
    if (this.#rows.length <= this.#capacity) return
    for (const { id } of this.#rows.splice(this.#capacity)) this.#byKey.delete(id)
    this.#bound = this.#rows.at(-1) ?? null
  }

  /** What clients have to be told since they were told last, as live rows in JSON text. */
  takeDifference(): string[] {
    const rows: string[] = []
    const now = new Map(this.#rows.slice(0, this.#limit).map((row) => [row.id, row]))
    for (const [id, row] of this.#shown) if (!now.has(id)) rows.push(this.#projection.deleted(row.key))
    for (const [id, row] of now) {
      const text = this.#rowDifference(this.#shown.get(id), row)
      if (text !== null) rows.push(text)
    }
    this.#shown = now
    return rows
  }

  /** All that clients should see, as live rows in JSON text. */
  content(): string[] {
    return this.#rows.slice(0, this.#limit).map((row) => this.#projection.created(row.key, row.row))
  }

  /** Clients have been told everything. */
  markShown(): void {
    this.#shown = new Map(this.#rows.slice(0, this.#limit).map((row) => [row.id, row]))
  }

  #rowDifference(shown: WindowRow | undefined, row: WindowRow): string | null {
    if (shown === undefined) return this.#projection.created(row.key, row.row)
    if (shown === row) return null
    const changed = this.#projection.columns.filter((place) => !sameJson(shown.row[place] ?? null, row.row[place] ?? null))
    return changed.length === 0 ? null : this.#projection.updatedColumns(row.key, row.row, changed)
  }

  #placeOf(row: WindowRow): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(this.#rows[middle] as WindowRow, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

interface WindowRow extends KeyedRow {
  readonly id: string
}

function windowRow(key: KeyJson, row: RowJson): WindowRow {
  return { id: JSON.stringify(key), key, row }
}
