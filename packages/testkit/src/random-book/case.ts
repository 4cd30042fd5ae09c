import type { RowChange } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { Book } from '../recalc/model.ts'

/** A source table of a case: `shop!public.orders`. */
export interface CaseTable {
  readonly id: string
  readonly schema: TableSchema
}

/** What happens to a graph, one after the other. */
export type CaseStep =
  /** Changes of tables of one source, in order. `open`: the step is not ended; what follows joins it. */
  | { readonly kind: 'rows'; readonly changes: readonly TableChange[]; readonly open?: true }
  /** A table has another schema from now on; cells of columns that are new are Blank. */
  | { readonly kind: 'schema'; readonly table: string; readonly schema: TableSchema }
  /** The workbook as it is from now on. */
  | { readonly kind: 'deploy'; readonly book: Book }
  /** The clock. ISO, UTC. */
  | { readonly kind: 'tick'; readonly now: string }
  /** The state is saved. */
  | { readonly kind: 'checkpoint' }
  /** The process ends; a new one loads the last checkpoint and replays what came since. */
  | { readonly kind: 'restart' }

/** Changes of one table, of its schema of then. */
export interface TableChange {
  readonly table: string
  readonly rows: readonly RowChange[]
}

/** All that a run is made of: plain data, so that a case can be written down and replayed. */
export interface Case {
  readonly tables: readonly CaseTable[]
  readonly book: Book
  readonly steps: readonly CaseStep[]
}

/** A sheet as the compiler sees it: what other sheets can read. */
export interface KnownSheet {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
  readonly key: readonly string[]
}

/**
 * Compiles a workbook over tables of these schemas: its sheets, or null if something is wrong with it. Names that are gone stand for what they stood for in
 * the `first` schemas.
 */
export type TryBook = (book: Book, tables: readonly CaseTable[], first: readonly CaseTable[]) => readonly KnownSheet[] | null

/** Files of a workbook as a deployment holds them. Texts stand in JSON's quotes, which are YAML's too. */
export function filesOf(book: Book): Readonly<Record<string, string>> {
  const files: Record<string, string> = {}
  const values = Object.entries(book.values).map(([name, text]) => `  ${name}: ${text.startsWith('=') ? JSON.stringify(text) : text}\n`)
  files[`${book.name}/workbook.yaml`] = [
    `time_zone: ${book.timeZone}\n`,
    ...(values.length > 0 ? ['values:\n', ...values] : []),
    'cost: {accept: whole-table}\n',
    ...(values.some((one) => one.includes('"=')) ? ['read: {anyone: all}\n'] : []),
  ].join('')
  for (const [name, sheet] of Object.entries(book.sheets)) {
    const columns = Object.entries(sheet.columns ?? {}).map(([column, formula]) => `  ${column}: ${JSON.stringify(formula)}\n`)
    files[`${book.name}/${name}.sheet.yaml`] = [
      `rows: ${JSON.stringify(sheet.rows)}\n`,
      ...(sheet.keep === undefined || sheet.keep.length === 0 ? [] : [`keep: ${JSON.stringify(sheet.keep)}\n`]),
      ...(sheet.map === undefined ? [] : [`map: ${JSON.stringify(sheet.map)}\n`]),
      ...(columns.length > 0 ? ['columns:\n', ...columns] : []),
      'cost: {accept: whole-table}\n',
      'read: {anyone: all}\n',
    ].join('')
  }
  return files
}
