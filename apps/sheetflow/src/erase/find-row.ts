import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { TableSchema } from '@sheetflow/core/schema'
import { allTableSchemas, sourceStream } from '@sheetflow/core/subject'
import { didYouMean } from '@sheetflow/formula/suggest'
import { parseKey } from '../ledger/row-key.ts'
import type { SourceRow } from './row-trace.ts'

interface Known {
  readonly source: string
  readonly schema: TableSchema
}

/**
 * The row that a command line names: `orders`, `public.orders` or `shop!public.orders`, and its key. `app/usage` with the tables that there are, where none or
 * several fit.
 */
export async function findRow(
  bus: Bus,
  sources: readonly string[],
  { table, key, source }: { readonly table: string; readonly key: string; readonly source: string | undefined },
): Promise<SourceRow> {
  if (source !== undefined && !sources.includes(source)) {
    throw new SheetflowError('app/usage', `there is no source ${source}`, {
      fix: didYouMean(source, sources) ?? `Sources are: ${sources.join(', ')}.`,
    })
  }
  const known: Known[] = []
  for (const one of source === undefined ? sources : [source]) {
    for (const schema of await schemasOf(bus, one)) known.push({ source: one, schema })
  }
  const fitting = known.filter((one) => namesOf(one).some((name) => name.toLowerCase() === table.toLowerCase()))
  // Of one table that was renamed every name is known; the last one counts.
  const places = new Map(fitting.map((one) => [`${one.source} ${one.schema.id ?? one.schema.table}`, one]))
  const [found, ...others] = places.values()
  if (found === undefined || others.length > 0) throw notOne(table, [...places.values()], known)
  const same = known.filter(
    ({ source: of, schema }) => of === found.source && (schema.table === found.schema.table || isSameTable(schema, found.schema)),
  )
  const schema = (same.findLast((one) => isSameTable(one.schema, found.schema)) ?? found).schema
  const columns = schema.key
    .flatMap((name) => schema.columns.filter((column) => column.name === name))
    .map((column) => ({ name: column.name, type: column }))
  return {
    source: found.source,
    tables: [...new Set(same.map((one) => one.schema.table))],
    schema,
    key: parseKey(key, schema.table, columns),
  }
}

function isSameTable(a: TableSchema, b: TableSchema): boolean {
  return a.id !== undefined && a.id === b.id
}

function namesOf({ source, schema }: Known): readonly string[] {
  const short = schema.table.slice(schema.table.indexOf('.') + 1)
  return [short, schema.table, `${source}!${short}`, `${source}!${schema.table}`]
}

/** The last schema of every table, by offset. */
async function schemasOf(bus: Bus, source: string): Promise<readonly TableSchema[]> {
  try {
    const stored = await bus.last(sourceStream(source), allTableSchemas(source))
    return stored.flatMap((one) => {
      const decoded = decodeMessage(one)
      return decoded.kind === 'schema' ? [decoded.message] : []
    })
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return []
    throw error
  }
}

function notOne(table: string, found: readonly Known[], known: readonly Known[]): SheetflowError {
  const names = known.map(({ source, schema }) => `${source}!${schema.table}`)
  if (found.length > 1) {
    const which = found.map(({ source, schema }) => `${source}!${schema.table}`)
    return new SheetflowError('app/usage', `${table} may be several tables`, { fix: `Write ${which.join(' or ')}.` })
  }
  const fix = didYouMean(
    table,
    known.flatMap((one) => namesOf(one)),
  )
  return new SheetflowError('app/usage', `there is no table ${table} among those that were captured here`, {
    fix: fix ?? `Tables are: ${names.join(', ') || 'none yet'}.`,
  })
}
