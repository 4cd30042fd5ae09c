import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { devToken } from '@sheetflow/serve/identity/dev-token'
import { freePort, startEmbeddedPostgres, temporaryDataDir } from '@sheetflow/testkit/postgres/embedded'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import type { BusName } from '../bench-options.ts'
import { temporaryFolder } from '../temporary.ts'
import { askUntil, Installation } from './installation.ts'

/** Rows that the page shows and the load updates: a multiple of every number of connections, so that each row is one connection's. */
export const OPEN_ORDERS = 96

/** What one page sees: rows that a filter lets through with a name looked up, and sums by customer. */
export const PAGE_QUERY = '{ open_orders { id customer total n } customers { id name spent } }'

/** Rows that a page of few sees. */
export const FEW_ORDERS = 10

/** The same of one order in ten: nobody looks at everything that a company does. */
export const FEW_QUERY: string = `{ open_orders(where: {id: {_lt: "${FEW_ORDERS}"}}) { id customer total n } customers(where: {id: {_lt: "5"}}) { id name spent } }`

/** What is in the shop, and what carries its changes. */
export interface WorldOptions {
  readonly bus: BusName
  readonly orders: number
  /** The first so many orders are open: the page sees them. */
  readonly open: number
  readonly customers: number
}

const RING: Omit<WorldOptions, 'bus'> = { orders: 10_000, open: OPEN_ORDERS, customers: 50 }

/** A running product over a real Postgres that syncs to disk, and beside it the same table in a database that the product does not read. */
export interface RingWorld extends AsyncDisposable {
  /** Of the database that Sheetflow captures. */
  readonly url: string
  /** Of the one that the limit reads. */
  readonly limitUrl: string
  /** `http://127.0.0.1:…` of the product. */
  readonly serveUrl: string
  readonly token: string
  /** On the disk that the database, the bus and the store write to. */
  readonly folder: string
  readonly installation: Installation
  /** Of the servers that we did not write, the number of each process by its name. */
  readonly servers: ReadonlyMap<string, number>
}

/** Starts Postgres, the bus's server where it has one, and `sheetflow start`; resolves when every role does its work and the views are there. */
export async function startRingWorld(options: Partial<WorldOptions> & Pick<WorldOptions, 'bus'>): Promise<RingWorld> {
  const shop: WorldOptions = { ...RING, ...options }
  await using made = new AsyncDisposableStack()
  const postgres = await startEmbeddedPostgres({ dataDir: temporaryDataDir() })
  made.defer(async () => {
    await postgres.stop()
    rmSync(path.dirname(postgres.dataDir), { recursive: true, force: true })
  })
  const limitUrl = await createDatabases(postgres.url, shop)
  const folder = made.use(temporaryFolder()).path
  const nats = shop.bus === 'nats' ? made.use(await startNats()) : null
  const port = await freePort()
  const key = randomBytes(32).toString('hex')
  writeProject(folder, port, nats)
  const installation = made.use(new Installation(shop.bus, folder, { SHOP_URL: postgres.url, RING_KEY: key }))
  await installation.start()
  const token = await devToken(new Uint8Array(Buffer.from(key)), { user: '7', role: 'clerk' }, Date.now())
  const serveUrl = `http://127.0.0.1:${port}`
  await askUntil<{ open_orders: unknown[] }>(
    { serveUrl, token, query: '{ open_orders(limit: 1) { id } }' },
    (data) => data.open_orders.length > 0,
  )
  const stack = made.move()
  return {
    url: postgres.url,
    limitUrl,
    serveUrl,
    token,
    folder,
    installation,
    servers: new Map(nats === null ? [] : [['nats-server', nats.pid()]]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function tablesOf({ orders, open, customers }: WorldOptions): string {
  return `
  create table customers (id bigint primary key, name text not null);
  create table orders (id bigint primary key, customer_id bigint not null, status text not null, total numeric(12,2) not null, n bigint not null default 0);
  insert into customers select i, 'Customer ' || i from generate_series(0, ${customers - 1}) i;
  insert into orders select i, i % ${customers}, case when i < ${open} then 'open' else 'shipped' end, i, 0 from generate_series(0, ${orders - 1}) i`
}

async function createDatabases(url: string, shop: WorldOptions): Promise<string> {
  const limitUrl = url.replace(/postgres$/, 'hand_written')
  await run(url, `create database hand_written`)
  await run(url, tablesOf(shop))
  await run(limitUrl, `${tablesOf(shop)}; create publication hand_written for table orders`)
  return limitUrl
}

async function run(url: string, sql: string): Promise<void> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  await db.query(sql)
  await db.end()
}

/** A project as somebody would write it. */
function writeProject(folder: string, port: number, nats: NatsServer | null): void {
  const workbook = path.join(folder, 'workbooks/sales')
  mkdirSync(workbook, { recursive: true })
  for (const [name, text] of Object.entries(WORKBOOK)) writeFileSync(path.join(workbook, name), text)
  writeFileSync(
    path.join(folder, 'sheetflow.config.yaml'),
    `sources:
  shop: {type: postgres, url: {$secret: SHOP_URL}, tables: ['public.*']}
bus: ${nats === null ? '{type: sqlite}' : `{type: nats, servers: ['${nats.url}'], monitor: '${nats.monitor}'}`}
data: data
workbooks: workbooks
serve:
  port: ${port}
  identity: {secret: {$secret: RING_KEY}}
`,
  )
}

const WORKBOOK: Readonly<Record<string, string>> = {
  'workbook.yaml': 'time_zone: UTC\nread: {clerk: all}\n',
  'open_orders.sheet.yaml': `rows: =FILTER(shop!orders, shop!orders[status]="open")
keep: [id, customer_id, total, n]
columns:
  customer: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")
publish: {index: [customer_id]}
read: {clerk: all}
`,
  'customers.sheet.yaml': `rows: =shop!customers
keep: [id, name]
columns:
  spent: =SUMIFS(shop!orders[total], shop!orders[customer_id], [@id])
read: {clerk: all}
`,
}
