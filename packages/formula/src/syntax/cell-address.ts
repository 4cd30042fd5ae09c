import type { Corner, CornerPart } from './node.ts'

/** Excel's last column, XFD, and last row. */
const LAST_COLUMN = 16_384
const LAST_ROW = 1_048_576

const ADDRESS = /^(?:(\$?)([A-Z]{1,3}))?(?:(\$?)([1-9]\d{0,6}))?$/i

/** `A1`, `$B$2`, and the halves of ranges `A`, `$A`, `1`, `$1`. Null: the text is no place of a sheet. */
export function readCorner(text: string): Corner | null {
  const match = ADDRESS.exec(text)
  if (match === null || text === '') return null
  const [, columnFixed, letters, rowFixed, digits] = match
  const column = letters === undefined ? null : { at: columnNumber(letters), fixed: columnFixed === '$' }
  const row = digits === undefined ? null : { at: Number(digits), fixed: rowFixed === '$' }
  return (column?.at ?? 1) > LAST_COLUMN || (row?.at ?? 1) > LAST_ROW ? null : { column, row }
}

/** Is it the address of one cell? */
export function isCell(corner: Corner | null): corner is Corner {
  return corner !== null && corner.column !== null && corner.row !== null
}

/** `$B$2`, `A`, `$1`. */
export function printCorner({ column, row }: Corner): string {
  return printPart(column, columnLetters) + printPart(row, String)
}

function printPart(part: CornerPart | null, write: (at: number) => string): string {
  return part === null ? '' : (part.fixed ? '$' : '') + write(part.at)
}

function columnNumber(letters: string): number {
  let column = 0
  for (let i = 0; i < letters.length; i++) column = column * 26 + (letters.charCodeAt(i) & 0x1f)
  return column
}

function columnLetters(column: number): string {
  const before = Math.floor((column - 1) / 26)
  return (before === 0 ? '' : columnLetters(before)) + String.fromCharCode(65 + ((column - 1) % 26))
}
