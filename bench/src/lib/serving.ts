import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { RowJson } from '@sheetflow/core/message'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import { receiptsView, RECEIPTS } from '@sheetflow/core/receipt'
import type { SheetSchema } from '@sheetflow/core/schema'
import { devToken } from '@sheetflow/serve/identity/dev-token'
import { JwtIdentity } from '@sheetflow/serve/identity/jwt-identity'
import { startServe } from '@sheetflow/serve/role/start-serve'
import type { RunningServe } from '@sheetflow/serve/role/start-serve'
import { GraphWriter } from '@sheetflow/serve/testing/graph-writer'
import { REAL_CLOCK, TestLog } from '@sheetflow/serve/testing/host'
import { openSqliteViews } from '@sheetflow/store/sql/sqlite/view-store'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { temporaryFolder } from './temporary.ts'

/** A serve role over one view in a real SQLite store; the graph's stream is in memory, written by hand. */
export interface Serving extends AsyncDisposable {
  readonly serve: RunningServe
  readonly writer: GraphWriter
  readonly store: ViewStore
  /** Of a reader in the role `clerk`. */
  readonly token: string
}

export const ORDERS: SheetSchema = {
  v: 1,
  table: 'sales.orders',
  schema: 1,
  hash: 'bench',
  generation: 1,
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'bigint', null: false },
    { name: 'customer_id', id: 2, type: 'int', null: true, source: 'int4' },
    { name: 'customer', id: 3, type: 'text', null: true },
    { name: 'status', id: 4, type: 'text', null: true },
    { name: 'total', id: 5, type: 'decimal', p: 12, s: 2, null: true },
    { name: 'lines', id: 6, type: 'int', null: true, source: 'int4' },
    { name: 'placed_at', id: 7, type: 'timestamptz', null: true },
    { name: 'note', id: 8, type: 'text', null: true },
  ],
  index: ['customer_id', 'placed_at'],
  search: [],
  lists: {},
  read: { clerk: { rows: null, hide: [] } },
}

export function orderRow(id: number): RowJson {
  const day = String(1 + (id % 28)).padStart(2, '0')
  const placedAt = `2026-11-${day}T10:00:00.${String(id % 1_000_000).padStart(6, '0')}Z`
  return [
    String(id),
    id % 100,
    `Customer number ${id % 100}`,
    id % 3 === 0 ? 'open' : 'shipped',
    `${id % 1000}.50`,
    id % 7,
    placedAt,
    'as ordered',
  ]
}

/** Starts it with so many orders. */
export async function startServing(rows: number, bus: MemoryBus = new MemoryBus()): Promise<Serving> {
  const folder = temporaryFolder()
  const store = openSqliteViews(path.join(folder.path, 'views.db'))
  const writer = new GraphWriter('sales', bus)
  await writer.open()
  const receipts = receiptsSchema()
  for (const schema of [receipts, ORDERS]) await store.ensure(schema)
  const created = Array.from({ length: rows }, (_, id) => orderRow(id)).map((row) => ['c', [row[0] ?? null], row, null] as const)
  await store.apply(writer.stream, [writer.write({ schemas: [receipts, ORDERS], rows: { [ORDERS.table]: created } })])
  const secret = new Uint8Array(randomBytes(32))
  const serve = await startServe({
    port: 0,
    host: '127.0.0.1',
    bus,
    stores: { main: store },
    graphs: ['sales'],
    log: new TestLog(),
    dev: false,
    key: secret,
    identity: new JwtIdentity({ secret }, REAL_CLOCK),
    clock: REAL_CLOCK,
    commands: { accept: ({ id }) => Promise.resolve({ id, status: 'accepted', validForMs: 60_000 }) },
    signal: new AbortController().signal,
  })
  return {
    serve,
    writer,
    store,
    token: await devToken(secret, { user: '7', role: 'clerk' }, Date.now()),
    [Symbol.asyncDispose]: async () => {
      await serve.close()
      await store[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

function receiptsSchema(): SheetSchema {
  const { key, columns } = RECEIPTS
  return { v: 1, table: receiptsView('sales'), schema: 1, hash: '', key, columns, generation: 1, index: [], search: [], lists: {} }
}
