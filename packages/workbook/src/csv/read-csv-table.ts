import { parseDate, parseTimestamp } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { PlainTable } from '@sheetflow/formula/calculator/plain-table'
import { parseCsv } from 'hucre'

/** Types that a column of texts can have, the narrowest first; text holds whatever the others do not. */
const TYPES: readonly { readonly type: ColumnType; readonly read: (text: string) => Value | undefined }[] = [
  { type: { type: 'bool' }, read: (text) => (/^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined) },
  { type: { type: 'int' }, read: readInt },
  {
    type: { type: 'decimal' },
    read: (text) => (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? (Decimal.tryParse(text) ?? undefined) : undefined),
  },
  { type: { type: 'date' }, read: (text) => parseDate(text) ?? undefined },
  { type: { type: 'timestamp' }, read: (text) => parseTimestamp('timestamp', text.replace(' ', 'T')) ?? undefined },
]

/** A number with a leading zero is a text: `007`. */
function readInt(text: string): Value | undefined {
  if (!/^(?:0|-?[1-9]\d*)$/.test(text)) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : undefined
}

/**
 * A table from CSV text: the first row names the columns, the type of each is the narrowest that fits all of its values, an empty field is Blank. The key is the
 * first column whose values differ from row to row. `workbook/shape`: no header, or a name that is missing or there twice.
 */
export function readCsvTable(id: string, text: string): PlainTable {
  const [header = [], ...lines] = parseCsv(text, { typeInference: false }).map((row) =>
    row.map((field) => (field === null ? '' : String(field))),
  )
  const names = header.map((name) => name.trim())
  for (const [index, name] of names.entries()) {
    if (name === '') throw badHeader(id, `column ${index + 1} has no name`)
    if (names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) !== index)
      throw badHeader(id, `the column "${name}" is there twice`)
  }
  if (names.length === 0) throw badHeader(id, 'it is empty')
  const rows = lines.filter((line) => line.some((field) => field !== ''))
  const columns = names.map((name, index) => ({ name, ...columnOf(rows.map((row) => row[index] ?? '')) }))
  const distinct = columns.findIndex((_, index) => new Set(rows.map((row) => row[index])).size === rows.length)
  return {
    id,
    columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    key: [Math.max(0, distinct)],
    rows: rows.map((_, row) => columns.map((column) => column.values[row] ?? null)),
  }
}

function badHeader(id: string, why: string): SheetflowError {
  return new SheetflowError('workbook/shape', `${id}: ${why}`, { fix: 'The first row names the columns: one name each, all different.' })
}

function columnOf(texts: readonly string[]): { readonly type: ColumnType; readonly nullable: boolean; readonly values: readonly Value[] } {
  const nullable = texts.includes('')
  const filled = texts.filter((text) => text !== '')
  const fits = TYPES.find(({ read }) => filled.length > 0 && filled.every((text) => read(text) !== undefined))
  if (fits === undefined) return { type: { type: 'text' }, nullable, values: texts.map((text) => (text === '' ? null : text)) }
  return { type: fits.type, nullable, values: texts.map((text) => (text === '' ? null : (fits.read(text) ?? null))) }
}
