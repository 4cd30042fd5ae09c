import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createClient, type Client, type Page } from '@sheetflow/client'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { LONG } from '@sheetflow/testkit/runs'
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest'
import { WebSocket } from 'ws'
import { RunningShop, type ReadyEvent } from './running-shop.ts'

/** The whole ring over a NATS server: the demo shop, of which nothing is changed but the bus. */

const PATIENT = { timeout: 90_000 }
const OPEN_ORDERS = '{ open_orders(order_by: [{placed_at: desc}], limit: 5) { id customer total } }'
const DOCS = new URL('../../../docs/nats.md', import.meta.url)
const NATS_PY = 'nats-py==2.15.0'
const NATS_GO = 'github.com/nats-io/nats.go@v1.55.0'
/** The last Benthos that has its NATS component in a module of its own licence (MIT). */
const BENTHOS = 'github.com/benthosdev/benthos/v4'
const BENTHOS_PARTS = ['service', 'components/io', 'components/nats', 'components/pure'].map((part) => `${BENTHOS}/public/${part}@v4.27.0`)
const BENTHOS_MAIN = `package main

import (
	"context"

	_ "${BENTHOS}/public/components/io"
	_ "${BENTHOS}/public/components/nats"
	_ "${BENTHOS}/public/components/pure"
	"${BENTHOS}/public/service"
)

func main() { service.RunCLI(context.Background()) }
`
/** Building takes minutes: in the long form alone. */

let nats: NatsServer
let shop: RunningShop
let ready: ReadyEvent
let client: Client
let page: Page

beforeAll(async () => {
  nats = await startNats()
  shop = await RunningShop.create({ SHEETFLOW_BUS: nats.url })
  ready = await shop.start(0)
  follow()
}, 120_000)

afterAll(async () => {
  client.close()
  await shop[Symbol.asyncDispose]()
  await nats[Symbol.asyncDispose]()
}, 120_000)

function follow(): void {
  client = createClient({
    url: ready.urls.graphql,
    realtimeUrl: ready.urls.realtime,
    token: () => ready.token,
    clock: () => Date.now(),
    random: Math.random,
    webSocket: WebSocket,
  })
  page = client.page(OPEN_ORDERS)
}

/** A new order of 12.50 by a customer of this name; its number. */
async function order(customer: string): Promise<string> {
  const [row] = await shop.sql(
    `with c as (insert into customers (name, country, tenant) values ($1, 'PL', 1) returning id)
     insert into orders (customer_id, total, tenant) select id, 12.50, 1 from c returning id::text`,
    [customer],
  )
  return String(row?.['id'])
}

function shown(): string {
  return JSON.stringify(page.picture.fields)
}

test('a row of Postgres reaches a client through NATS, and a command goes back through it', async () => {
  await expect.poll(() => page.picture.state, PATIENT).toBe('live')
  const id = await order('Over NATS')
  await expect.poll(shown, PATIENT).toContain('Over NATS')
  const { status } = await client.command('ship_order', { id: Number(id) }).settled
  expect(status).toBe('applied')
  await expect.poll(shown, PATIENT).not.toContain('Over NATS')
})

test('a NATS server that is killed and comes back is gone on with', async () => {
  await nats.kill9()
  await order('While it was away')
  await nats.start()
  await expect.poll(shown, PATIENT).toContain('While it was away')
})

test('a second start goes on where the first stopped', async () => {
  client.close()
  await shop.stop()
  ready = await shop.start(0)
  follow()
  await expect.poll(shown, PATIENT).toContain('While it was away')
  await order('Afterwards')
  await expect.poll(shown, PATIENT).toContain('Afterwards')
})

test('the Python reader of docs/nats.md reads the orders as they stand on the bus', async (context) => {
  await inFolder(async (folder) => {
    await installed(context, folder)
    writeFileSync(path.join(folder, 'reader.py'), blockOf('python'))
    const id = await order('For Python')
    await using reader = reading('python3', ['reader.py', nats.url], folder, { PYTHONPATH: folder })
    await expect.poll(reader.said, PATIENT).toMatch(new RegExp(`^\\d+ c \\["${id}"\\] \\["${id}",.*"12\\.50"`, 'm'))
    // The first contents came the same way.
    expect(reader.said()).toMatch(/^\d+ r \["1"\]/m)
  })
})

test.runIf(LONG)('the Go reader of docs/nats.md reads them, too', async (context) => {
  await inFolder(async (folder) => {
    await built(context, folder, blockOf('go'), [NATS_GO])
    const id = await order('For Go')
    await using reader = reading(path.join(folder, 'built'), [nats.url], folder)
    await expect.poll(reader.said, PATIENT).toMatch(new RegExp(`^"c" \\["${id}"\\] \\["${id}",.*"12\\.50"`, 'm'))
    expect(reader.said()).toMatch(/^"r" \["1"\]/m)
  })
})

test.runIf(LONG)('Benthos reads them by the configuration of docs/nats.md', async (context) => {
  await inFolder(async (folder) => {
    await built(context, folder, BENTHOS_MAIN, BENTHOS_PARTS)
    writeFileSync(path.join(folder, 'benthos.yaml'), blockOf('yaml').replace('nats://127.0.0.1:4222', nats.url))
    const id = await order('For Benthos')
    await using reader = reading(path.join(folder, 'built'), ['-s', 'http.enabled=false', '-c', 'benthos.yaml'], folder)
    await expect.poll(reader.said, PATIENT).toMatch(new RegExp(`^\\["c",\\["${id}"\\],\\["${id}",.*"12\\.50"`, 'm'))
    expect(reader.said()).toMatch(/^\["r",\["1"\]/m)
  })
})

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'nats-reader-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A reader in another language, and what it has printed so far. */
function reading(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): AsyncDisposable & { said(): string } {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  let said = ''
  for (const out of [child.stdout, child.stderr]) out.setEncoding('utf8').on('data', (text: string) => (said += text))
  return {
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Builds a program of this one file. Where there is no Go the test is skipped and says so. */
async function built(context: TestContext, cwd: string, main: string, modules: readonly string[]): Promise<void> {
  const run = promisify(execFile)
  if ((await run('go', ['version']).catch(() => null)) === null) return context.skip('there is no go here')
  writeFileSync(path.join(cwd, 'main.go'), main)
  await run('go', ['mod', 'init', 'reader'], { cwd })
  for (const module of modules) await run('go', ['get', module], { cwd })
  await run('go', ['build', '-o', 'built', '.'], { cwd })
}

/** The client for Python. Where there is no Python, or no pip in it, the test is skipped and says so. */
async function installed(context: TestContext, folder: string): Promise<void> {
  const run = promisify(execFile)
  const pip = await run('python3', ['-m', 'pip', '--version']).catch(() => null)
  if (pip === null) return context.skip('there is no python3 with pip here')
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', folder, NATS_PY])
}

/** The first block of this language in the documentation. */
function blockOf(language: string): string {
  const [, text = ''] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readFileSync(DOCS, 'utf8')) ?? []
  return text
}
