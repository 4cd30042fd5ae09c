import { CellError, isCellErrorKind } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { readXlsx, type Cell, type CellValue, type NamedRange, type Sheet, type TableDefinition, type Workbook } from 'hucre'
import { ExcelSheet, type Area, type ExcelBook, type ExcelCell, type ExcelFormula, type ExcelTable } from './book.ts'
import { checkFile } from './file-limits.ts'
import { refused } from './refused.ts'
import { richErrors } from './rich-errors.ts'
import { refuseEntities } from './xml-prolog.ts'

/** More filled cells than this are refused. */
const MAX_CELLS = 2_000_000

/**
 * Reads an .xlsx file. `workbook/shape`: it is none, is encrypted, declares entities in its XML, or is larger than the limits. What links to other files is not
 * followed.
 */
export async function readBook(bytes: Uint8Array): Promise<ExcelBook> {
  const parts = checkFile(bytes)
  await refuseEntities(bytes, parts)
  let book: Workbook
  try {
    book = await readXlsx(bytes)
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), 'Open it in Excel and save it again as .xlsx.')
  }
  const epoch = book.dateSystem === '1904' ? EPOCH_1904 : EPOCH_1900
  const errors = await richErrors(bytes, parts)
  const sheets = book.sheets.map((sheet) => withErrors(sheetOf(sheet, epoch), errors.get(sheet.name)))
  const cells = sheets.reduce((sum, sheet) => sum + sheet.size, 0)
  if (cells > MAX_CELLS)
    throw refused(`it has ${cells} filled cells`, 'Keep large tables in a database: at most 2 million cells are imported.')
  const names = book.namedRanges ?? []
  return {
    sheets,
    names: new Map(names.map((one) => [keyOf(one), one.range.replace(/^=/, '')])),
    spelling: new Map(names.map((one) => [keyOf(one), one.name])),
    tables: book.sheets.flatMap(({ tables = [] }, index) => tables.flatMap((table) => tableOf(table, index, sheets) ?? [])),
    epoch: epoch / DAY_MS,
  }
}

function withErrors(sheet: ExcelSheet, errors: ReadonlyMap<string, CellError> = new Map()): ExcelSheet {
  for (const [place, error] of errors) {
    const area = areaOf(`${place}:${place}`, 0)
    const cell = area === null ? undefined : sheet.cell(area.top, area.left)
    if (area !== null && cell !== undefined) sheet.set(area.top, area.left, { ...cell, value: error })
  }
  return sheet
}

function keyOf({ name, scope }: NamedRange): string {
  return (scope === undefined ? name : `${scope}!${name}`).toLowerCase()
}

/** The first row of a table's cells is its header if it holds the names of the columns. */
function tableOf(
  { name, displayName, range = '', columns, showTotalRow }: TableDefinition,
  sheet: number,
  sheets: readonly ExcelSheet[],
): ExcelTable | null {
  const all = areaOf(range, sheet)
  if (all === null) return null
  const names = columns.map((column) => column.name)
  const hasHeader = names.every((column, at) => {
    const shown = sheets[sheet]?.value(all.top, all.left + at)
    return typeof shown === 'string' && sameText(shown, column)
  })
  const hasTotals = showTotalRow === true
  return {
    name: displayName ?? name,
    area: { ...all, top: all.top + (hasHeader ? 1 : 0), bottom: all.bottom - (hasTotals ? 1 : 0) },
    header: hasHeader ? all.top : null,
    totals: hasTotals ? all.bottom : null,
    columns: names,
  }
}

/** Line breaks in a header are written as `_x000a_` or spaces in the table's own list. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .replaceAll(/_x000[ad]_|\s+/gi, ' ')
      .trim()
      .toLowerCase()
  return plain(a) === plain(b)
}

/** The reader gives plain values by rows, and all that is more than a value by its place. */
function sheetOf({ name, rows, cells = new Map<string, Cell>() }: Sheet, epoch: number): ExcelSheet {
  const sheet = new ExcelSheet(name)
  for (const [row, values] of rows.entries())
    for (const [column, value] of values.entries())
      if (value !== null) sheet.set(row + 1, column + 1, { value: valueOf(value, false, epoch), formula: null, ...dated(value) })
  const shared = new Map<number, { readonly text: string; readonly row: number; readonly column: number }>()
  for (const [place, cell] of cells) {
    const [row = 0, column = 0] = place.split(',').map((part) => Number(part) + 1)
    const index = cell.formulaSharedIndex
    if (index !== undefined && cell.formula !== undefined && cell.formula !== '') shared.set(index, { text: cell.formula, row, column })
  }
  for (const [place, cell] of cells) {
    const [row = 0, column = 0] = place.split(',').map((part) => Number(part) + 1)
    const master = cell.formula === '' && cell.formulaSharedIndex !== undefined ? shared.get(cell.formulaSharedIndex) : undefined
    const formula =
      master === undefined
        ? ownFormula(cell)
        : {
            text: master.text,
            down: row - master.row,
            across: column - master.column,
            rows: 1,
            columns: 1,
            array: cell.formulaDynamic === true,
          }
    const value = cell.formulaResult ?? cell.value
    sheet.set(row, column, { value: valueOf(value, cell.type === 'error', epoch), formula, ...dated(value), ...dated(cell.value) })
  }
  return sheet
}

function ownFormula({ formula, formulaType, formulaRef, formulaDynamic }: Cell): ExcelFormula | null {
  if (formula === undefined || formula === '') return null
  const size = formulaType === 'array' ? sizeOf(formulaRef ?? '') : { rows: 1, columns: 1 }
  return { text: formula.replace(/^=/, ''), down: 0, across: 0, ...size, array: formulaType === 'array' || formulaDynamic === true }
}

/** `D1:E25` → 25 rows, 2 columns. */
function sizeOf(ref: string): { readonly rows: number; readonly columns: number } {
  const area = areaOf(ref, 0)
  return area === null ? { rows: 1, columns: 1 } : { rows: area.bottom - area.top + 1, columns: area.right - area.left + 1 }
}

function areaOf(ref: string, sheet: number): Area | null {
  const match = /^\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)$/.exec(ref)
  if (match === null) return null
  const [, left = '', top = '', right = '', bottom = ''] = match
  return { sheet, top: Number(top), left: columnOf(left), bottom: Number(bottom), right: columnOf(right) }
}

function columnOf(letters: string): number {
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)
}

const DAY_MS = 86_400_000
const EPOCH_1900 = Date.UTC(1899, 11, 30)
const EPOCH_1904 = Date.UTC(1904, 0, 1)
/** Serial numbers before 1900-03-01 are one less: Excel has a 29th of February 1900. */
const FIRST_OF_MARCH_1900 = 61

function dated(value: CellValue | undefined): Pick<ExcelCell, 'date'> {
  return value instanceof Date ? { date: true } : {}
}

function valueOf(value: CellValue | undefined, isError: boolean, epoch: number): Value {
  if (value instanceof Date) {
    const serial = (value.getTime() - epoch) / DAY_MS
    return epoch === EPOCH_1900 && serial < FIRST_OF_MARCH_1900 ? serial - 1 : serial
  }
  if (typeof value === 'string') return isError && isCellErrorKind(value) ? new CellError(value) : value
  return typeof value === 'number' || typeof value === 'boolean' ? value : null
}
