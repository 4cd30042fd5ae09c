import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { devToken } from '@sheetflow/serve/identity/dev-token'
import { freePort, startEmbeddedPostgres, temporaryDataDir } from '@sheetflow/testkit/postgres/embedded'
import { SheetflowProcess } from '@sheetflow/testkit/torture/run/sheetflow-process'
import { temporaryFolder } from '../temporary.ts'

/** Rows that the page shows and the load updates: a multiple of every number of connections, so that each row is one connection's. */
export const OPEN_ORDERS = 96
/** The column that says which update was the row's last. */
const ORDERS = 10_000
const CUSTOMERS = 50

/** What one page sees: rows that a filter lets through with a name looked up, and sums by customer. */
export const PAGE_QUERY = '{ open_orders { id customer total n } customers { id name spent } }'

/** Rows that a page of few sees. */
export const FEW_ORDERS = 10

/** The same of one order in ten: nobody looks at everything that a company does. */
export const FEW_QUERY: string = `{ open_orders(where: {id: {_lt: "${FEW_ORDERS}"}}) { id customer total n } customers(where: {id: {_lt: "5"}}) { id name spent } }`

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
}

/** Starts Postgres and `sheetflow start`; resolves when every role does its work. */
export async function startRingWorld(): Promise<RingWorld> {
  await using made = new AsyncDisposableStack()
  const server = await startEmbeddedPostgres({ dataDir: temporaryDataDir() })
  made.defer(async () => {
    await server.stop()
    rmSync(path.dirname(server.dataDir), { recursive: true, force: true })
  })
  const limitUrl = await createDatabases(server.url)
  const folder = made.use(temporaryFolder()).path
  const port = await freePort()
  const key = randomBytes(32).toString('hex')
  writeProject(folder, port)
  const sheetflow = new SheetflowProcess({
    project: folder,
    env: { SHOP_URL: server.url, RING_KEY: key },
    log: path.join(folder, 'sheetflow.log'),
  })
  made.use(sheetflow)
  made.defer(async () => void (await sheetflow.stop()))
  // Whoever ends this process early must not leave the product behind.
  const leave = (): void => void sheetflow.stop()
  process.once('exit', leave)
  made.defer(() => void process.off('exit', leave))
  sheetflow.start()
  await sheetflow.ready()
  const token = await devToken(new Uint8Array(Buffer.from(key)), { user: '7', role: 'clerk' }, Date.now())
  const stack = made.move()
  return {
    url: server.url,
    limitUrl,
    serveUrl: `http://127.0.0.1:${port}`,
    token,
    folder,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const TABLES = `
  create table customers (id bigint primary key, name text not null);
  create table orders (id bigint primary key, customer_id bigint not null, status text not null, total numeric(12,2) not null, n bigint not null default 0);
  insert into customers select i, 'Customer ' || i from generate_series(0, ${CUSTOMERS - 1}) i;
  insert into orders select i, i % ${CUSTOMERS}, case when i < ${OPEN_ORDERS} then 'open' else 'shipped' end, i, 0 from generate_series(0, ${ORDERS - 1}) i`

async function createDatabases(url: string): Promise<string> {
  const limitUrl = url.replace(/postgres$/, 'hand_written')
  await run(url, `create database hand_written`)
  await run(url, TABLES)
  await run(limitUrl, `${TABLES}; create publication hand_written for table orders`)
  return limitUrl
}

async function run(url: string, sql: string): Promise<void> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  await db.query(sql)
  await db.end()
}

/** A project as somebody would write it. */
function writeProject(folder: string, port: number): void {
  const workbook = path.join(folder, 'workbooks/sales')
  mkdirSync(workbook, { recursive: true })
  for (const [name, text] of Object.entries(WORKBOOK)) writeFileSync(path.join(workbook, name), text)
  writeFileSync(
    path.join(folder, 'sheetflow.config.yaml'),
    `sources:
  shop: {type: postgres, url: {$secret: SHOP_URL}, tables: ['public.*']}
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
