import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { BenchOptions } from './lib/bench-options.ts'
import { startChild } from './lib/child.ts'
import { median } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import { askUntil } from './lib/ring/installation.ts'
import { FEW_ORDERS, FEW_QUERY, OPEN_ORDERS, startRingWorld } from './lib/ring/world.ts'
import type { RingWorld } from './lib/ring/world.ts'
import type { ViewerAnswer, ViewerTask } from './lib/ring/viewer.ts'

/**
 * Does a process answer its health check while one change of one row changes 200,000 others (a customer of that many orders has another name)? From the commit until a question shows
 * the last of them, `/healthz` is asked every five milliseconds: the slowest answer of each round. The limit is the same for as long while nothing happens.
 */
export default async function* health({ bus, rows, rounds }: BenchOptions): AsyncIterable<Figure> {
  const orders = rows ?? 200_000
  await using world = await startRingWorld({ bus, orders, open: orders, customers: 1 })
  // Somebody looks: what is changed is routed.
  using page = startChild<ViewerTask, ViewerAnswer>(new URL('lib/ring/page.ts', import.meta.url))
  const { serveUrl: url, token } = world
  await page.ask({ kind: 'open', url, token, query: FEW_QUERY, rows: OPEN_ORDERS, sees: FEW_ORDERS })
  const [busy, idle, took]: [number[], number[], number[]] = [[], [], []]
  for (let round = 1; round <= rounds; round++) {
    const startedAt = performance.now()
    busy.push(await slowestAnswer(world, rename(world, orders, `Name ${round}`)))
    const ms = performance.now() - startedAt
    took.push(ms)
    idle.push(await slowestAnswer(world, pause(ms)))
  }
  const name = `${orders.toLocaleString('en-US')} rows changed by one`
  const figure = (what: string, who: string, runs: readonly number[]): Figure => ({
    bench: 'health',
    case: `${name}: ${what}`,
    who,
    unit: 'ms',
    value: median(runs),
    runs,
  })
  yield figure('slowest answer of /healthz', 'sheetflow', busy)
  yield figure('slowest answer of /healthz', 'limit: nothing happens', idle)
  yield figure('commit → all of it in the answers', 'sheetflow', took)
}

/** Milliseconds. */
async function slowestAnswer({ serveUrl }: RingWorld, work: Promise<unknown>): Promise<number> {
  let [slowest, isOver] = [0, false]
  const working = work.finally(() => (isOver = true))
  while (!isOver) {
    const askedAt = performance.now()
    const response = await fetch(`${serveUrl}/healthz`)
    await response.text()
    slowest = Math.max(slowest, performance.now() - askedAt)
    await pause(5)
  }
  await working
  return slowest
}

async function rename({ url, serveUrl, token }: RingWorld, orders: number, name: string): Promise<void> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  await db.query('update customers set name = $1', [name])
  await db.end()
  const query = `{ open_orders(where: {id: {_in: ["0", "${orders - 1}"]}}) { customer } }`
  await askUntil<{ open_orders: readonly { customer: string }[] }>(
    { serveUrl, token, query },
    ({ open_orders: shown }) => shown.length === 2 && shown.every(({ customer }) => customer === name),
  )
}
