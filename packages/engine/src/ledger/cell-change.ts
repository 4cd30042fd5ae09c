import { isUnchanged } from '@sheetflow/core/json-special'
import type { RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'

/** One cell in one change. Absent: there was, or is, no such row or column, or nobody knows. */
export interface CellChange {
  readonly column: string
  readonly before?: JsonValue
  readonly after?: JsonValue
}

/** A row with the names of its columns, in the order of its cells. */
export interface NamedCells {
  readonly columns: readonly string[]
  readonly row: RowJson
}

/** The cells in which two rows differ, by name: first those of `after`, then those that only `before` has. */
export function cellChanges(before: NamedCells | null, after: NamedCells | null): readonly CellChange[] {
  const was = cells(before)
  const is = cells(after)
  const changes: CellChange[] = []
  for (const [column, value] of is) {
    const old = was.get(column)
    if (old === undefined) changes.push({ column, after: value })
    else if (!sameJson(old, value)) changes.push({ column, before: old, after: value })
  }
  for (const [column, value] of was) if (!is.has(column)) changes.push({ column, before: value })
  return changes
}

/** A row whose cells that were not sent are those of the row before it. */
export function filled(row: RowJson, base: RowJson | null): RowJson {
  return row.some(isUnchanged) ? row.map((cell, i) => (isUnchanged(cell) && base !== null ? (base[i] ?? cell) : cell)) : row
}

/** Equal values have equal JSON within a type. */
export function sameJson(a: JsonValue, b: JsonValue): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

function cells(named: NamedCells | null): ReadonlyMap<string, JsonValue> {
  return new Map(named === null ? [] : named.columns.map((column, i) => [column, named.row[i] ?? null]))
}
