import { must } from '@sheetflow/core/assert'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { compareValues } from '@sheetflow/core/compare'
import { fold } from '@sheetflow/core/fold'
import { valueKey } from '@sheetflow/core/key'
import { compareText } from '@sheetflow/core/text'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { BoundRows, OrderBy, StackPart } from '@sheetflow/formula/bound'
import { mergeKeys } from '@sheetflow/formula/merge-key'
import type { RowReader } from '@sheetflow/formula/compile/compile-host'
import { conversion } from '@sheetflow/formula/value/convert'

/** Cells of one row. */
export type Cells = readonly Value[]

/** Rows that are there, in key order, with the types of their columns. */
export interface PlainRows {
  readonly types: readonly ColumnType[]
  readonly rows: readonly RowReader[]
}

/** TAKE (and DROP, which keeps the others): sorted as Excel sorts (Blank last in both directions), equal ones as they stand, which is in key order. */
export function firstRows(rows: readonly RowReader[], order: readonly OrderBy[], count: number, drops: boolean): readonly RowReader[] {
  const sorted = rows.toSorted((a, b) => {
    for (const { column, descending } of order) {
      const [x, y] = [a.get(column), b.get(column)]
      if (x === null && y === null) continue
      if (x === null || y === null) return x === null ? 1 : -1
      const found = sortOrder(x, y)
      if (found !== 0) return descending ? -found : found
    }
    return 0
  })
  const taken = new Set(count < 0 ? sorted.slice(count) : sorted.slice(0, count))
  return rows.filter((row) => taken.has(row) !== drops)
}

function sortOrder(a: Value, b: Value): number {
  return typeof a === 'string' && typeof b === 'string' ? compareText(fold(a), fold(b)) : compareValues(a, b)
}

/** UNIQUE and the groups of GROUPBY: the first row of each group shows it. */
export function distinctRows(rows: readonly RowReader[], columns: readonly number[]): Cells[] {
  const groups = new Map<string, Cells>()
  for (const row of rows) {
    const cells = columns.map((column) => row.get(column))
    if (cells.some(isCellError)) continue
    const key = JSON.stringify(cells.map((cell) => (typeof cell === 'string' ? ['text', fold(cell)] : ['other', valueKey(cell)])))
    if (!groups.has(key)) groups.set(key, cells)
  }
  return [...groups.values()]
}

/** VSTACK: one part after the other. `types`: of the stack's columns. */
export function stackedRows(
  parts: readonly (PlainRows & { readonly label: string; readonly columns: StackPart['columns'] })[],
  types: readonly ColumnType[],
): Cells[] {
  return parts.flatMap((part) =>
    part.rows.map((row) => [
      part.label,
      ...part.columns.map((column, i) => {
        if (column === null) return null
        if (typeof column !== 'number') return new CellError('#REF!', column.lost)
        const convert = conversion(must(part.types[column]), must(types[i + 1]))
        const value = row.get(column)
        return convert === null ? value : convert(value)
      }),
    ]),
  )
}

/** MERGE: every left row with every right one that is equal; `on` as lookups compare. */
export function mergedRows(
  left: readonly RowReader[],
  right: readonly RowReader[],
  { on, keepsLeft, columns }: BoundRows & { readonly kind: 'merge' },
): Cells[] {
  const blanks = columns.right.map(() => null)
  return left.flatMap((row) => {
    const partners = right.filter((other) =>
      on.every((pair) => {
        const [leftKey, rightKey] = mergeKeys(pair.beside)
        const key = leftKey(row.get(pair.left))
        return key !== null && key === rightKey(other.get(pair.right))
      }),
    )
    const own = columns.left.map((column) => row.get(column))
    if (partners.length === 0) return keepsLeft ? [[...own, ...blanks]] : []
    return partners.map((other) => [...own, ...columns.right.map((column) => other.get(column))])
  })
}
