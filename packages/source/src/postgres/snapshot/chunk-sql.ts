import { quoteName, quoteTable, quoteText } from '../session/sql-text.ts'
import type { TableLayout } from '../tables/table-layout.ts'
import type { ChunkRequest } from './chunk.ts'
import type { SnapshotFaults } from './faults.ts'

/** Prefix of the logical message that tells where in the log a chunk's snapshot has been overtaken. */
export const BARRIER_PREFIX = 'sf:barrier'

/**
 * The one simple query that reads a chunk (FORMATS 6). The lock comes before the snapshot: it waits for a TRUNCATE or rewrite under way, does not
 * freeze the snapshot, and keeps the next one out until the rows are read. With the snapshot comes the table's shape as of then (`shapeOf`): the layout may be older
 * or newer than the rows. The barrier is written after the snapshot, in a transaction of its own.
 */
export function chunkSql(
  request: ChunkRequest,
  layout: TableLayout,
  partitioned: boolean,
  barrier: string,
  faults: SnapshotFaults = {},
): string {
  const table = `${partitioned ? '' : 'ONLY '}${quoteTable(layout.schema.table)}`
  const columns = layout.columns.map((column) => quoteName(column.schema.name)).join(', ')
  return [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    ...searchPath(layout),
    ...(faults.off?.has('lock') === true ? [] : [`LOCK TABLE ${table} IN ACCESS SHARE MODE`]),
    `SELECT pg_current_snapshot()::text || ${quoteText('\n')} || coalesce((${shapeSql(layout.oid)}), '')`,
    ...(faults.readDelayMs === undefined ? [] : [`SELECT pg_sleep(${String(faults.readDelayMs() / 1000)})`]),
    `COPY (SELECT ${columns} FROM ${table} ${scopeSql(request, layout)}) TO STDOUT`,
    'COMMIT',
    `SELECT pg_logical_emit_message(true, ${quoteText(BARRIER_PREFIX)}, ${quoteText(barrier)})`,
  ].join('; ')
}

/** The columns of a layout, as `shapeSql` prints those of its table. */
export function shapeOf(layout: TableLayout): string {
  return layout.columns.map(({ schema, typeOid, typmod }) => `${schema.name} ${String(typeOid)} ${String(typmod)}`).join('\n')
}

function shapeSql(oid: number): string {
  return `SELECT string_agg(attname || ' ' || atttypid::text || ' ' || atttypmod::text, ${quoteText('\n')} ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = ${String(oid)} AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`
}

/**
 * ORDER BY takes the order of the key's type, but `>` is looked up by name: of a type that an extension brought (citext) the wrong one would be found, and rows
 * would be left out.
 */
function searchPath(layout: TableLayout): readonly string[] {
  const schemas = new Set(layout.keys.map((index) => layout.columns[index]?.typeSchema ?? null).filter((schema) => schema !== null))
  return schemas.size === 0 ? [] : [`SET LOCAL search_path TO ${['pg_catalog', ...schemas].join(', ')}`]
}

function scopeSql({ scope }: ChunkRequest, layout: TableLayout): string {
  const names = layout.schema.key.map(quoteName)
  const key = tuple(names)
  if (scope.kind !== 'range') {
    const keys = [...scope.keys].map((text) => constants(text.split('\0'), layout))
    return `WHERE ${key} IN (${keys.join(', ')})`
  }
  const behind = scope.after === null ? '' : `WHERE ${key} > ${constants(scope.after, layout)}`
  return `${behind} ORDER BY ${names.join(', ')} LIMIT ${String(scope.limit)}`
}

/** Exact key text as constants of the key columns' types; the comparison then takes the columns' collations. */
function constants(key: readonly string[], layout: TableLayout): string {
  return tuple(layout.keys.map((index, k) => `${quoteText(key[k] ?? '')}::${layout.columns[index]?.typeText ?? 'text'}`))
}

function tuple(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`
}
