import { SheetflowError } from '@sheetflow/core/errors'
import { sourceError } from './connect.ts'
import type { CatalogueQuery } from './pg-type.ts'
import { quoteName, quoteTable } from './sql-text.ts'

/** The publication as it is. */
export interface PublicationState {
  readonly allTables: boolean
  /** Do changes of partitions come under their root's name? */
  readonly viaRoot: boolean
  /** Are inserts, updates, deletes and truncates all published? */
  readonly allOperations: boolean
  /** `schema.table`; of a publication for all tables: every one. */
  readonly tables: ReadonlySet<string>
}

/** Null: there is none. */
export async function readPublication(query: CatalogueQuery, name: string): Promise<PublicationState | null> {
  const [row] = await query<{ all: boolean; root: boolean; ops: boolean; tables: readonly string[] | null }>(
    `select p.puballtables as all, p.pubviaroot as root, p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate as ops,
            (select json_agg(t.schemaname || '.' || t.tablename) from pg_publication_tables t where t.pubname = p.pubname) as tables
       from pg_publication p where p.pubname = $1`,
    [name],
  )
  if (row === undefined) return null
  return { allTables: row.all, viaRoot: row.root, allOperations: row.ops, tables: new Set(row.tables ?? []) }
}

/** The SQL that makes the publication. */
export function createPublicationSql(name: string, tables: readonly string[]): string {
  const list = tables.length === 0 ? '' : ` FOR TABLE ${tables.map(onlyTable).join(', ')}`
  return `CREATE PUBLICATION ${quoteName(name)}${list} WITH (publish_via_partition_root = true)`
}

/** The SQL that adds tables to it. */
export function addTablesSql(name: string, tables: readonly string[]): string {
  return `ALTER PUBLICATION ${quoteName(name)} ADD TABLE ${tables.map(onlyTable).join(', ')}`
}

/**
 * Makes sure that the publication is there and holds these tables; returns those that it did not hold before. It must be there before the slot:
 * the log is read with the catalogue of its own time. `source/not-ready` with the SQL, if this user may not.
 */
export async function ensurePublication(query: CatalogueQuery, name: string, tables: readonly string[]): Promise<readonly string[]> {
  const state = await readPublication(query, name)
  if (state === null) {
    await run(query, createPublicationSql(name, tables))
    return tables
  }
  if (!state.viaRoot || !state.allOperations) {
    await run(
      query,
      `ALTER PUBLICATION ${quoteName(name)} SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`,
    )
  }
  const missing = tables.filter((table) => !state.tables.has(table))
  if (missing.length > 0) await run(query, addTablesSql(name, missing))
  return missing
}

async function run(query: CatalogueQuery, sql: string): Promise<void> {
  try {
    await query(sql, [])
  } catch (cause) {
    const error = sourceError(cause)
    if (error.code === 'source/unreachable') throw error
    throw new SheetflowError('source/not-ready', `The publication cannot be set up: ${error.message}`, {
      fix: `Run as the tables' owner: ${sql};`,
      cause,
    })
  }
}

/** A table without those that inherit from it: each is published by itself. Of a partitioned one ONLY has no effect. */
function onlyTable(table: string): string {
  return `ONLY ${quoteTable(table)}`
}
