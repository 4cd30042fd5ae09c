import { span } from '../diagnostic.ts'
import { isCell, readCorner } from './cell-address.ts'
import type { ColumnName, Node } from './node.ts'
import { parseSpecifier } from './parse-specifier.ts'
import { readSheetName } from './sheet-name.ts'
import type { TokenCursor } from './token-cursor.ts'
import { isMark, isOperator } from './token-tests.ts'
import type { Token } from './token.ts'

/** The `[…]` of a structured reference. */
export function parseReference(cursor: TokenCursor, source: ColumnName | null, table: ColumnName | null): Node {
  const token = cursor.peek()
  if (token.kind !== 'bracket') return cursor.missing(token, 'a reference is missing')
  cursor.skip()
  const specifier = parseSpecifier(token.text, token, cursor.diagnostics)
  return { kind: 'reference', source, table, ...specifier, start: (source ?? table ?? token).start, end: token.end }
}

/** Behind `source!`; in Excel's dialect also a cell, a row (`Sheet1!1:3`), an error, or a name of the sheet. */
export function parseTable(cursor: TokenCursor, source: ColumnName, excel: boolean): Node {
  const token = cursor.peek()
  if (excel && token.kind === 'error') return { ...parseError(cursor, token, excel), start: source.start }
  const isRows = excel && token.kind === 'number' && isOperator(cursor.peek(1), ':')
  if (token.kind !== 'name' && token.kind !== 'quoted' && !isRows)
    return cursor.missing(token, 'a table is missing behind "!"', 'write source!table[column]')
  if (excel && token.kind === 'quoted') cursor.fail(token, 'only the name of a sheet stands in apostrophes', 'write it before "!"')
  cursor.skip()
  const table: ColumnName = { name: token.text, start: token.start, end: token.end }
  const next = cursor.peek()
  if (next.kind === 'bracket' && next.start === token.end) return parseReference(cursor, source, table)
  const corner = excel ? readCorner(token.text) : null
  if (isCell(corner)) return { kind: 'cell', sheet: readSheetName(source.name), corner, ...span(source, table) }
  return { kind: 'reference', source, table, row: false, parts: [], column: null, to: null, ...span(source, table) }
}

/** An error value. In Excel's files a lost reference (`#REF!$A$1:$B$2`) is one, with what is left of it. */
export function parseError(cursor: TokenCursor, token: Token & { kind: 'error' }, excel: boolean): Node {
  cursor.skip()
  const { start, end } = token
  const error = token.text as Extract<Node, { kind: 'error' }>['error']
  const lost = cursor.peek()
  if (!excel || error !== '#REF!' || lost.start !== end || !isAddress(lost)) return { kind: 'error', error, start, end }
  cursor.skip()
  const last = cursor.peek(1)
  if (!isOperator(cursor.peek(), ':') || !isAddress(last)) return { kind: 'error', error, start, end: lost.end }
  cursor.skip(2)
  return { kind: 'error', error, start, end: last.end }
}

function isAddress(token: Token): boolean {
  return (token.kind === 'name' || token.kind === 'number') && readCorner(token.text) !== null
}

/** In Excel's dialect: the address of a cell, or a reference into a range of sheets (`Jan:Mar!A1`); null if it is neither. */
export function parseExcelName(cursor: TokenCursor, token: Token & { kind: 'name' | 'quoted' }): Node | null {
  const next = cursor.peek(1)
  if (token.kind === 'quoted') {
    if (!isMark(next, '!')) cursor.fail(token, '"!" is missing behind the name of a sheet', "write 'My sheet'!A1")
    return null
  }
  const corner = readCorner(token.text)
  const last = cursor.peek(2)
  if (isOperator(next, ':') && last.kind === 'name' && isMark(cursor.peek(3), '!') && !isCell(corner)) {
    cursor.skip(4)
    return parseTable(cursor, { name: `${token.text}:${last.text}`, ...span(token, last) }, true)
  }
  const isOther = isMark(next, '!') || (next.start === token.end && (isMark(next, '(') || next.kind === 'bracket'))
  if (!isCell(corner) || isOther) return null
  cursor.skip()
  return { kind: 'cell', sheet: null, corner, start: token.start, end: token.end }
}

/** In Excel's dialect: `[1]Sheet1!A1`, `[1]Jan:Mar!A1`, `[1]!rate`; null if the bracket is no file. */
export function parseBook(cursor: TokenCursor, token: Token & { kind: 'bracket' }): Node | null {
  const sheet = sheetBehind(cursor)
  if (!isMark(cursor.peek(1 + sheet.length), '!') || cursor.peek(1).start !== token.end) return null
  cursor.skip(2 + sheet.length)
  const name = token.text + sheet.map((one) => one.text).join('')
  return parseTable(cursor, { name, ...span(token, sheet.at(-1) ?? token) }, true)
}

/** The tokens of `Sheet1` or `Jan:Mar` behind the one here; of neither none. */
function sheetBehind(cursor: TokenCursor): (Token & { readonly text: string })[] {
  const [first, colon, last] = [cursor.peek(1), cursor.peek(2), cursor.peek(3)]
  if (first.kind !== 'name') return []
  return isOperator(colon, ':') && colon.kind === 'operator' && last.kind === 'name' ? [first, colon, last] : [first]
}
