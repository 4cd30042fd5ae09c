import { utf8Length } from '@sheetflow/core/text'
import type { JsonValue } from '@sheetflow/core/value'

/**
 * Bytes that the published cells of a row take at most, as JSON. A change tells them twice in one message, as they are and as they were, and an append of the bus
 * takes 4 MiB (port `Bus`).
 */
export const ROW_BYTES: number = 1.5 * 1024 * 1024

/** Bytes that a UTF-16 unit takes at most: escaped. */
const UNIT_BYTES = 6
/** More than any cell takes that is no text and no list. */
const OTHER_BYTES = 400

/**
 * The cells of a row as readers see them: of one that no message could carry the largest are `#VALUE!` of their column, until it fits, of equal ones the last first. That follows from the cells
 * alone, so it is what was told before when they are the cells of before. The same array: all of it fits.
 *
 * @param names of the columns
 */
export function fittedCells(cells: readonly JsonValue[], names: readonly string[]): readonly JsonValue[] {
  if (isSmall(cells)) return cells
  const sizes = cells.map(sizeOf)
  let size = sizes.reduce((sum, one) => sum + one + 1, 1)
  if (size <= ROW_BYTES) return cells
  const fitted = [...cells]
  for (const i of [...cells.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || b - a)) {
    if (size <= ROW_BYTES) break
    const error = { e: '#VALUE!', of: names[i] ?? '' }
    size += sizeOf(error) - (sizes[i] ?? 0)
    fitted[i] = error
  }
  return fitted
}

/** Without a look at the letters. */
function isSmall(cells: readonly JsonValue[]): boolean {
  let most = 0
  for (const cell of cells) {
    if (typeof cell === 'string') most += UNIT_BYTES * cell.length
    else most += Array.isArray(cell) ? sizeOf(cell) : OTHER_BYTES
  }
  return most <= ROW_BYTES
}

function sizeOf(cell: JsonValue): number {
  return utf8Length(JSON.stringify(cell))
}
