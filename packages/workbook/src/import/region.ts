import { printCorner } from '@sheetflow/formula/syntax/cell-address'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { childrenOf } from '@sheetflow/formula/syntax/children'
import type { Node } from '@sheetflow/formula/syntax/node'
import type { Area, ExcelBook, ExcelSheet, ExcelTable } from '../excel/book.ts'
import { shifted } from '../excel/shift.ts'
import { normalForm } from './normal-form.ts'

/** Rows of a sheet that become a table: `area` is their data, without header and totals. */
export interface Region {
  /** Of the table, or of the sheet. */
  readonly name: string
  readonly area: Area
  /** The row of the header; null: the columns of a table whose header is hidden. */
  readonly header: number | null
  /** Columns with their names as they stand in the book, from left to right. Columns between them that are empty are none. */
  readonly columns: readonly { readonly name: string; readonly at: number }[]
  readonly table: ExcelTable | null
}

/** The tables of a book; of a sheet without tables the rows below its first row that is all distinct texts, as headers are. */
export function findRegions(book: ExcelBook): readonly Region[] {
  return book.sheets.flatMap((sheet, index) => {
    const tables = book.tables.filter((table) => table.area.sheet === index && table.area.bottom >= table.area.top)
    if (tables.length > 0)
      return tables.map((table): Region => {
        const { name, area, header } = table
        return { name, area, header, columns: table.columns.map((column, at) => ({ name: column, at: area.left + at })), table }
      })
    return headed(sheet, index)
  })
}

/** Blocks below the first row that can be a header, one for each run of texts in it. */
function headed(sheet: ExcelSheet, index: number): readonly Region[] {
  const first = firstRow(sheet)
  for (let row = first; row <= sheet.rows; row++) {
    if (row > first && !isEmptyRow(sheet, row - 1, 1, sheet.columns)) continue
    const all = runsOf(sheet, row)
    const isAlone = all.every(isOfTexts)
    // Beside a header there may be a label with its value.
    const runs = all.filter((run) => isOfTexts(run) && (isAlone || run.texts.length > 1))
    const texts = runs.flatMap(({ texts: own }) => own)
    const blocks = joined(
      sheet,
      runs.flatMap((run) => blockBelow(sheet, index, row, run, runs.length > 1)),
    )
    // A single text with something below is a header only at the top: further down it is a label.
    if (blocks.length > 0 && (row === first || texts.length > 1)) return blocks
  }
  return []
}

interface Run {
  readonly left: number
  /** Texts of its cells; null where a cell holds something else. */
  readonly texts: readonly (string | null)[]
}

function isOfTexts({ texts }: Run): boolean {
  return texts.every((text) => text !== null)
}

function firstRow(sheet: ExcelSheet): number {
  let row = 1
  while (row <= sheet.rows && isEmptyRow(sheet, row, 1, sheet.columns)) row++
  return row
}

/** Runs of filled cells of a row. */
function runsOf(sheet: ExcelSheet, row: number): readonly Run[] {
  const runs: { left: number; texts: (string | null)[] }[] = []
  for (let column = 1; column <= sheet.columns; column++) {
    const cell = sheet.cell(row, column)
    if (cell === undefined || (cell.value === null && cell.formula === null)) continue
    const text = cell.formula === null && typeof cell.value === 'string' && cell.value.trim() !== '' ? cell.value : null
    const last = runs.at(-1)
    if (last !== undefined && last.left + last.texts.length === column) last.texts.push(text)
    else runs.push({ left: column, texts: [text] })
  }
  return runs
}

function blockBelow(sheet: ExcelSheet, index: number, header: number, { left, texts }: Run, several: boolean): readonly Region[] {
  const columns = texts.map((text, at) => ({ name: text ?? '', at: left + at }))
  const right = left + columns.length - 1
  let bottom = header
  while (bottom < sheet.rows && !isEmptyRow(sheet, bottom + 1, left, right)) bottom++
  while (bottom > header && isTotals(sheet, { sheet: index, top: header + 1, left, bottom, right })) bottom--
  if (!areDistinct(columns) || bottom === header) return []
  const name = several ? `${sheet.name} ${columns[0]?.name ?? ''}` : sheet.name
  return [{ name, area: { sheet: index, top: header + 1, left, bottom, right }, header, columns, table: null }]
}

function areDistinct(columns: Region['columns']): boolean {
  return new Set(columns.map(({ name }) => name.trim().toLowerCase())).size === columns.length
}

/** Blocks side by side over the same rows are one table; so are columns without a header between and right behind them whose cells are all filled. */
function joined(sheet: ExcelSheet, blocks: readonly Region[]): readonly Region[] {
  const [first] = blocks
  const last = blocks.at(-1)
  if (first === undefined || last === undefined) return []
  const columns = blocks.flatMap((block) => block.columns)
  if (blocks.some(({ area }) => area.bottom !== first.area.bottom) || !areDistinct(columns)) return blocks
  const { top, bottom, left } = first.area
  const isFilled = (at: number): boolean => {
    for (let row = top; row <= bottom; row++) if (sheet.cell(row, at) === undefined) return false
    return true
  }
  let right = last.area.right
  while (isFilled(right + 1)) right++
  const all: { readonly name: string; readonly at: number }[] = []
  for (let at = left; at <= right; at++) {
    const known = columns.find((column) => column.at === at)
    if (known !== undefined) all.push(known)
    else if (isFilled(at)) all.push({ name: `column ${printCorner({ row: null, column: { at, fixed: false } })}`, at })
  }
  return [{ ...first, name: sheet.name, area: { ...first.area, right }, columns: all }]
}

function isEmptyRow(sheet: ExcelSheet, row: number, left: number, right: number): boolean {
  for (let column = left; column <= right; column++) {
    const cell = sheet.cell(row, column)
    if (cell !== undefined && (cell.value !== null || cell.formula !== null)) return false
  }
  return true
}

/** Is the last row one of totals: does a formula of it read the rows above in its column, and differ from the one above it? */
function isTotals(sheet: ExcelSheet, { top, left, bottom, right }: Area): boolean {
  for (let column = left; column <= right; column++) {
    const formula = sheet.cell(bottom, column)?.formula ?? null
    if (formula === null) continue
    const above = sheet.cell(bottom - 1, column)?.formula ?? null
    if (above !== null && normalForm(above, bottom - 1, column) === normalForm(formula, bottom, column)) continue
    const { node } = parseFormula(`=${formula.text}`, { dialect: 'excel' })
    if (readsAbove(shifted(node, formula.down, formula.across), column, top, bottom)) return true
  }
  return false
}

function readsAbove(node: Node, column: number, top: number, bottom: number): boolean {
  if (node.kind === 'cells') {
    const { from, to } = node
    const rows = [from.row?.at ?? 0, to.row?.at ?? 0]
    return from.column?.at === column && to.column?.at === column && Math.min(...rows) <= top && Math.max(...rows) === bottom - 1
  }
  return childrenOf(node).some((child) => readsAbove(child, column, top, bottom))
}
