import { comparatorFor } from '@sheetflow/core/compare'
import type { KeyColumn, SortColumn } from '@sheetflow/core/wire'
import type { ListWatcher, LiveList } from './live-list.ts'
import type { SharedRow } from './row-table.ts'

/** How the rows of a list are ordered: terms first, ties by the key. */
export interface RowOrder {
  readonly order: readonly SortColumn[]
  readonly key: readonly KeyColumn[]
}

/** When more than this share of the rows changed at once, sorting anew is cheaper than placing each. */
const SORT_ANEW_SHARE = 0.25

/** A live list in the server's order. What changed since the last look is put in its place; the rest is not touched. */
export class OrderedRows implements ListWatcher {
  readonly #list: LiveList
  readonly #compare: (a: SharedRow, b: SharedRow) => number
  readonly #touched = new Set<SharedRow>()
  #rows: readonly SharedRow[] = []

  constructor(list: LiveList, order: RowOrder) {
    this.#list = list
    this.#compare = rowComparator(order)
    for (const row of list.members.values()) this.#touched.add(row)
  }

  rowTouched(row: SharedRow): void {
    this.#touched.add(row)
  }

  /** The rows in order. The array is the same as long as nothing changed. */
  rows(): readonly SharedRow[] {
    if (this.#touched.size === 0) return this.#rows
    const { members } = this.#list
    if (this.#touched.size > members.size * SORT_ANEW_SHARE) this.#rows = [...members.values()].toSorted(this.#compare)
    else this.#rows = this.#placed(members)
    this.#touched.clear()
    return this.#rows
  }

  #placed(members: ReadonlyMap<string, SharedRow>): SharedRow[] {
    const rows = this.#rows.filter((row) => !this.#touched.has(row))
    for (const row of this.#touched) if (members.get(row.id) === row) rows.splice(this.#placeOf(rows, row), 0, row)
    return rows
  }

  #placeOf(rows: readonly SharedRow[], row: SharedRow): number {
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(rows[middle] as SharedRow, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The server's order (FORMATS 2): term by term, Blank first in `asc` and last in `desc`, ties by the smaller key. */
function rowComparator({ order, key }: RowOrder): (a: SharedRow, b: SharedRow) => number {
  const terms = order.map((term) => ({ column: term.column, compare: comparatorFor(term), sign: term.direction === 'asc' ? 1 : -1 }))
  const keys = key.map((column) => comparatorFor(column))
  return (a, b) => {
    for (const { column, compare, sign } of terms) {
      const difference = compare(a.cells.get(column)?.value ?? null, b.cells.get(column)?.value ?? null)
      if (difference !== 0) return difference * sign
    }
    for (const [i, compare] of keys.entries()) {
      const difference = compare(a.key[i] ?? null, b.key[i] ?? null)
      if (difference !== 0) return difference
    }
    return 0
  }
}
