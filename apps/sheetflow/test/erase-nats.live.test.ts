import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configFile, filesWith, sheetflow } from './erase-lab.ts'
import { RunningShop, type ReadyEvent } from './running-shop.ts'

/** The shop over NATS with an archive: the archive follows, history reads on into it, and a customer is forgotten on the server's disk too. */

const PATIENT = { timeout: 120_000 }
const NAME = 'Zbigniew Verysecret'
const OTHER_NAME = 'Zdzislaw Alsosecret'
const SECRETS = [NAME, OTHER_NAME]

let nats: NatsServer
let shop: RunningShop
let ready: ReadyEvent
let archive: string
let config: readonly string[]
let customer: string
let order: string

beforeAll(async () => {
  nats = await startNats()
  archive = mkdtempSync(path.join(tmpdir(), 'archive-'))
  shop = await RunningShop.create({ SHEETFLOW_BUS: nats.url, SHEETFLOW_ARCHIVE: archive, SHEETFLOW_ARCHIVE_AFTER: '1' })
  await start()
}, 300_000)

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  await nats[Symbol.asyncDispose]()
  rmSync(archive, { recursive: true, force: true })
}, 300_000)

async function start(): Promise<void> {
  ready = await shop.start(0)
  config = configOver(archive)
}

function configOver(dir: string): readonly string[] {
  const shopSource = { type: 'postgres', url: ready.database, tables: ['public.*'] }
  const written = {
    sources: { shop: shopSource },
    bus: { type: 'nats', servers: [nats.url] },
    data: shop.data,
    workbooks: shop.workbooks,
    archive: { type: 'files', dir },
  }
  return ['--config', configFile(shop.data, written)]
}

/** Files in which the customer still stands; the shop's own database apart. */
async function everywhere(): Promise<readonly string[]> {
  const views = readdirSync(shop.data).filter((file) => file.startsWith('views-'))
  return [
    ...(await filesWith([nats.dir, archive, ...['state', 'blobs', 'erasures'].map((name) => path.join(shop.data, name))], SECRETS)),
    ...views.filter((file) => SECRETS.some((secret) => readFileSync(path.join(shop.data, file)).includes(secret))),
  ]
}

/** What the history says of the customer's name, oldest first. */
async function told(): Promise<readonly unknown[]> {
  const { lines } = await sheetflow(['history', 'customers', customer, 'name', '--json', ...config])
  return lines
    .filter(({ event }) => event === 'change')
    .toReversed()
    .map(({ kind, cells }) =>
      kind === 'changed' || kind === 'appeared' ? (cells as readonly { readonly after?: unknown }[])[0]?.after : kind,
    )
}

/** Up to where the archive has each stream. */
async function archived(): Promise<Readonly<Record<string, number>>> {
  const { lines } = await sheetflow(['archive', '--json', ...config])
  return Object.fromEntries(lines.map(({ stream, last }) => [stream, last]))
}

async function offsetOf(args: readonly string[]): Promise<number> {
  const { lines } = await sheetflow([...args, '--json', ...config])
  const place = lines.find(({ event }) => event === 'change')?.['position'] as { readonly offset: number } | undefined
  return place?.offset ?? 0
}

test('a customer comes, is renamed and goes; history is what SQL was told', async () => {
  const [row] = await shop.sql("insert into customers (name, country, tenant) values ($1, 'PL', 1) returning id", [NAME])
  customer = String(row?.['id'])
  const [placed] = await shop.sql('insert into orders (customer_id, total, tenant) values ($1, 12.5, 1) returning id', [customer])
  order = String(placed?.['id'])
  await expect.poll(told, PATIENT).toEqual([NAME])
  await shop.sql('update customers set name = $2 where id = $1', [customer, OTHER_NAME])
  await expect.poll(told, PATIENT).toEqual([NAME, OTHER_NAME])
  await shop.sql('delete from orders where id = $1', [order])
  await shop.sql('delete from customers where id = $1', [customer])
  await expect.poll(told, PATIENT).toEqual([NAME, OTHER_NAME, 'vanished'])
})

test('the archive follows, and metrics say how far it is', async () => {
  const last = await offsetOf(['history', 'customers', customer])
  await expect.poll(async () => (await archived())['SF_GRAPH_sales'], PATIENT).toBeGreaterThanOrEqual(last)
  const dry = await sheetflow(['erase', 'customers', customer, '--dry-run', '--json', ...config])
  const { goneAt } = dry.lines.find(({ event }) => event === 'row') as unknown as { readonly goneAt: number }
  await expect.poll(async () => (await archived())['SF_SRC_shop'], PATIENT).toBeGreaterThanOrEqual(goneAt)
  const metric = async (): Promise<number> => {
    const text = await (await fetch(ready.urls.metrics)).text()
    return Number(/sheetflow_archive_position\{role="archive",stream="SF_SRC_shop"\} (\d+)/.exec(text)?.[1] ?? 0)
  }
  await expect.poll(metric, PATIENT).toBeGreaterThanOrEqual(goneAt)
})

test('while the archive is not so far nothing is done: what left the server would be nowhere', async () => {
  await shop.stop()
  const empty = mkdtempSync(path.join(tmpdir(), 'archive-'))
  const { lines } = await sheetflow(['erase', 'customers', customer, '--yes', '--json', ...configOver(empty)])
  expect(lines.at(-1)).toMatchObject({ event: 'error', code: 'erase/not-yet' })
  expect(await filesWith([nats.dir], [NAME])).not.toEqual([])
  expect(readdirSync(shop.data)).not.toContain('erasures')
  rmSync(empty, { recursive: true })
  config = configOver(archive)
})

test('it is erased on the server, in the archive and in every file of ours', async () => {
  expect(await everywhere()).not.toEqual([])
  const { lines, code } = await sheetflow(['erase', 'customers', customer, '--yes', '--json', ...config])
  expect(lines.filter(({ event, outcome }) => event === 'obstacle' || event === 'error' || outcome === 'remains')).toEqual([])
  expect(code).toBe(0)
  expect(await everywhere()).toEqual([])
  // What stood before the cut is read from the archive.
  expect(new Set(await told())).toEqual(new Set(['erased']))
  const { out } = await sheetflow(['history', 'open_orders', order, ...config])
  expect(out).toContain('customer (erased)')
})

test('the shop goes on, and its history reaches back to the beginning', async () => {
  await start()
  const [row] = await shop.sql("insert into customers (name, country, tenant) values ('Afterwards', 'PL', 1) returning id")
  customer = String(row?.['id'])
  await expect.poll(told, PATIENT).toEqual(['Afterwards'])
  const { lines } = await sheetflow(['history', 'customers', '1', '--json', ...config])
  expect(lines.at(-1)).toMatchObject({ event: 'summary', trimmed: false })
  expect(await everywhere()).toEqual([])
})
