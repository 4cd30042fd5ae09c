import type { DiscoveredTable, Discovery } from '@sheetflow/core/ports/source'
import type { SetupCheck } from '@sheetflow/core/setup-check'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import { SheetflowError } from '@sheetflow/core/errors'
import { BlobCollector } from './values/blob-collector.ts'
import type { CatalogueTable } from './catalogue/catalogue.ts'
import { readCatalogue } from './catalogue/catalogue.ts'
import { runChecks } from './checks.ts'
import { connectSql, sourceError } from './session/connect.ts'
import type { CatalogueQuery } from './catalogue/pg-type.ts'
import type { PostgresSettings } from './settings.ts'
import { tableFilter } from './settings.ts'
import { chooseKey } from './catalogue/table-key.ts'
import { catalogueColumns, layoutOf } from './tables/table-layout.ts'

/**
 * Looks at a Postgres without changing anything: its tables with what they become, which of them cannot be captured and why, and everything else that stands in
 * the way, each with the SQL that mends it. Tables that the configuration does not ask for are left out. Errors: `source/unreachable`, `source/auth`.
 */
export async function discover(settings: PostgresSettings, signal?: AbortSignal): Promise<Discovery> {
  const sql = await connectSql(settings, signal)
  const query: CatalogueQuery = async <Row>(text: string, parameters: readonly unknown[]) =>
    (await sql.query(text, [...parameters])).rows as readonly Row[]
  try {
    const wanted = tableFilter(settings.tables)
    const tables = (await readCatalogue(query, null)).filter((table) => wanted(table.name))
    const checks = await runChecks(query, settings, tables)
    const [server] = await query<{ version: string }>('select version()', [])
    return {
      server: (server?.version ?? 'PostgreSQL').split(' on ', 1)[0] ?? 'PostgreSQL',
      tables: tables.map((table) => describe(table, settings)),
      checks: [...checks, ...unknownTypes(tables)],
    }
  } catch (error) {
    throw sourceError(error)
  } finally {
    void sql.end().catch(() => {})
  }
}

function describe(table: CatalogueTable, settings: PostgresSettings): DiscoveredTable {
  const choice = chooseKey(table, settings.keys?.[table.name])
  const key = 'key' in choice ? choice.key : []
  const layout = layoutOf(
    { oid: table.oid, name: table.name, key },
    catalogueColumns(table),
    undefined,
    new BlobCollector(NO_BLOBS),
    settings.dates ?? {},
  )
  return {
    schema: { table: table.name, key, columns: layout.schema.columns },
    rows: Math.round(table.rows),
    bytes: table.bytes,
    ...('key' in choice ? {} : { refused: choice }),
  }
}

function unknownTypes(tables: readonly CatalogueTable[]): readonly SetupCheck[] {
  const unknown = tables.flatMap((table) => {
    const layout = layoutOf(
      { oid: table.oid, name: table.name, key: [] },
      catalogueColumns(table),
      undefined,
      new BlobCollector(NO_BLOBS),
      {},
    )
    return layout.columns
      .filter((column) => !column.compiled.known)
      .map((column) => `${table.name}.${column.schema.name} (${column.typeText})`)
  })
  if (unknown.length === 0) return []
  return [{ name: 'types', status: 'warn', message: `Columns of types that are not known are passed on as text: ${unknown.join(', ')}` }]
}

/** Looking needs no blobs. */
const NO_BLOBS: BlobStore = {
  put: async () => await Promise.reject(new SheetflowError('store/unavailable', 'there is no blob store here')),
  get: async () => await Promise.reject(new SheetflowError('store/unknown', 'there is no blob store here')),
  delete: async () => await Promise.resolve(),
  [Symbol.asyncDispose]: async () => await Promise.resolve(),
}
