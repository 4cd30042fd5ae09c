import type { TableSchema } from '@sheetflow/core/schema'
import type { ExcelBook } from '../excel/book.ts'
import { shownValue } from '../excel/same-value.ts'
import { addressOf } from '../excel/address.ts'
import { Draft, type DraftTable, type ImportProblem } from './draft.ts'
import { sheetName } from './names.ts'
import { planFormulas } from './plan-formulas.ts'
import { proveDraft } from './prove.ts'
import { render } from './render.ts'
import { MAX_INLINE_ROWS, tableRows, type TableRows } from './table-rows.ts'
import { loadScript, writeCsv } from './write-table.ts'

/** What an import is told. */
export interface ImportOptions {
  /** The book's name, of which the workbook's is made. */
  readonly name: string
  /** The source into which larger tables will be loaded. */
  readonly source: string
  /** Today, in days since 1970. */
  readonly today: number
}

/** A table of the book and what became of it. */
export interface ImportedTable {
  readonly sheet: string
  /** Where it stands in the book: `Sheet1!A1:D9`. */
  readonly from: string
  readonly rows: number
  readonly columns: number
  readonly formulas: number
  /** Do its rows stand in the sheet's file? Else they have to be loaded into the source. */
  readonly inline: boolean
}

/** A book as a workbook of ours. */
export interface ImportedBook {
  readonly workbook: string
  /** Path inside the workbooks folder → text: sheets and named values. */
  readonly files: Readonly<Record<string, string>>
  /** The same for the data: a CSV file for each table, and a script that loads those which are not in the files. */
  readonly data: Readonly<Record<string, string>>
  /** Schemas of the tables that have to be loaded, as the source will have them. */
  readonly tables: ReadonlyMap<string, TableSchema>
  readonly sheets: readonly ImportedTable[]
  readonly values: readonly { readonly name: string; readonly from: string; readonly formula: string | null }[]
  /** What is not as it was, each with the reason. */
  readonly problems: readonly ImportProblem[]
  /** Cells outside of tables that nothing reads. */
  readonly leftOut: readonly { readonly sheet: string; readonly cell: string; readonly value: string }[]
}

/**
 * Turns a book into a workbook: each table, and each sheet with a header, becomes a sheet file, with its formulas as column formulas; single cells become named
 * values. A formula is taken over only if the files compile with it and it gives what Excel had computed; else its values are data, and it is among the problems.
 */
export function importBook(book: ExcelBook, options: ImportOptions): ImportedBook {
  const workbook = sheetName(options.name)
  const draft = new Draft(book)
  planFormulas(draft)
  const expected = proveDraft(draft, workbook, () => render(draft, workbook, options.source, new Map()), options.today)
  const { files, tables, rows } = render(draft, workbook, options.source, expected)
  for (const table of draft.tables) reportLosses(draft, table)
  const large = [...rows].filter(([, one]) => one.rows.length > MAX_INLINE_ROWS)
  const csv = [...rows].map(([table, one]): [string, string] => [`${workbook}/tables/${table.name}.csv`, writeCsv(one)])
  const script =
    large.length === 0
      ? []
      : [[`${workbook}/tables/load.sql`, loadScript(large.map(([table, one]) => ({ name: table.name, rows: one })))] as const]
  return {
    workbook,
    files,
    data: Object.fromEntries([...csv, ...script]),
    tables,
    sheets: [...rows].map(([table, one]) => summaryOf(draft, table, one)),
    values: draft.values.map(({ name, place, formula }) => ({
      name,
      from: place === null ? '' : `${book.sheets[place.sheet]?.name ?? ''}!${addressOf(place.row, place.column)}`,
      formula,
    })),
    problems: draft.problems,
    leftOut: leftOut(draft),
  }
}

function summaryOf({ book }: Draft, { name, region, columns }: DraftTable, rows: TableRows): ImportedTable {
  const { area, header } = region
  const from = `${book.sheets[area.sheet]?.name ?? ''}!${addressOf(header ?? area.top, area.left)}:${addressOf(area.bottom, area.right)}`
  const formulas = columns.filter((column) => column.formula !== null).length
  return { sheet: name, from, rows: rows.rows.length, columns: columns.length, formulas, inline: rows.rows.length <= MAX_INLINE_ROWS }
}

function reportLosses(draft: Draft, table: DraftTable): void {
  const { sheet, bottom } = table.region.area
  for (const { at, row, what } of tableRows(draft, table).losses) {
    const place = { sheet, row, column: at }
    if (what === 'mixed')
      draft.problem(
        place,
        bottom,
        null,
        'the column holds values of several kinds: all are texts now',
        'keep one kind of value in a column',
      )
    else draft.problem(place, row, null, 'data holds no errors: the cell is Blank now, and others like it', 'mend the cell in Excel')
  }
}

function leftOut(draft: Draft): ImportedBook['leftOut'] {
  return draft.book.sheets.flatMap((sheet, index) =>
    [...sheet.cells()].flatMap(({ row, column, cell }) => {
      const place = { sheet: index, row, column }
      if (cell.value === null || draft.tableAt(place) !== null || draft.isValue(place) || draft.isLabel(place)) return []
      return [{ sheet: sheet.name, cell: addressOf(row, column), value: shownValue(cell.value) }]
    }),
  )
}
