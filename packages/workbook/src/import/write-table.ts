import { toJson } from '@sheetflow/core/json-codec'
import { unreachable } from '@sheetflow/core/assert'
import type { ColumnType } from '@sheetflow/core/type'
import type { TableRows } from './table-rows.ts'

/** The rows as CSV (RFC 4180): a header, Blank as an empty field, dates as ISO writes them. */
export function writeCsv({ columns, rows }: TableRows): string {
  const lines = rows.map((row) =>
    columns.map(({ type }, index) => {
      const json = toJson(type, row[index] ?? null)
      return json === null ? '' : field(typeof json === 'string' ? json : JSON.stringify(json))
    }),
  )
  return [columns.map(({ name }) => name), ...lines].map((line) => `${line.join(',')}\n`).join('')
}

/** An empty text is in quotes: without them it would be Blank. */
function field(text: string): string {
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A script for psql, run beside the CSV files, that makes the tables and loads them. */
export function loadScript(tables: readonly { readonly name: string; readonly rows: TableRows }[]): string {
  const parts = tables.map(({ name, rows: { columns, key } }) => {
    const lines = columns.map((column) => `  "${column.name}" ${sqlType(column.type)}${column.name === key ? ' primary key' : ''}`)
    return `create table "${name}" (\n${lines.join(',\n')}\n);\n\\copy "${name}" from '${name}.csv' with (format csv, header true)\n`
  })
  return `-- psql "$DATABASE_URL" -f load.sql, in this folder\n${parts.join('\n')}`
}

function sqlType({ type }: ColumnType): string {
  switch (type) {
    case 'int':
      return 'integer'
    case 'decimal':
      return 'numeric'
    case 'double':
      return 'double precision'
    case 'bool':
      return 'boolean'
    case 'text':
    case 'date':
    case 'time':
    case 'timestamp':
      return type
    default:
      return unreachable(type as never)
  }
}
