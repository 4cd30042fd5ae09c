import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runs } from '@sheetflow/testkit/runs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveAll, configFile, filesWith, sheetflow } from './erase-lab.ts'
import { RunningShop, type ReadyEvent } from './running-shop.ts'

/** A customer is forgotten: the shop's real ring, its files and an archive, of which every byte is searched afterwards. */

const PATIENT = { timeout: 90_000 }
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const STREAMS = ['SF_SRC_shop', 'SF_GRAPH_sales', 'SF_IN_GRAPH_sales']
const NAME = 'Zbigniew Verysecret'
const OTHER_NAME = 'Zdzislaw Alsosecret'
/** Big enough for the store of big values. */
const BIG = `Bigsecret land ${'of nowhere '.repeat(30_000)}`
const SECRETS = [NAME, OTHER_NAME, 'Bigsecret land', NAME.toUpperCase()]

let shop: RunningShop
let ready: ReadyEvent
let config: readonly string[]
let customer: string
let order: string
/** Where Sheetflow keeps things; the database of the shop lies beside them. */
let folders: readonly string[]
/** What the sheet said, from SQL, by the position of its change. */
const names: string[] = []

beforeAll(async () => {
  shop = await RunningShop.create()
  ready = await shop.start(0)
  folders = ['bus', 'archive', 'state', 'blobs', 'erasures'].map((name) => path.join(shop.data, name))
  config = ['--config', configFile(shop.data, settings(ready.database))]
}, 300_000)

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
}, 300_000)

function settings(url: string): Readonly<Record<string, unknown>> {
  const shopSource = { type: 'postgres', url, tables: ['public.*'] }
  return { sources: { shop: shopSource }, data: shop.data, workbooks: shop.workbooks, archive: { type: 'files' } }
}

const views = (): readonly string[] => readdirSync(shop.data).filter((file) => file.startsWith('views-'))
const everywhere = async (): Promise<readonly string[]> => [
  ...(await filesWith(folders, SECRETS)),
  ...views().filter((file) => SECRETS.some((secret) => readFileSync(path.join(shop.data, file)).includes(secret))),
]

async function shownName(): Promise<unknown> {
  const { lines } = await sheetflow(['history', 'customers', customer, 'name', '--json', ...config])
  return (lines.find(({ event }) => event === 'change')?.['cells'] as readonly { readonly after?: unknown }[] | undefined)?.[0]?.after
}

async function named(name: string): Promise<void> {
  await shop.sql('update customers set name = $2 where id = $1', [customer, name])
  names.push(name)
  await expect.poll(shownName, PATIENT).toBe(name)
}

test('a customer comes, is renamed, has an order and a big value', async () => {
  const [row] = await shop.sql("insert into customers (name, country, tenant) values ($1, 'PL', 1) returning id", [NAME])
  customer = String(row?.['id'])
  names.push(NAME)
  const [placed] = await shop.sql('insert into orders (customer_id, total, tenant) values ($1, 12.5, 1) returning id', [customer])
  order = String(placed?.['id'])
  await expect.poll(shownName, PATIENT).toBe(NAME)
  await named(OTHER_NAME)
  await named(NAME.toUpperCase())
  await shop.sql('update customers set country = $2 where id = $1', [customer, BIG])
  await expect
    .poll(
      () => existsSync(path.join(shop.data, 'blobs')) && readdirSync(path.join(shop.data, 'blobs'), { recursive: true }).length,
      PATIENT,
    )
    .toBeGreaterThan(3)
})

test('while the row is at its source it is not erased, and both say so', async () => {
  const dry = await sheetflow(['erase', 'customers', customer, '--dry-run', '--json', ...config])
  expect(dry.code).toBe(1)
  expect(dry.lines.filter(({ event }) => event === 'obstacle').map(({ why }) => why)).toContainEqual(
    expect.stringContaining('is still there'),
  )
  const real = await sheetflow(['erase', 'customers', customer, '--yes', '--json', ...config])
  expect(real.lines.at(-1)).toMatchObject({ event: 'error', code: 'app/locked' })
  expect(await sheetflow(['erase', 'customers', customer, ...config])).toMatchObject({ code: 2 })
  expect(await sheetflow(['erase', 'custmers', '1', '--dry-run', ...config])).toMatchObject({
    code: 2,
    err: expect.stringContaining('customers') as string,
  })
})

test('it is deleted, Sheetflow sees that and stops; older segments go into the archive', async () => {
  await shop.sql('delete from orders where id = $1', [order])
  await shop.sql('delete from customers where id = $1', [customer])
  const vanished = async (): Promise<unknown> => {
    const { lines } = await sheetflow(['history', 'customers', customer, '--json', ...config])
    return lines.find(({ event }) => event === 'change')?.['kind']
  }
  await expect.poll(vanished, PATIENT).toBe('vanished')
  await shop.stop()
  await archiveAll(shop.data, STREAMS)
  const { lines } = await sheetflow(['archive', '--json', ...config])
  expect(lines.map(({ stream, behind, gap }) => [stream, behind, gap])).toEqual(STREAMS.map((stream) => [stream, 0, false]))
  expect(await everywhere()).not.toEqual([])
})

describe('the ledger reads on into the archive', () => {
  test('history is what SQL was told, and nothing is trimmed', async () => {
    const { lines } = await sheetflow(['history', 'customers', customer, 'name', '--json', ...config])
    const changes = lines.filter(({ event }) => event === 'change').toReversed()
    const after = changes.map(({ cells }) => (cells as readonly { readonly after?: unknown }[])[0]?.after)
    expect(after).toEqual([...names, undefined])
    expect(lines.at(-1)).toMatchObject({ event: 'summary', trimmed: false })
  })

  test('why --at computes what is in the archive alone', async () => {
    const { lines: told } = await sheetflow(['history', 'customers', customer, 'name', '--json', ...config])
    const changes = told.filter(({ event }) => event === 'change').toReversed()
    for (const [i, name] of names.entries()) {
      const at = String((changes[i] as unknown as { readonly position: { readonly offset: number } }).position.offset)
      const { lines } = await sheetflow(['why', 'customers', customer, 'name', '--at', at, '--json', ...config])
      expect(lines.find(({ event }) => event === 'cell')).toMatchObject({ value: name })
    }
  })
})

test('killed at any moment, it leaves what verify calls whole, and goes on where it was', async () => {
  const dry = await sheetflow(['erase', 'customers', customer, '--dry-run', '--json', ...config])
  expect(dry.lines.filter(({ event }) => event === 'obstacle')).toEqual([])
  const counts = dry.lines.filter(({ event, outcome }) => event === 'place' && outcome === 'erased')
  expect(counts.map(({ place }) => place)).toEqual(
    expect.arrayContaining([
      'stream SF_SRC_shop',
      'archive of SF_SRC_shop',
      'archive of SF_GRAPH_sales',
      'big values',
      'store main',
      'checkpoints',
    ]),
  )
  const ends: (NodeJS.Signals | null)[] = []
  // So many places are changed one after the other; behind the last of them it may have ended before the signal comes.
  for (const places of runs(0, 1) === 1 ? Array.from({ length: 12 }, (_, i) => i) : [1, 5, 10]) {
    ends.push(await killedErasure(places))
    const verified = await sheetflow(['verify', '--json', ...config])
    expect(verified.lines.at(-1)).toMatchObject({ event: 'summary', damaged: 0 })
    expect(verified.code).toBe(0)
  }
  expect(ends.filter((signal) => signal === 'SIGKILL').length).toBeGreaterThan(0)
})

test('afterwards no byte of it is left, and a record says who, when and which row', async () => {
  const { lines, code } = await sheetflow(['erase', 'customers', customer, '--yes', '--json', ...config])
  const remains = lines.filter(({ outcome }) => outcome === 'remains')
  expect(remains).toEqual([])
  expect(code).toBe(0)
  expect(await everywhere()).toEqual([])
  const records = readdirSync(path.join(shop.data, 'erasures'))
  expect(records).not.toEqual([])
  for (const record of records) {
    expect(JSON.parse(readFileSync(path.join(shop.data, 'erasures', record), 'utf8'))).toMatchObject({
      format: 'sheetflow/erasure',
      table: 'public.customers',
      key: [customer],
      // One that was interrupted has been gone on with.
      finished: expect.any(String) as string,
    })
  }
  const again = await sheetflow(['erase', 'customers', customer, '--yes', '--json', ...config])
  expect(again.lines.filter(({ place, outcome }) => String(place).includes('SF_') && outcome !== 'clean')).toEqual([])
  expect((await sheetflow(['verify', ...config])).code).toBe(0)
})

describe('the ledger of an erased row', () => {
  test('history says so', async () => {
    const { lines, code } = await sheetflow(['history', 'customers', customer, '--json', ...config])
    expect(code).toBe(0)
    expect(new Set(lines.filter(({ event }) => event === 'change').map(({ kind }) => kind))).toEqual(new Set(['erased']))
    const { out } = await sheetflow(['history', 'open_orders', order, ...config])
    expect(out).toContain('customer (erased)')
    expect(out).toContain('12.50')
  })

  test('why, query --at and replay go through it', async () => {
    const { lines } = await sheetflow(['history', 'customers', customer, '--json', ...config])
    for (const { position } of lines.filter(({ event }) => event === 'change')) {
      const at = String((position as { readonly offset: number }).offset)
      const asked = await sheetflow(['why', 'customers', customer, '--at', at, '--json', ...config])
      expect(asked.lines.map(({ event }) => event)).toEqual(expect.arrayContaining(['absent', 'erased']))
      const sheet = await sheetflow(['query', 'customers', '--at', at, '--json', ...config])
      const { rows } = JSON.parse(sheet.out) as { readonly rows: readonly { readonly id: string }[] }
      expect(rows.length).toBeGreaterThan(200)
      expect(rows.map(({ id }) => id)).not.toContain(customer)
    }
    const { out } = await sheetflow(['why', 'open_orders', order, 'customer', '--at', '99999999', ...config])
    expect(out).toContain('no row')
    const replayed = path.join(shop.data, '..', 'replayed.ndjson')
    expect((await sheetflow(['replay', 'shop', '--into', replayed, ...config])).code).toBe(0)
    expect(readFileSync(replayed, 'utf8')).toContain('"erased":[')
  })
})

test('Sheetflow goes on as if nothing had been', async () => {
  ready = await shop.start(0)
  config = ['--config', configFile(shop.data, settings(ready.database))]
  const [row] = await shop.sql("insert into customers (name, country, tenant) values ('Afterwards', 'PL', 1) returning id")
  customer = String(row?.['id'])
  await expect.poll(shownName, PATIENT).toBe('Afterwards')
  const [{ n } = { n: 0 }] = (await shop.sql('select count(*)::int as n from customers')) as readonly { readonly n: number }[]
  const { out } = await sheetflow(['query', 'customers', '--json', ...config])
  expect((JSON.parse(out) as { readonly rows: readonly unknown[] }).rows).toHaveLength(n)
  expect(await filesWith(folders, SECRETS)).toEqual([])
})

/** Begins an erasure and kills it when it has told of so many places: in the middle of the next one, or right behind it. */
async function killedErasure(places: number): Promise<NodeJS.Signals | null> {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, 'erase', 'customers', customer, '--yes', '--json', ...config],
    { env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('"event":"place"').length > places) child.kill('SIGKILL')
  })
  return await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
}
