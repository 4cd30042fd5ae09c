import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { KeyJson } from '@sheetflow/core/message'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import type { ChannelDescription } from '@sheetflow/core/wire'
import type { KeyedRow, StoreRows } from './rolled-read.ts'

/** The first `limit` rows of a channel from the store: what a window opens with. `query/not-ready` if the store knows no position yet. */
export async function readRows(
  from: { readonly store: ReadableViewStore; readonly stream: string; readonly schema: SheetSchema },
  description: ChannelDescription,
  limit: number,
  signal: AbortSignal,
): Promise<StoreRows> {
  const { store, stream, schema } = from
  const order = description.window?.order ?? []
  const ids = new Set(description.columns)
  const columns = schema.columns.filter(({ id, name }) => ids.has(id) || order.some((term) => term.column === name)).map(({ name }) => name)
  const plan = {
    view: description.view,
    generation: description.generation,
    where: description.predicate,
    columns,
    key: true,
    order,
    limit,
    nested: [],
  }
  const result = await store.query({ streams: [stream], plans: [plan] }, signal)
  const position = result.positions[stream]
  if (position === undefined) throw new SheetflowError('query/not-ready', `the store has nothing of ${stream} yet`, { retry: 'later' })
  const rows = JSON.parse(must(result.rows[0])) as readonly Readonly<Record<string, JsonValue>>[]
  return { offset: position.offset, rows: rows.map((row) => keyedRow(schema, row)) }
}

function keyedRow(schema: SheetSchema, row: Readonly<Record<string, JsonValue>>): KeyedRow {
  const key = must(row['_key']) as KeyJson
  return {
    key,
    row: schema.columns.map(({ name }) => {
      const place = schema.key.indexOf(name)
      return row[name] ?? (place === -1 ? null : (key[place] ?? null))
    }),
  }
}
