import { decodeMessage } from '@sheetflow/core/framing/codec'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { TableSchema } from '@sheetflow/core/schema'
import { sourceStream } from '@sheetflow/core/subject'

/** The tables of all sources as the bus knows them now: `source!schema.table` → schema. */
export type TableSchemas = ReadonlyMap<string, TableSchema>

/** Reads the last schema of every table of these sources. A source that has not written yet has none. */
export async function readTableSchemas(bus: Bus, sources: readonly string[]): Promise<TableSchemas> {
  const tables = new Map<string, TableSchema>()
  for (const source of sources) {
    for (const message of await lastSchemas(bus, source)) {
      const decoded = decodeMessage(message)
      if (decoded.kind === 'schema') tables.set(`${source}!${decoded.message.table}`, decoded.message)
    }
  }
  return tables
}

async function lastSchemas(bus: Bus, source: string): ReturnType<Bus['last']> {
  try {
    return await bus.last(sourceStream(source), `sf.src.${source}._schema.>`)
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return []
    throw error
  }
}
