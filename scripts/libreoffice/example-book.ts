import { Decimal } from '@sheetflow/core/decimal'
import { calculate } from '@sheetflow/formula/calculator/calculate'
import type { PlainTable } from '@sheetflow/formula/calculator/plain-table'
import { FUNCTIONS } from '@sheetflow/formula/functions/catalogue'
import { EXAMPLE_SHEET } from '@sheetflow/formula/functions/example-sheet'
import { gridOf } from '@sheetflow/formula/value/grid'
import { zipOf } from '@sheetflow/workbook/testing/zip'

/** An example of the function table as a formula of a spreadsheet. */
export interface AskedExample {
  readonly name: string
  /** As the function table has it. */
  readonly formula: string
  /** Over the sheets `Row` and `Items`. */
  readonly cells: string
  /** Cells that the result fills. */
  readonly rows: number
  readonly columns: number
}

/** Rows that stand between two examples: no result of one has more. */
const STEP = 40

/** Examples that can be asked: those that read the clock cannot, nor what a sheet has and cells do not. */
export function askedExamples(): readonly AskedExample[] {
  return FUNCTIONS.flatMap(({ name, examples }) =>
    examples.flatMap(({ formula }): AskedExample[] => {
      const cells = inCells(formula.slice(1))
      const { value, diagnostics } = calculate(formula, EXAMPLE_SHEET)
      const grid = gridOf(value)
      const isAskable = cells !== null && !/\b(TODAY|NOW|MERGE|RELATED|USER)\(/.test(formula) && grid.rows < STEP && grid.columns < STEP
      if (!isAskable || diagnostics.some((one) => one.severity === 'error')) return []
      return [{ name, formula, cells, rows: grid.rows, columns: grid.columns }]
    }),
  )
}

/** Where the first cell of an example's result is, counted from 0. */
export function rowOf(index: number): number {
  return index * STEP
}

/** How functions are written: as they stand, or with the mark that files of Excel set before those of later versions, at the one that is shown or at all. */
export const SPELLINGS = ['Plain', 'Marked', 'Marks'] as const

/** A book with the examples, in a sheet for each spelling. No formula has a value: whoever opens the book computes it. */
export function exampleBook(examples: readonly AskedExample[]): Uint8Array {
  const sheets = [
    ['Row', tableXml(EXAMPLE_SHEET.row)],
    ['Items', tableXml(EXAMPLE_SHEET.tables[0] ?? null)],
    ...SPELLINGS.map((spelling) => [spelling, examplesXml(examples, (one) => spelled(one, spelling))] as const),
  ] as const
  const part = (name: string, type: string): string =>
    `<Override PartName="/xl/${name}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`
  const relation = (id: number, type: string, target: string): string =>
    `<Relationship Id="rId${id}" Type="${OFFICE}/${type}" Target="${target}"/>`
  const types = sheets.map((_, i) => part(`worksheets/sheet${i + 1}`, 'worksheet')).join('')
  return zipOf({
    '[Content_Types].xml': {
      text: `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part('workbook', 'sheet.main')}${part('styles', 'styles')}${types}</Types>`,
    },
    '_rels/.rels': {
      text: `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    },
    'xl/workbook.xml': {
      text: `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${sheets.map(([name], i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    },
    'xl/_rels/workbook.xml.rels': {
      text: `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${sheets.map((_, i) => relation(i + 1, 'worksheet', `worksheets/sheet${i + 1}.xml`)).join('')}${relation(sheets.length + 1, 'styles', 'styles.xml')}</Relationships>`,
    },
    // Style 1 is a date, style 2 a moment.
    'xl/styles.xml': {
      text: `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    },
    ...Object.fromEntries(sheets.map(([, text], i) => [`xl/worksheets/sheet${i + 1}.xml`, { text }])),
  })
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
/** 1970-01-01 as Excel counts days. */
const EPOCH = 25_569

/** References to the row and the table as cells; null: something else is read. Texts stay as they are. */
function inCells(formula: string): string | null {
  const parts = formula.split(/("(?:[^"]|"")*")/)
  const [row, items] = [EXAMPLE_SHEET.row, EXAMPLE_SHEET.tables[0]]
  const cells = parts.map((part, at) =>
    at % 2 === 1
      ? part
      : part
          .replaceAll(/\[@\[?(\w+)\]?\]/g, (all, name: string) => cellOf(row, name, (letter) => `Row!$${letter}$2`) ?? all)
          .replaceAll(
            /\bitems\[(\w+)\]/gi,
            (all, name: string) => cellOf(items, name, (letter) => `Items!$${letter}$2:$${letter}$4`) ?? all,
          )
          .replaceAll(/\bitems\b/g, 'Items!$A$2:$E$4'),
  )
  return cells.some((part, at) => at % 2 === 0 && part.includes('[')) ? null : cells.join('')
}

function cellOf(table: PlainTable | null | undefined, name: string, write: (letter: string) => string): string | null {
  const index = table?.columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase()) ?? -1
  return index < 0 ? null : write(letterOf(index))
}

function letterOf(column: number): string {
  return (column < 26 ? '' : letterOf(Math.floor(column / 26) - 1)) + String.fromCharCode(65 + (column % 26))
}

function tableXml(table: PlainTable | null): string {
  const header = (table?.columns ?? []).map(({ name }, i) => textCell(i, 1, name))
  const rows = (table?.rows ?? []).map((row, at) => {
    const cells = row.map((value, i) => valueCell(table?.columns[i]?.type.type ?? 'text', i, at + 2, value))
    return `<row r="${at + 2}">${cells.join('')}</row>`
  })
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetData><row r="1">${header.join('')}</row>${rows.join('')}</sheetData></worksheet>`
}

function valueCell(type: string, column: number, row: number, value: PlainTable['rows'][number][number]): string {
  const at = `${letterOf(column)}${row}`
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return textCell(column, row, value)
  if (type === 'date') return `<c r="${at}" s="1"><v>${Number(value) + EPOCH}</v></c>`
  if (typeof value === 'object' && 'micros' in value && 'days' in value) {
    return `<c r="${at}" s="2"><v>${value.days + EPOCH + value.micros / 86_400_000_000}</v></c>`
  }
  if (typeof value !== 'object') return `<c r="${at}"><v>${value}</v></c>`
  return value instanceof Decimal ? `<c r="${at}"><v>${value.toString()}</v></c>` : `<c r="${at}"><f>NA()</f></c>`
}

function textCell(column: number, row: number, text: string): string {
  return `<c r="${letterOf(column)}${row}" t="inlineStr"><is><t>${escaped(text)}</t></is></c>`
}

function spelled({ name, cells }: AskedExample, spelling: (typeof SPELLINGS)[number]): string {
  return cells.replaceAll(/\b([A-Z][A-Z0-9.]*)\(/g, (all, called: string) =>
    spelling === 'Marks' || (spelling === 'Marked' && called === name) ? `_xlfn.${all}` : all,
  )
}

function examplesXml(examples: readonly AskedExample[], write: (example: AskedExample) => string): string {
  const rows = examples.map((example, index) => {
    const { rows: height, columns } = example
    const row = rowOf(index) + 1
    const area = `A${row}:${letterOf(columns - 1)}${row + height - 1}`
    const array = height * columns > 1 ? ` t="array" ref="${area}"` : ''
    return `<row r="${row}"><c r="A${row}"><f${array}>${escaped(write(example))}</f></c></row>`
  })
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${rows.join('')}</sheetData></worksheet>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
