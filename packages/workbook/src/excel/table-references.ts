import type { CornerPart, Node, ReferenceNode, SheetName } from '@sheetflow/formula/syntax/node'
import type { Area, ExcelBook, ExcelTable, Place } from './book.ts'
import { definedName, nameKey } from './defined-names.ts'
import { mapChildren } from './map-node.ts'

/**
 * References to tables (`Sales[Total]`, `[@Total]`, `Sales[#Totals]`) as the cells that they stand for, where the formula stands at `place`; what names no
 * table, or a part that it does not have, stays as it is or becomes `#REF!`. `Sheet1!rate` is what the name `rate` stands for on that sheet.
 */
export function withoutTables(node: Node, book: ExcelBook, place: Place): Node {
  if (node.kind === 'reference') return cellsOf(node, book, place)
  if (node.kind === 'name') {
    const table = tableNamed(book, node.name)
    return table === null || nameKey(book, place.sheet, node.name) !== null ? node : cells(table.area, book, node)
  }
  return mapChildren(node, (child) => withoutTables(child, book, place))
}

/** The table of that name, or null. */
export function tableNamed(book: ExcelBook, name: string): ExcelTable | null {
  return book.tables.find((table) => table.name.toLowerCase() === name.toLowerCase()) ?? null
}

/** The table in which a cell stands, its header and totals included. */
function tableAt(book: ExcelBook, { sheet, row, column }: Place): ExcelTable | null {
  const inside = ({ area, header, totals }: ExcelTable): boolean =>
    area.sheet === sheet && row >= (header ?? area.top) && row <= (totals ?? area.bottom) && column >= area.left && column <= area.right
  return book.tables.find(inside) ?? null
}

function cellsOf(node: ReferenceNode, book: ExcelBook, place: Place): Node {
  if (node.source !== null && node.column === null && node.table !== null && !node.row && node.parts.length === 0) {
    const sheet = book.sheets.findIndex((one) => one.name.toLowerCase() === node.source?.name.toLowerCase())
    const named = sheet < 0 ? null : definedName(book, { ...place, sheet }, node.table.name)
    return named ?? { kind: 'name', name: node.table.name, start: node.start, end: node.end }
  }
  const table = node.table === null ? tableAt(book, place) : tableNamed(book, node.table.name)
  if (table === null) return node
  const columns = columnsOf(node, table)
  const rows = rowsOf(node, table, place)
  return columns === null || rows === null
    ? { kind: 'error', error: '#REF!', start: node.start, end: node.end }
    : cells({ sheet: table.area.sheet, ...columns, ...rows }, book, node)
}

function columnsOf({ column, to }: ReferenceNode, { area, columns }: ExcelTable): Pick<Area, 'left' | 'right'> | null {
  if (column === null) return { left: area.left, right: area.right }
  const at = (name: string): number => columns.findIndex((one) => one.toLowerCase() === name.toLowerCase())
  const [from, last] = [at(column.name), at((to ?? column).name)]
  return from < 0 || last < 0 ? null : { left: area.left + Math.min(from, last), right: area.left + Math.max(from, last) }
}

/** The rows from the first to the last of the parts that are named; null: the table has no such part, or the formula stands beside its rows. */
function rowsOf({ row, parts }: ReferenceNode, { area, header, totals }: ExcelTable, place: Place): Pick<Area, 'top' | 'bottom'> | null {
  if (row || parts.includes('#This Row')) {
    return place.sheet === area.sheet && place.row >= area.top && place.row <= area.bottom ? { top: place.row, bottom: place.row } : null
  }
  const wanted = parts.length === 0 ? ['#Data'] : parts.includes('#All') ? ['#Headers', '#Data', '#Totals'] : parts
  const rows = [
    ...(wanted.includes('#Headers') && header !== null ? [header] : []),
    ...(wanted.includes('#Data') ? [area.top, area.bottom] : []),
    ...(wanted.includes('#Totals') && totals !== null ? [totals] : []),
  ]
  return rows.length === 0 ? null : { top: Math.min(...rows), bottom: Math.max(...rows) }
}

function cells({ sheet, top, left, bottom, right }: Area, book: ExcelBook, { start, end }: Node): Node {
  const name: SheetName = { book: null, sheet: book.sheets[sheet]?.name ?? '', to: null }
  const fixed = (at: number): CornerPart => ({ at, fixed: true })
  const from = { row: fixed(top), column: fixed(left) }
  if (top === bottom && left === right) return { kind: 'cell', sheet: name, corner: from, start, end }
  return { kind: 'cells', sheet: name, from, to: { row: fixed(bottom), column: fixed(right) }, start, end }
}
