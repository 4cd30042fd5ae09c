import { printCorner } from '@sheetflow/formula/syntax/cell-address'

/** `C12`. */
export function addressOf(row: number, column: number): string {
  return printCorner({ row: { at: row, fixed: false }, column: { at: column, fixed: false } })
}
