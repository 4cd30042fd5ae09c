import type { DiscoveredTable } from '@sheetflow/core/ports/source'
import type { ColumnSchema } from '@sheetflow/core/schema'
import { columnBehindAt } from '@sheetflow/formula/syntax/print'
import { COLUMN_NAME } from '@sheetflow/workbook/compile/columns'
import { suggestedName } from '@sheetflow/workbook/file/workbook-set'
import { formatFile } from '@sheetflow/workbook/fmt/format-file'

/** A column that a page can show. */
export interface FirstColumn {
  /** Its name in the sheet, also in GraphQL: the source's own, or one that GraphQL can write. */
  readonly name: string
  readonly column: ColumnSchema
}

/** A sheet of a first workbook. */
export interface FirstSheet {
  /** Its name, also in GraphQL. */
  readonly name: string
  /** Columns that its page can show, the key's first. */
  readonly columns: readonly FirstColumn[]
  /** What stands in its file. */
  readonly text: string
}

/** A first sheet is written for at most so many tables: a start, not a copy of the database. */
const FIRST_SHEETS = 3
const MOST_COLUMNS = 8

/** Sheets for the largest of these tables, each passing its rows on. */
export function firstSheets(source: string, tables: readonly DiscoveredTable[]): readonly FirstSheet[] {
  const taken = new Set<string>()
  return tables
    .toSorted((a, b) => b.rows - a.rows || Number(inPublic(b)) - Number(inPublic(a)))
    .slice(0, FIRST_SHEETS)
    .map((table) => {
      const name = freeName(table.schema.table, taken)
      taken.add(name)
      const columns = firstColumns(table)
      // `fmt` writes what YAML would misread in a way that it does not.
      return { name, columns, text: formatFile(`${name}.sheet.yaml`, sheetText(source, table, columns)).text }
    })
}

/** The key's columns and the first of the others. */
function firstColumns({ schema: { key, columns } }: DiscoveredTable): readonly FirstColumn[] {
  const isKey = ({ name }: ColumnSchema): boolean => key.includes(name)
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  return [...columns.filter(isKey), ...columns.filter((column) => !isKey(column)).slice(0, MOST_COLUMNS)].map((column) => {
    if (COLUMN_NAME.test(column.name)) return { name: column.name, column }
    const base = suggestedName(column.name)
    let name = base
    for (let n = 2; taken.has(name); n += 1) name = `${base}_${n}`
    taken.add(name)
    return { name, column }
  })
}

function sheetText(source: string, { schema }: DiscoveredTable, columns: readonly FirstColumn[]): string {
  const about = `The rows of ${schema.table}.`
  const keep = columns.filter(({ name, column }) => name === column.name && !schema.key.includes(name))
  const renamed = columns.filter(({ name, column }) => name !== column.name)
  const lines = [
    `about: ${/^[\w. ]+$/.test(about) ? about : JSON.stringify(about)}`,
    `rows: =${source}!${tableReference(schema.table)}`,
    ...(keep.length === 0 ? [] : [`keep: [${keep.map(({ name }) => name).join(', ')}]`]),
    ...(renamed.length === 0 ? [] : ['columns:']),
    ...renamed.map(({ name, column }) => `  ${name}: ${yamlText(`=[@${columnBehindAt(column.name)}]`)}`),
    ...exampleLines(keep, renamed.length > 0),
    'read:',
    '  developer: all',
  ]
  return `${lines.join('\n')}\n`
}

/** A formula as a value in YAML: quoted where it would be cut or read as something else. */
function yamlText(formula: string): string {
  return /:\s|[\n\r\t]/.test(formula) ? JSON.stringify(formula) : formula
}

/** What a column of one's own looks like, as a comment. */
function exampleLines(keep: readonly FirstColumn[], hasColumns: boolean): readonly string[] {
  const of = keep.find(({ column }) => column.type === 'text')
  if (of === undefined) return []
  const formula = `#   label: =UPPER([@${of.name}])`
  return ['# Columns of your own, computed from the others and from any table:', ...(hasColumns ? [] : ['# columns:']), formula]
}

/** Tables of the schema `public` go by their own name, others with their schema's before it. */
function freeName(table: string, taken: ReadonlySet<string>): string {
  const own = nameOf(table.slice(table.indexOf('.') + 1))
  return table.startsWith('public.') && !taken.has(own) ? own : nameOf(table)
}

function nameOf(text: string): string {
  const name = text.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')
  return /^[a-z]/.test(name) ? name : `t_${name}`
}

/** A table as formulas write it: without the schema `public`, in quotes where it is no plain name. */
function tableReference(table: string): string {
  const name = table.startsWith('public.') ? table.slice('public.'.length) : table
  return /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(name) ? name : `'${name.replaceAll("'", "''")}'`
}

function inPublic({ schema }: DiscoveredTable): boolean {
  return schema.table.startsWith('public.')
}
