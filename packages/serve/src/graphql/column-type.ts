import type { ColumnSchema } from '@sheetflow/core/schema'

/** The type of a column, without its name and the rest of its schema. */
export function typeOf(columns: readonly ColumnSchema[], name: string): Readonly<Record<string, unknown>> {
  const column = columns.find((c) => c.name === name)
  if (column === undefined) return {}
  switch (column.type) {
    case 'decimal':
      return { type: column.type, ...(column.p === undefined ? {} : { p: column.p }), ...(column.s === undefined ? {} : { s: column.s }) }
    case 'list':
      return { type: column.type, of: column.of }
    default:
      return { type: column.type }
  }
}
