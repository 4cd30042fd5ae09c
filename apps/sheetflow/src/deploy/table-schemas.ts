import { decodeMessage } from '@sheetflow/core/framing/codec'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { TableSchema } from '@sheetflow/core/schema'
import { allTableSchemas, sourceStream } from '@sheetflow/core/subject'
import { tableWithId } from '@sheetflow/workbook/compile/table-scope'

/** The tables of all sources as the bus knows them now: `source!schema.table` → schema. */
export type TableSchemas = ReadonlyMap<string, TableSchema>

/** Reads the last schema of every table of these sources. A source that has not written yet has none. */
export async function readTableSchemas(bus: Bus, sources: readonly string[]): Promise<TableSchemas> {
  const tables = new Map<string, TableSchema>()
  for (const source of sources) {
    for (const message of await lastSchemas(bus, source)) {
      const decoded = decodeMessage(message)
      if (decoded.kind === 'schema') add(tables, source, decoded.message)
    }
  }
  return tables
}

/** Schemas come in the order of the stream: one of the same table under another name is that of before it was renamed. */
function add(tables: Map<string, TableSchema>, source: string, schema: TableSchema): void {
  const before = schema.id === undefined ? null : tableWithId(tables, `${source}!${schema.table}`, schema.id)
  if (before !== null) tables.delete(before)
  tables.set(`${source}!${schema.table}`, schema)
}

async function lastSchemas(bus: Bus, source: string): ReturnType<Bus['last']> {
  try {
    return await bus.last(sourceStream(source), allTableSchemas(source))
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return []
    throw error
  }
}
