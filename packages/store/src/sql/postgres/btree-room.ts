import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { cellOf } from './cell.ts'
import type { ViewTable } from './view-table.ts'

/**
 * An entry of a B-tree has 2,704 bytes at most, for all of its columns together, and Postgres refuses a row of which an entry would be longer. So a column with
 * a cell that is too long is in no B-tree (`Tables.relieve`): the index gives way, never the row.
 */
const ENTRY_BYTES = 2_696
/** What a cell takes beside its bytes: a header, and what brings the next one to its place. */
const HEADER_BYTES = 8
/** Cells of all other columns have no more: an error, a moment, a double. */
const BOUNDED_BYTES = 40

/** How many bytes a cell may have in a B-tree over these columns, if all that may be long are. */
export function roomIn(table: ViewTable, columns: readonly number[]): number {
  const long = columns.filter((column) => mayBeLong(table, column)).length
  const bounded = columns.length - long
  return Math.floor((ENTRY_BYTES - bounded * (BOUNDED_BYTES + HEADER_BYTES)) / Math.max(long, 1)) - HEADER_BYTES
}

/** Has the column's type values of any length? */
export function mayBeLong(table: ViewTable, column: number): boolean {
  const type: ColumnType | undefined = table.schema.columns[column]
  switch (type?.type) {
    case 'text':
    case 'json':
    case 'bytes':
    case 'list':
    case 'decimal':
    case 'bigint':
      return true
    default:
      return false
  }
}

/** SQL: is a stored cell longer than that? */
export function isLongSql(table: ViewTable, column: number, room: number): string {
  const size = table.lane(column).column === 'text' ? 'octet_length' : 'pg_column_size'
  return `${size}(c${column}) > ${room}`
}

/** Is the cell of a value longer than that? What it is written as has three bytes a letter at most, and two letters for each byte. */
export function isLong(table: ViewTable, column: number, json: JsonValue, room: number): boolean {
  if (typeof json !== 'string') return Array.isArray(json) && Buffer.byteLength(cellOf(table.lane(column), json)) > room
  if (json.length * 3 + HEADER_BYTES <= room) return false
  const lane = table.lane(column)
  // Two digits a byte.
  return lane.column === 'numeric' ? json.length / 2 + HEADER_BYTES > room : Buffer.byteLength(cellOf(lane, json)) > room
}
