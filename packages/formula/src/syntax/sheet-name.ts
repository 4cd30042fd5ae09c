import { isCell, readCorner } from './cell-address.ts'
import type { SheetName } from './node.ts'

/** A sheet from what stands before `!`, apostrophes taken off: `My sheet`, `[1]Jan:Mar`, `C:\\files\\[Book.xlsx]Sheet1`. */
export function readSheetName(text: string): SheetName {
  const match = /^([^[\]]*)\[([^[\]]*)\](.*)$/s.exec(text)
  const [, path = '', file = '', rest = text] = match ?? []
  const colon = rest.indexOf(':')
  return {
    book: match === null ? null : path + file,
    sheet: colon < 0 ? rest : rest.slice(0, colon),
    to: colon < 0 ? null : rest.slice(colon + 1),
  }
}

/** The sheet with its `!`, in apostrophes unless it is one plain name. */
export function printSheetName({ book, sheet, to }: SheetName): string {
  if (book === null && to === null && /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(sheet) && !isCell(readCorner(sheet))) return `${sheet}!`
  const file = (book ?? '').slice(pathLength(book ?? ''))
  const text = (book === null ? '' : `${book.slice(0, pathLength(book))}[${file}]`) + sheet + (to === null ? '' : `:${to}`)
  return `'${text.replaceAll("'", "''")}'!`
}

function pathLength(book: string): number {
  return Math.max(book.lastIndexOf('/'), book.lastIndexOf('\\')) + 1
}
