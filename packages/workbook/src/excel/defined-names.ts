import type { Corner, CornerPart, Node } from '@sheetflow/formula/syntax/node'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { LAST_COLUMN, LAST_ROW, type ExcelBook, type Place } from './book.ts'
import { mapChildren } from './map-node.ts'
import { shifted } from './shift.ts'

/** The key under which a name is known where a formula of that sheet stands: the sheet's own comes before the book's; null: there is none. */
export function nameKey(book: ExcelBook, sheet: number, name: string): string | null {
  const plain = name.toLowerCase()
  const own = `${book.sheets[sheet]?.name.toLowerCase() ?? ''}!${plain}`
  return book.names.has(own) ? own : book.names.has(plain) ? plain : null
}

/** What a defined name stands for in a formula at `place`: its relative references count from there, as they were written for A1. Null: no such name, or a broken one. */
export function definedName(book: ExcelBook, place: Place, name: string): Node | null {
  const key = nameKey(book, place.sheet, name)
  const { node, diagnostics } = parseFormula(`=${key === null ? '' : (book.names.get(key) ?? '')}`, { dialect: 'excel' })
  return key === null || diagnostics.length > 0 ? null : wrapped(shifted(node, place.row - 1, place.column - 1))
}

/** What moved beyond the last row or column comes in again at the first: so Excel writes a reference to the left for A1. */
function wrapped(node: Node): Node {
  const part = (one: CornerPart | null, last: number): CornerPart | null =>
    one === null || one.at <= last ? one : { ...one, at: one.at - last }
  const corner = ({ row, column }: Corner): Corner => ({ row: part(row, LAST_ROW), column: part(column, LAST_COLUMN) })
  if (node.kind === 'cell') return { ...node, corner: corner(node.corner) }
  if (node.kind === 'cells') return { ...node, from: corner(node.from), to: corner(node.to) }
  return mapChildren(node, wrapped)
}
