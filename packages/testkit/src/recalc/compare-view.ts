import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import { isJsonError } from '@sheetflow/core/json-special'
import { Decimal } from '@sheetflow/core/decimal'
import { toJson } from '@sheetflow/core/json-codec'
import type { RowJson } from '@sheetflow/core/message'
import type { ColumnSchema, SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue, Value } from '@sheetflow/core/value'
import type { PlainColumn, PlainRelation } from './model.ts'
import { columnAt } from './model.ts'

/** Two doubles that differ less than this, in proportion, were computed in another order of operations. */
const TOLERANCE = 1e-12
/** The smallest doubles have one or two digits. */
const NOTHING = 1e-300

/**
 * Is what readers hold of a view what was recalculated, cell by cell? Null, or the first difference. Rows are found by their key, in which they are equal to the
 * letter. Decimals that a sheet passes on have the zeros of their source, others none.
 */
export function differenceOf(view: PlainRelation, schema: Pick<SheetSchema, 'columns' | 'key'>, rows: readonly RowJson[]): string | null {
  const names = view.columns.map((column) => column.name)
  const shown = schema.columns.map((column) => column.name)
  if (names.toSorted().join() !== shown.toSorted().join()) return `columns are ${shown.join(' ')}, expected ${names.join(' ')}`
  const places = shown.map((name) => columnAt(view, name))
  const columns = places.map((at) => must(view.columns[at]))
  for (const [i, column] of schema.columns.entries()) {
    const { type, isEmpty } = must(columns[i])
    // What reads a column that is gone is an error wherever it is something, of whatever type.
    const isLost = isEmpty === true || view.rows.every((row) => row.get(must(places[i])) === null || isCellError(row.get(must(places[i]))))
    if (type !== null && type.type !== column.type && !isLost) return `${column.name} is ${column.type}, expected ${type.type}`
  }
  const keyOf = (row: RowJson): string => JSON.stringify(schema.key.map((name) => row[shown.indexOf(name)] ?? null))
  const expected = new Map(
    view.rows.map((row) => {
      const cells = schema.columns.map((column, i) => jsonOf(column, must(columns[i]), row.get(must(places[i]))))
      return [keyOf(cells), cells] as const
    }),
  )
  if (expected.size !== view.rows.length) return 'two recalculated rows have one key'
  const found = new Set<string>()
  for (const row of rows) {
    const key = keyOf(row)
    const wanted = expected.get(key)
    if (wanted === undefined) return `row ${key} is there, and should not be: ${JSON.stringify(row)}`
    found.add(key)
    for (const [i, column] of schema.columns.entries()) {
      const [got, cell] = [row[i] ?? null, wanted[i] ?? null]
      if (!isSame(column, got, cell)) return `${key} ${column.name} is ${JSON.stringify(got)}, expected ${JSON.stringify(cell)}`
    }
  }
  const missing = [...expected].find(([key]) => !found.has(key))
  return missing === undefined ? null : `row ${missing[0]} is not there: ${JSON.stringify(missing[1])}`
}

function jsonOf(column: ColumnSchema, { kept }: PlainColumn, value: Value): JsonValue {
  if (value instanceof Decimal) return column.type === 'decimal' ? (kept === true ? value : value.normalize()).toString() : value.toString()
  if (isCellError(value)) return toJson(column, value)
  return column.type === 'double' && typeof value === 'number' ? value + 0 : toJson(column, value)
}

function isSame(column: ColumnSchema, got: JsonValue, expected: JsonValue): boolean {
  if (JSON.stringify(got) === JSON.stringify(expected)) return true
  if (column.type === 'double' && typeof got === 'number' && typeof expected === 'number') {
    return Math.abs(got - expected) <= TOLERANCE * Math.max(Math.abs(got), Math.abs(expected)) + NOTHING
  }
  // A column that is gone is called by what it was called, or by nothing.
  return isError(got) && isError(expected) && got.e === expected.e && got.e === '#REF!'
}

function isError(value: JsonValue): value is { readonly e: string } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isJsonError(value)
}
