import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ulid } from '@sheetflow/core/ulid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configFile, sheetflow } from './erase-lab.ts'
import { RunningShop, type ReadyEvent } from './running-shop.ts'

/**
 * The drill of docs/operations.md: the disk with the bus and the checkpoints is lost, the archive and the views (which may be ahead of it) are kept. Afterwards views are what the database
 * says, history reaches back to before the loss, and commands are carried out.
 */

const PATIENT = { timeout: 120_000 }
const STREAMS = ['SF_SRC_shop', 'SF_GRAPH_sales', 'SF_IN_GRAPH_sales']

let shop: RunningShop
let ready: ReadyEvent
let archive: string
let config: readonly string[]
let customer: string

beforeAll(async () => {
  archive = mkdtempSync(path.join(tmpdir(), 'archive-'))
  shop = await RunningShop.create({ SHEETFLOW_ARCHIVE: archive, SHEETFLOW_ARCHIVE_AFTER: '1' })
  await start()
}, 300_000)

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  rmSync(archive, { recursive: true, force: true })
}, 300_000)

async function start(): Promise<void> {
  ready = await shop.start(0)
  const shopSource = { type: 'postgres', url: ready.database, tables: ['public.*'] }
  const written = { sources: { shop: shopSource }, data: shop.data, workbooks: shop.workbooks, archive: { type: 'files', dir: archive } }
  config = ['--config', configFile(shop.data, written)]
}

async function ask(query: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(ready.urls.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ready.token}` },
    body: JSON.stringify({ query }),
  })
  return ((await response.json()) as { readonly data: Readonly<Record<string, unknown>> }).data
}

/** All open orders as a reader has them, and as the database has them. */
async function readers(): Promise<unknown> {
  const data = await ask('{ open_orders(order_by: [{id: asc}]) { id total customer } }')
  return data['open_orders']
}

async function database(): Promise<unknown> {
  return await shop.sql(
    "select o.id::text, o.total::text, c.name as customer from orders o join customers c on c.id = o.customer_id where o.status = 'open' order by o.id",
  )
}

/** By a command; resolves when readers have seen it, so that each makes a change of its own in the history. */
async function ship(order: string, spent: string): Promise<void> {
  const id = ulid(Date.now(), Math.random)
  await ask(`mutation { command(id: "${id}", name: "ship_order", payload: {id: ${order}}) { id status } }`)
  await expect
    .poll(async () => await ask(`{ customers_by_pk(id: "${customer}") { spent } }`), PATIENT)
    .toEqual({ customers_by_pk: { spent } })
  expect(await shop.sql('select status from orders where id = $1', [order])).toEqual([{ status: 'shipped' }])
}

async function place(total: string): Promise<string> {
  const [row] = await shop.sql('insert into orders (customer_id, total, tenant) values ($1, $2, 1) returning id::text', [customer, total])
  return String(row?.['id'])
}

test('the shop works, with commands, and is archived', async () => {
  const [row] = await shop.sql("insert into customers (name, country, tenant) values ('Before the loss', 'PL', 1) returning id::text")
  customer = String(row?.['id'])
  await ship(await place('1.00'), '1')
  await ship(await place('2.00'), '3')
  await ship(await place('3.00'), '6')
  await place('4.00')
  await expect.poll(async () => [await readers(), null], PATIENT).toEqual([await database(), null])
  const named = async (): Promise<unknown> =>
    (await sheetflow(['archive', '--json', ...config])).lines.map(({ stream, last }) => [stream, Number(last) > 0])
  await expect.poll(named, PATIENT).toEqual(STREAMS.map((stream) => [stream, true]))
  const { lines } = await sheetflow(['history', 'customers', customer, '--json', ...config])
  const seen = lines.find(({ event }) => event === 'change')?.['position'] as { readonly offset: number }
  const reached = async (): Promise<number> => Number((await sheetflow(['archive', '--json', ...config])).lines[1]?.['last'])
  await expect.poll(reached, PATIENT).toBeGreaterThanOrEqual(seen.offset)
})

test('bus and checkpoints are lost; the archive fills the streams anew', async () => {
  // Nobody has archived this when the disk goes.
  await place('5.00')
  await shop.stop()
  for (const name of ['bus', 'state']) rmSync(path.join(shop.data, name), { recursive: true })
  const dry = await sheetflow(['restore', '--dry-run', '--json', ...config])
  expect(dry.lines.filter(({ event }) => event === 'stream').map(({ stream }) => stream)).toEqual(STREAMS)
  expect(dry.code).toBe(0)
  const { lines, code } = await sheetflow(['restore', '--yes', '--json', ...config])
  expect(code).toBe(0)
  // The commits name what stood in the inbox, so the one that begins anew needs no messages in front.
  expect(lines.find(({ event }) => event === 'inbox')).toBeUndefined()
  expect(
    (await sheetflow(['restore', '--yes', '--json', ...config])).lines
      .filter(({ event }) => event === 'stream')
      .map(({ messages }) => messages),
  ).toEqual([0, 0, 0])
  const verified = await sheetflow(['verify', '--json', ...config])
  expect(verified.lines.at(-1)).toMatchObject({ event: 'summary', damaged: 0 })
})

test('it starts: readers have what the database has, and a command is carried out', async () => {
  await start()
  await expect.poll(async () => [await readers()], PATIENT).toEqual([await database()])
  await ship(await place('6.00'), '12')
  await place('7.00')
  await expect.poll(async () => [await readers()], PATIENT).toEqual([await database()])
})

test('history reaches back to before the loss, and the archive goes on', async () => {
  const { lines } = await sheetflow(['history', 'customers', customer, 'spent', '--json', ...config])
  const values = lines
    .filter(({ event }) => event === 'change')
    .flatMap(({ cells }) => (cells as readonly { readonly after?: unknown }[]).map(({ after }) => after))
  expect(values).toEqual(expect.arrayContaining(['12', '6', '3', '1']))
  expect(lines.at(-1)).toMatchObject({ event: 'summary', trimmed: false })
  const gaps = async (): Promise<unknown> =>
    (await sheetflow(['archive', '--json', ...config])).lines.map(({ stream, gap }) => [stream, gap])
  await expect.poll(gaps, PATIENT).toEqual(STREAMS.map((stream) => [stream, false]))
})
