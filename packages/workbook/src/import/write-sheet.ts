import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { formatDate } from '@sheetflow/core/calendar'
import { toJson } from '@sheetflow/core/json-codec'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import { formatFile } from '../fmt/format-file.ts'
import { shownValue } from '../excel/same-value.ts'
import type { Draft, DraftValue } from './draft.ts'
import { typedValue } from './typed-cells.ts'
import type { TableRows } from './table-rows.ts'

/** Formulas may read whole tables at each change. */
const ACCEPTED = 'cost: {accept: whole-table, every: 5s}'

/** What a sheet's file shows beside its rows. */
interface SheetText {
  readonly about: string
  /** A table of a source that the rows come from; null: they stand in the file. */
  readonly relation: string | null
  readonly wholeTable: boolean
  readonly columns: readonly { readonly name: string; readonly formula: string }[]
  /** Expected rows: column and value as text of the file. */
  readonly expect: readonly (readonly (readonly [column: string, text: string])[])[]
}

/** The text of a sheet's file, in its canonical form. */
export function writeSheet(path: string, rows: TableRows, sheet: SheetText): string {
  const { relation, columns, expect } = sheet
  const names = rows.columns.map((column) => column.name)
  const lines = [`about: ${yamlText(sheet.about)}`]
  if (relation === null) {
    lines.push(`key: ${rows.key}`, 'types:', ...rows.columns.map(({ name, type }) => `  ${name}: ${type.type}`), 'data:')
    lines.push(
      `  - [${names.join(', ')}]`,
      ...rows.rows.map((row) => `  - [${rows.columns.map(({ type }, at) => yamlCell(type, row[at] ?? null)).join(', ')}]`),
    )
  } else {
    lines.push(`rows: =${relation}`, `keep: [${names.filter((name) => name !== rows.key).join(', ')}]`)
  }
  if (columns.length > 0) lines.push('columns:', ...columns.flatMap(({ name, formula }) => yamlFormula(name, formula)))
  if (sheet.wholeTable) lines.push(ACCEPTED)
  if (expect.length > 0) {
    const texts = expect.map((row) => `      - {${row.map(([column, text]) => `${column}: ${text}`).join(', ')}}`)
    lines.push('tests:', '  - name: as Excel had computed it', '    given: {}', '    expect:', ...texts)
  }
  return formatFile(path, `${lines.join('\n')}\n`).text
}

/** The text of `workbook.yaml`. */
export function writeWorkbook(
  path: string,
  about: string,
  { values, wholeColumns }: Pick<Draft, 'values' | 'wholeColumns'>,
  epoch: number,
): string {
  const lines = [`about: ${yamlText(about)}`]
  if (values.length > 0) lines.push('values:', ...values.flatMap((value) => writeValue(value, epoch)))
  if (wholeColumns) lines.push(ACCEPTED)
  return formatFile(path, `${lines.join('\n')}\n`).text
}

function writeValue({ name, formula, value, date }: DraftValue, epoch: number): readonly string[] {
  if (formula !== null) return yamlFormula(name, formula)
  if (isCellError(value)) return [`  ${name}: =${value.kind}`]
  if (value === null) return [`  ${name}: ~`]
  if (typeof value === 'string' && value.startsWith('=')) return yamlFormula(name, `="${value.replaceAll('"', '""')}"`)
  if (typeof value === 'string') return [`  ${name}: ${JSON.stringify(value)}`]
  if (typeof value === 'number' && date && Number.isInteger(value)) {
    const days = typedValue({ type: 'date' }, value, epoch)
    return [`  ${name}: ${typeof days === 'number' ? formatDate(days) : ''}`]
  }
  const plain = typeof value === 'number' ? typedValue({ type: 'decimal' }, value, epoch) : value
  return [`  ${name}: ${shownValue(plain).toLowerCase()}`]
}

/** `name: =formula`, as a block where YAML would read the line otherwise. */
function yamlFormula(name: string, formula: string): readonly string[] {
  if (!/[\n:#]/.test(formula)) return [`  ${name}: ${formula}`]
  return [`  ${name}: |-`, ...formula.split('\n').map((line) => `    ${line}`)]
}

/** A cell of `data` or of an expected row. */
export function yamlCell(type: ColumnType, value: Value): string {
  if (value === null) return '~'
  if (value instanceof CellError) return JSON.stringify(value.kind)
  const json = toJson(type, value)
  return typeof json === 'string' ? yamlText(json) : JSON.stringify(json)
}

/** Plain where YAML and we read it as the same text. */
function yamlText(text: string): string {
  const isPlain = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_ ./+-]*[\p{L}\p{N}_.])?$/u.test(text) && !/^null$/i.test(text)
  return isPlain
    ? text
    : JSON.stringify(text).replaceAll(
        /[\u007f-\u009f\u2028\u2029\ufeff]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
}
