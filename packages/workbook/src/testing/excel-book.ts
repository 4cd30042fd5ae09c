import { writeXlsx, type Cell, type NamedRange, type TableDefinition } from 'hucre'
import type { ExcelBook } from '../excel/book.ts'
import { readBook } from '../excel/read-book.ts'

/** A cell of a test's book: a value, a formula with what Excel made of it (`['=A1*2', 4]`), or nothing. */
export type TestCell = string | number | boolean | Date | null | readonly [formula: string, result: string | number | boolean | Date]

/** A sheet of a test's book. `tables`: name → range, the last row being totals if the name ends with `+`. */
export interface TestSheet {
  readonly rows: readonly (readonly TestCell[])[]
  readonly tables?: Readonly<Record<string, string>>
}

/** The bytes of a book as Excel would have saved it. */
export async function excelFile(
  sheets: Readonly<Record<string, TestSheet>>,
  names: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  return await writeXlsx({
    sheets: Object.entries(sheets).map(([name, { rows, tables = {} }]) => ({
      name,
      rows: rows.map((row) => row.map((cell) => (isFormula(cell) ? null : cell))),
      cells: new Map(
        rows.flatMap((row, at) =>
          row.flatMap((cell, column): [string, Partial<Cell>][] =>
            isFormula(cell) ? [[`${at},${column}`, { formula: cell[0].slice(1), formulaResult: cell[1], value: cell[1] }]] : [],
          ),
        ),
      ),
      tables: Object.entries(tables).map(([table, range]) => tableOf(table, range, rows)),
    })),
    namedRanges: Object.entries(names).map(([name, range]): NamedRange => ({ name, range })),
  })
}

/** The same, read. */
export async function excelBook(
  sheets: Readonly<Record<string, TestSheet>>,
  names: Readonly<Record<string, string>> = {},
): Promise<ExcelBook> {
  return await readBook(await excelFile(sheets, names))
}

function isFormula(cell: TestCell): cell is readonly [string, string | number | boolean | Date] {
  return Array.isArray(cell)
}

function tableOf(table: string, range: string, rows: readonly (readonly TestCell[])[]): TableDefinition {
  const [, left = 'A', top = '1', right = 'A'] = /^([A-Z])(\d+):([A-Z])/.exec(range) ?? []
  const header = rows[Number(top) - 1] ?? []
  const columns = header.slice(left.charCodeAt(0) - 65, right.charCodeAt(0) - 64).map((name) => ({ name: String(name) }))
  return { name: table.replace('+', ''), range, columns, showTotalRow: table.endsWith('+') }
}
