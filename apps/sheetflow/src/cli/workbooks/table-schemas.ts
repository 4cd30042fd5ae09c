import type { Bus } from '@sheetflow/core/ports/bus'
import type { TableSchema } from '@sheetflow/core/schema'
import type { LoadedConfig } from '../../config/load.ts'
import { readTableSchemas, type TableSchemas } from '../../deploy/table-schemas.ts'
import { sourceDriver } from '../../registry.ts'

/**
 * The tables of all sources: as the bus knows them where a source has been captured, else as the source says now.
 * `source/unreachable` and its like if a source must be asked and does not answer.
 */
export async function knownTables(loaded: LoadedConfig, bus: Bus | null): Promise<TableSchemas> {
  const tables = new Map<string, TableSchema>()
  for (const source of Object.keys(loaded.config.sources)) {
    const captured = bus === null ? new Map<string, TableSchema>() : await readTableSchemas(bus, [source])
    for (const [id, schema] of captured.size > 0 ? captured : await discovered(loaded, source)) tables.set(id, schema)
  }
  return tables
}

async function discovered(loaded: LoadedConfig, name: string): Promise<TableSchemas> {
  await using source = await (await sourceDriver(loaded, name)).open()
  const { tables } = await source.discover()
  return new Map(
    tables.flatMap(({ schema, refused }): [string, TableSchema][] =>
      // Never written down, so number and hash do not matter.
      refused === undefined ? [[`${name}!${schema.table}`, { v: 1, schema: 0, hash: '', ...schema }]] : [],
    ),
  )
}
