import type { TableSchema } from '@sheetflow/core/schema'
import { tableLabel } from '../compile/table-scope.ts'
import type { Draft, DraftTable } from './draft.ts'
import { MAX_INLINE_ROWS, tableRows, type TableRows } from './table-rows.ts'
import { writeSheet, writeWorkbook } from './write-sheet.ts'

/** Sheets up to here get a test that expects what Excel had. */
const MAX_TESTED_ROWS = 50

/** Rows by table, each as columns and their texts in a file. */
export type ExpectedRows = ReadonlyMap<DraftTable, readonly (readonly (readonly [column: string, text: string])[])[]>

/** The files as the draft has them now. */
export interface Rendered {
  readonly files: Readonly<Record<string, string>>
  readonly tables: ReadonlyMap<string, TableSchema>
  readonly rows: ReadonlyMap<DraftTable, TableRows>
}

/** The files of a draft. `expected`: rows that are known to come out, for tests of small tables. */
export function render(draft: Draft, workbook: string, source: string, expected: ExpectedRows): Rendered {
  const files: Record<string, string> = {}
  const tables = new Map<string, TableSchema>()
  const rows = new Map<DraftTable, TableRows>()
  for (const table of draft.tables) {
    const { data } = tableRows(draft, table)
    const isInline = data.rows.length <= MAX_INLINE_ROWS
    const id = `${source}!public.${table.name}`
    if (!isInline) tables.set(id, schemaOf(table.name, data))
    const path = `${workbook}/${table.name}.sheet.yaml`
    rows.set(table, data)
    files[path] = writeSheet(path, data, {
      about: `${table.region.name} from Excel`,
      relation: isInline ? null : tableLabel(id),
      wholeTable: table.wholeTable,
      columns: table.columns.flatMap(({ name, formula }) => (formula === null ? [] : [{ name, formula }])),
      expect: data.rows.length <= MAX_TESTED_ROWS ? (expected.get(table) ?? []) : [],
    })
  }
  const path = `${workbook}/workbook.yaml`
  files[path] = writeWorkbook(path, 'from Excel', draft, draft.book.epoch)
  return { files, tables, rows }
}

function schemaOf(name: string, { key, columns }: TableRows): TableSchema {
  return {
    v: 1,
    table: `public.${name}`,
    schema: 1,
    hash: '',
    key: [key],
    columns: columns.map((column, index) => ({ name: column.name, id: index + 1, ...column.type, null: column.name !== key })),
  }
}
