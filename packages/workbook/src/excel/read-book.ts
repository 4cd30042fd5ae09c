import { CellError, isCellErrorKind } from '@sheetflow/core/cell-error'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Value } from '@sheetflow/core/value'
import { readXlsx, type Cell, type CellValue, type Sheet, type Workbook } from 'hucre'
import { ExcelSheet, type ExcelBook, type ExcelFormula } from './book.ts'

/** A file larger than this is refused before it is opened. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** Reads an .xlsx file. `workbook/shape`: it is none, or larger than the limits; the reader's own limits hold against zip bombs, and it reads no entities. */
export async function readBook(bytes: Uint8Array): Promise<ExcelBook> {
  if (bytes.length > MAX_FILE_BYTES) throw refused(`it has ${bytes.length} bytes`, 'Import a part of it: at most 64 MiB.')
  let book: Workbook
  try {
    book = await readXlsx(bytes)
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), 'Save it again as .xlsx.')
  }
  const epoch = book.dateSystem === '1904' ? EPOCH_1904 : EPOCH_1900
  return {
    sheets: book.sheets.map((sheet) => sheetOf(sheet, epoch)),
    names: new Map((book.namedRanges ?? []).map((one) => [one.name.toLowerCase(), one.range.replace(/^=/, '')])),
  }
}

function refused(why: string, fix: string): SheetflowError {
  return new SheetflowError('workbook/shape', `This is no workbook that can be read: ${why}`, { fix })
}

/** The reader gives plain values by rows, and all that is more than a value by its place. */
function sheetOf({ name, rows, cells = new Map<string, Cell>() }: Sheet, epoch: number): ExcelSheet {
  const sheet = new ExcelSheet(name)
  for (const [row, values] of rows.entries())
    for (const [column, value] of values.entries())
      if (value !== null) sheet.set(row + 1, column + 1, { value: valueOf(value, false, epoch), formula: null })
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
    sheet.set(row, column, { value: valueOf(cell.formulaResult ?? cell.value, cell.type === 'error', epoch), formula })
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
  const match = /^\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)$/.exec(ref)
  if (match === null) return { rows: 1, columns: 1 }
  const [, left = '', top = '', right = '', bottom = ''] = match
  return { rows: Number(bottom) - Number(top) + 1, columns: columnOf(right) - columnOf(left) + 1 }
}

function columnOf(letters: string): number {
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)
}

const DAY_MS = 86_400_000
const EPOCH_1900 = Date.UTC(1899, 11, 30)
const EPOCH_1904 = Date.UTC(1904, 0, 1)
/** Serial numbers before 1900-03-01 are one less: Excel has a 29th of February 1900. */
const FIRST_OF_MARCH_1900 = 61

function valueOf(value: CellValue | undefined, isError: boolean, epoch: number): Value {
  if (value instanceof Date) {
    const serial = (value.getTime() - epoch) / DAY_MS
    return epoch === EPOCH_1900 && serial < FIRST_OF_MARCH_1900 ? serial - 1 : serial
  }
  if (typeof value === 'string') return isError && isCellErrorKind(value) ? new CellError(value) : value
  return typeof value === 'number' || typeof value === 'boolean' ? value : null
}
