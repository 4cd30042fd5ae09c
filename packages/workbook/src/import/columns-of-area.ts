import type { Area, Place } from '../excel/book.ts'
import type { Draft, DraftColumn, DraftTable } from './draft.ts'

/** Whole columns of one table, or why an area is none. */
export type AreaColumns = { readonly table: DraftTable; readonly columns: readonly DraftColumn[] } | { readonly why: string }

/**
 * The columns of the table whose data an area covers from the first row to the last. It may take in the header, and empty cells around: those mean nothing to
 * aggregates and lookups.
 */
export function columnsOfArea(draft: Draft, area: Area, place: Place): AreaColumns {
  const [table, other] = draft.tablesIn(area)
  if (table === undefined) return { why: 'it reads a range of cells that is no table' }
  if (other !== undefined) return { why: `it reads a range over several tables (${table.name}, ${other.name})` }
  const { area: data, header } = table.region
  if (area.top > data.top || area.bottom < data.bottom)
    return { why: `it reads rows ${area.top} to ${area.bottom} of the table ${table.name}, which goes from ${data.top} to ${data.bottom}` }
  const outside = filledOutside(draft, area, data, header, place)
  if (outside !== null) return { why: `the range that it reads takes in ${outside} outside of the table ${table.name}` }
  const right = Math.min(area.right, data.right)
  const columns = table.columns.filter(({ at }) => at >= area.left && at <= right)
  return { table, columns }
}

/** A filled cell of the area that is neither of the table nor the formula's own; as its row and column. */
function filledOutside(draft: Draft, area: Area, data: Area, header: number | null, place: Place): string | null {
  const sheet = draft.book.sheets[area.sheet]
  if (sheet === undefined) return null
  for (let row = area.top; row <= Math.min(area.bottom, sheet.rows); row++) {
    for (let column = area.left; column <= Math.min(area.right, sheet.columns); column++) {
      const isData = row >= (header ?? data.top) && row <= data.bottom && column >= data.left && column <= data.right
      const isOwn = area.sheet === place.sheet && row === place.row && column === place.column
      if (!isData && !isOwn && sheet.value(row, column) !== null) return `row ${row}`
    }
  }
  return null
}
