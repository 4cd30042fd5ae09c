import { decodeMessage } from '@sheetflow/core/framing/codec'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { TableSchema } from '@sheetflow/core/schema'
import { allTableSchemas, sourceStream, sourceSubject } from '@sheetflow/core/subject'
import { tableWithId } from '@sheetflow/workbook/compile/table-scope'

/** The tables of all sources as the bus knows them now: `source!schema.table` → schema. */
export type TableSchemas = ReadonlyMap<string, TableSchema>

/** Reads the last schema of every table of these sources. A source that has not written yet has none; a table that the source has dropped is not there. */
export async function readTableSchemas(bus: Bus, sources: readonly string[]): Promise<TableSchemas> {
  return await readSchemas(bus, sources, async (source) => {
    const control = await lastControl(bus, source)
    // A schema stands before the message that tells of its table's first run.
    return ({ table }, offset) => control === null || offset > control.offset || Object.hasOwn(control.tables, table)
  })
}

/** The same with tables that have been dropped: rows of theirs may still be on the bus. */
export async function readAllTableSchemas(bus: Bus, sources: readonly string[]): Promise<TableSchemas> {
  return await readSchemas(bus, sources, () => Promise.resolve(() => true))
}

type IsThere = (schema: TableSchema, offset: number) => boolean

async function readSchemas(bus: Bus, sources: readonly string[], thereIn: (source: string) => Promise<IsThere>): Promise<TableSchemas> {
  const tables = new Map<string, TableSchema>()
  for (const source of sources) {
    const schemas = await last(bus, source, allTableSchemas(source))
    const isThere = await thereIn(source)
    for (const message of schemas) {
      const decoded = decodeMessage(message)
      if (decoded.kind === 'schema' && isThere(decoded.message, message.offset)) add(tables, source, decoded.message)
    }
  }
  return tables
}

/** What the source last said of how its tables stand, and where. */
async function lastControl(bus: Bus, source: string): Promise<{ readonly offset: number; readonly tables: object } | null> {
  const message = (await last(bus, source, sourceSubject(source, '_ctl'))).at(-1)
  const decoded = message === undefined ? null : decodeMessage(message)
  if (message === undefined || decoded?.kind !== 'control' || !('state' in decoded.message)) return null
  return { offset: message.offset, tables: decoded.message.state.tables }
}

/** Schemas come in the order of the stream: one of the same table under another name is that of before it was renamed. */
function add(tables: Map<string, TableSchema>, source: string, schema: TableSchema): void {
  const before = schema.id === undefined ? null : tableWithId(tables, `${source}!${schema.table}`, schema.id)
  if (before !== null) tables.delete(before)
  tables.set(`${source}!${schema.table}`, schema)
}

async function last(bus: Bus, source: string, subject: string): ReturnType<Bus['last']> {
  try {
    return await bus.last(sourceStream(source), subject)
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return []
    throw error
  }
}
