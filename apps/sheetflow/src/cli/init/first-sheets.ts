import type { DiscoveredTable } from '@sheetflow/core/ports/source'
import { formatFile } from '@sheetflow/workbook/fmt/format-file'

/** A sheet of a first workbook. */
export interface FirstSheet {
  /** Its name, also in GraphQL. */
  readonly name: string
  /** Columns that its page can show, the key's first. */
  readonly columns: readonly string[]
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
      const key = table.schema.key.filter(isPlain)
      const keep = table.schema.columns
        .map((column) => column.name)
        .filter((column) => isPlain(column) && !table.schema.key.includes(column))
      const kept = keep.slice(0, MOST_COLUMNS)
      // `fmt` writes what YAML would misread in a way that it does not.
      return { name, columns: [...key, ...kept], text: formatFile(`${name}.sheet.yaml`, sheetText(source, table, kept)).text }
    })
}

function sheetText(source: string, { schema }: DiscoveredTable, keep: readonly string[]): string {
  const example = keep.find((name) => schema.columns.some((column) => column.name === name && column.type === 'text'))
  const about = `The rows of ${schema.table}.`
  const lines = [
    `about: ${/^[\w. ]+$/.test(about) ? about : JSON.stringify(about)}`,
    `rows: =${source}!${tableReference(schema.table)}`,
    ...(keep.length === 0 ? [] : [`keep: [${keep.join(', ')}]`]),
    ...(example === undefined
      ? []
      : ['# Columns of your own, computed from the others and from any table:', '# columns:', `#   label: =UPPER([@${example}])`]),
    'read:',
    '  developer: all',
  ]
  return `${lines.join('\n')}\n`
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

function isPlain(column: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(column)
}
