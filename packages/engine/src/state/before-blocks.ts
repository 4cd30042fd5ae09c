/** Rows of before stand in blocks (`BeforeRows`), by ordinal. */

const BLOCK_BITS = 16
/** Rows of a block. */
export const BLOCK_ROWS: number = 1 << BLOCK_BITS

/** The block that has the row of before with this ordinal. */
export function blockOf(ordinal: number): number {
  return ordinal >>> BLOCK_BITS
}

/** The row's place in it. */
export function placeOf(ordinal: number): number {
  return ordinal & (BLOCK_ROWS - 1)
}
