import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchOptions } from './lib/bench-options.ts'
import { startChild } from './lib/child.ts'
import type { Child } from './lib/child.ts'
import { median } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import { residentMB } from './lib/resident.ts'
import { percentile } from './lib/ring/lag.ts'
import type { BatchAnswer, BatchTask } from './lib/ring/batches.ts'
import type { ViewerAnswer, ViewerTask } from './lib/ring/viewer.ts'
import { OPEN_ORDERS, PAGE_QUERY, startRingWorld } from './lib/ring/world.ts'
import type { RingWorld } from './lib/ring/world.ts'

/**
 * The whole ring for a long time (`--minutes`, default 60) at 5,000 changed rows a second, in transactions of ten: rows are updated, and some leave and come with other keys. The first sixth
 * warms up. Does any process need more memory at the end than after that, and does a page see changes as soon? Each look is a line of `results/soak.jsonl`.
 */
export default async function* soak({ bus, minutes }: BenchOptions): AsyncIterable<Figure> {
  await using world = await startRingWorld({ bus })
  using load = startChild<BatchTask, BatchAnswer>(new URL('lib/ring/batches.ts', import.meta.url))
  using page = startChild<ViewerTask, ViewerAnswer>(new URL('lib/ring/page.ts', import.meta.url))
  await page.ask({ kind: 'open', url: world.serveUrl, token: world.token, query: PAGE_QUERY, rows: OPEN_ORDERS, sees: OPEN_ORDERS })
  const looks = await watch(world, load, page, (minutes ?? MINUTES) * 60)
  if (world.installation.bugs.length > 0) throw new Error(world.installation.bugs.join('\n'))
  const sixth = Math.floor(looks.length / 6)
  const [warm, last] = [looks.slice(sixth, 2 * sixth), looks.slice(-sixth)]
  const figure = (name: string, who: string, unit: string, pick: (look: Look) => number): Figure => {
    const both = [warm, last].map((some) => median(some.map(pick)))
    return { bench: 'soak', case: name, who, unit, value: both[1] ?? Number.NaN, runs: both }
  }
  for (const who of Object.keys(looks[0]?.residentMB ?? {}))
    yield figure('resident: after the first sixth, and in the last', who, 'MB', (look) => look.residentMB[who] ?? Number.NaN)
  yield figure('commit → painted, p50', bus, 'ms', ({ p50 }) => p50)
  yield figure('changed rows committed', bus, 'rows/s', ({ rowsPerSecond }) => rowsPerSecond)
}

const MINUTES = 60
const ROWS_PER_SECOND = 5_000
const LOOK_SECONDS = 10
const LINES = fileURLToPath(new URL('../../results/soak.jsonl', import.meta.url))

/** What ten seconds showed. */
interface Look {
  readonly at: string
  readonly rowsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly residentMB: Readonly<Record<string, number>>
}

async function watch(
  world: RingWorld,
  load: Child<BatchTask, BatchAnswer>,
  page: Child<ViewerTask, ViewerAnswer>,
  seconds: number,
): Promise<readonly Look[]> {
  mkdirSync(path.dirname(LINES), { recursive: true })
  const processes = [...world.installation.pids, ...world.servers]
  const looks: Look[] = []
  let next = OPEN_ORDERS
  for (let at = 0; at < seconds; at += LOOK_SECONDS) {
    await page.ask({ kind: 'start', from: next })
    const {
      acknowledged,
      rows,
      seconds: took,
    } = await load.ask({ url: world.url, from: next, rowsPerSecond: ROWS_PER_SECOND, seconds: LOOK_SECONDS })
    const from = next
    next += acknowledged.length
    const { shown } = await page.ask({ kind: 'shown', end: next })
    const lags = acknowledged.map((moment, i) => (shown[i] ?? Number.NaN) - moment)
    const look: Look = {
      at: new Date().toISOString(),
      rowsPerSecond: rows / took,
      p50: percentile(lags, 50),
      p99: percentile(lags, 99),
      residentMB: Object.fromEntries(processes.map(([name, pid]) => [name, residentMB(pid)])),
    }
    looks.push(look)
    appendFileSync(LINES, `${JSON.stringify({ from, ...look })}\n`)
  }
  return looks
}
