import type { ColumnSchema } from '@sheetflow/core/schema'

const GRAPHQL_NAME = /^(?!__)[_A-Za-z][_0-9A-Za-z]*$/

/** Names that fields of every row have. */
const TAKEN = ['_key', '_cursor']

/**
 * GraphQL names of a view's columns. A column's own name wherever GraphQL can write it; else every character that it cannot becomes `_`
 * (`Order ID` → `Order_ID`), and a name that is taken gets a number.
 */
export function fieldNames(columns: readonly ColumnSchema[]): ReadonlyMap<string, ColumnSchema> {
  const names = new Map<string, ColumnSchema>()
  const plain = columns.filter((column) => GRAPHQL_NAME.test(column.name) && !TAKEN.includes(column.name))
  for (const column of plain) names.set(column.name, column)
  for (const column of columns) if (!plain.includes(column)) names.set(freeName(column.name, names), column)
  return names
}

function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  const written = name.replace(/[^_0-9A-Za-z]/g, '_').replace(/^(?=[0-9])|^__+/, '_')
  const base = written === '' ? '_' : written
  let free = base
  for (let n = 2; taken.has(free) || TAKEN.includes(free) || !GRAPHQL_NAME.test(free); n++) free = `${base}_${n}`
  return free
}
