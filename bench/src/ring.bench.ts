import type { BenchOptions } from './lib/bench-options.ts'
import { startChild } from './lib/child.ts'
import type { Child } from './lib/child.ts'
import { median } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import type { GatewayAnswer, GatewayTask } from './lib/ring/hand-written-gateway.ts'
import { isFlat, percentile, whileSyncing } from './lib/ring/lag.ts'
import type { Lags } from './lib/ring/lag.ts'
import type { LoadAnswer, LoadTask } from './lib/ring/load.ts'
import type { ViewerAnswer, ViewerTask } from './lib/ring/viewer.ts'
import { FEW_ORDERS, FEW_QUERY, OPEN_ORDERS, PAGE_QUERY, startRingWorld } from './lib/ring/world.ts'
import type { RingWorld } from './lib/ring/world.ts'

/**
 * The whole ring: single-row updates committed (and synced) in a real Postgres, captured, on the fsynced bus, through a filter, a lookup and sums, into
 * the store and through the gateway to a page of `@sheetflow/client` in another process. The lag is the time from the commit's acknowledgement to the
 * painted frame that shows it. The limit is the shortest path that somebody would write, pgoutput to a WebSocket: no disk, no formula, no rights, no
 * way to come late. `--bus nats`: the roles as processes over a NATS server that syncs as it does by itself. A connection that is told of more than 200 changes a second gets a frame
 * each 5 ms (ADR 027), so a page that sees everything has half of that on top; a page of few rows stands beside it. The limit reads the same table in a database of its own of the same
 * server; the product idles meanwhile. `--cases lag,rate`: the lag at the goal's rate, the highest rate.
 */
export default async function* ring({ bus, cases }: BenchOptions): AsyncIterable<Figure> {
  await using world = await startRingWorld({ bus })
  using load = startChild<LoadTask, LoadAnswer>(new URL('lib/ring/load.ts', import.meta.url))
  using page = await openPage(world, PAGE_QUERY, OPEN_ORDERS)
  using few = await openPage(world, FEW_QUERY, FEW_ORDERS)
  const ends: readonly End[] = [
    { who: OURS[bus], url: world.url, sees: OPEN_ORDERS, open: () => Promise.resolve(kept(page)) },
    { who: 'limit: pgoutput to ws by hand', url: world.limitUrl, sees: OPEN_ORDERS, open: () => openHandWritten(world) },
  ]
  const looking: End = {
    who: `${OURS[bus]}, a page of one order in ten`,
    url: world.url,
    sees: FEW_ORDERS,
    open: () => Promise.resolve(kept(few)),
  }
  const course = new Course(world, load)
  if (cases?.includes('lag') ?? true) yield* await atGoal(course, [looking, ...ends])
  if (cases?.includes('rate') ?? true) yield* await ladders(course, ends)
}

const OURS = { sqlite: 'sheetflow', nats: 'sheetflow, processes over NATS' } as const

const RUNS = 5

/** How fast and how long a run commits. */
interface Pace {
  readonly perSecond: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

const GOAL: Pace = { perSecond: 1_000, seconds: 10, warmUpSeconds: 3 }

/** One of those that show what was committed. */
interface End {
  readonly who: string
  /** Of the database that the updates go to. */
  readonly url: string
  /** Of the rows that are updated it shows the first so many. */
  readonly sees: number
  open(): Promise<Viewer>
}

interface Viewer extends Disposable {
  ask(task: ViewerTask): Promise<ViewerAnswer>
}

/** What a run at one rate showed. */
interface Run {
  readonly lags: Lags
  readonly syncs: readonly number[]
  /** The load was acknowledged as fast as it was meant to be, and the lag did not grow. */
  readonly flat: boolean
}

/** Numbers the updates of all runs on, and makes the runs. */
class Course {
  readonly #world: RingWorld
  readonly #load: Child<LoadTask, LoadAnswer>
  #next = OPEN_ORDERS

  constructor(world: RingWorld, load: Child<LoadTask, LoadAnswer>) {
    this.#world = world
    this.#load = load
  }

  /** Warms up at the rate, then measures. */
  async run({ url, sees }: End, viewer: Viewer, { perSecond, seconds, warmUpSeconds }: Pace): Promise<Run> {
    await this.#drive(url, viewer, perSecond, warmUpSeconds)
    const { result, syncs } = await whileSyncing(this.#world.folder, () => this.#drive(url, viewer, perSecond, seconds))
    const { shown, load } = result
    const from = this.#next - load.acknowledged.length
    const lags = load.acknowledged.map((at, i) => (shown[i] ?? Number.NaN) - at).filter((_, i) => (from + i) % OPEN_ORDERS < sees)
    return { lags, syncs, flat: load.seconds < seconds * LATE && isFlat(lags, seconds) }
  }

  async #drive(url: string, viewer: Viewer, perSecond: number, seconds: number): Promise<{ shown: readonly number[]; load: LoadAnswer }> {
    const from = this.#next
    await viewer.ask({ kind: 'start', from })
    const load = await this.#load.ask({ url, rows: OPEN_ORDERS, from, perSecond, seconds })
    this.#next = from + load.acknowledged.length
    const { shown } = await viewer.ask({ kind: 'shown', end: this.#next })
    return { shown, load }
  }
}

/** A load that took longer than this share of its time was limited by the database's commits. */
const LATE = 1.02

/** The lag at the goal's rate, all runs of both in turn. */
async function atGoal(course: Course, ends: readonly End[]): Promise<Figure[]> {
  const samples = ends.map(({ who }) => ({ who, runs: [] as Run[] }))
  for (let run = 0; run < RUNS; run++) {
    for (const [i, end] of ends.entries()) {
      using viewer = await end.open()
      samples[i]?.runs.push(await course.run(end, viewer, GOAL))
    }
  }
  const rate = `${GOAL.perSecond.toLocaleString('en-US')} transactions/s`
  const figures: Figure[] = []
  for (const { name, of } of STATISTICS)
    for (const { who, runs } of samples)
      figures.push(
        figure(
          `${rate}: commit → painted, ${name}`,
          who,
          'ms',
          runs.map(({ lags }) => percentile(lags, of)),
        ),
      )
  for (const { who, runs } of samples)
    figures.push(
      figure(
        'fdatasync of 4 KiB meanwhile, p99',
        `the disk, beside ${who}`,
        'ms',
        runs.map(({ syncs }) => percentile(syncs, 99)),
      ),
    )
  return figures
}

const STATISTICS = [
  { name: 'p50', of: 50 },
  { name: 'p99', of: 99 },
  { name: 'max', of: 100 },
] as const

/** Everything is warm by then. */
const RUNG: Omit<Pace, 'perSecond'> = { seconds: 6, warmUpSeconds: 1 }
const FIRST_RATE = 1_000
const STEP = 1.2
/** Less and more than these are not tried; 0 is said where not even the lowest rate holds. */
const LOWEST_RATE = 50
const HIGHEST_RATE = 20_000

/** The highest rate with flat lag, all ladders of both in turn. */
async function ladders(course: Course, ends: readonly End[]): Promise<Figure[]> {
  const samples = ends.map(({ who }) => ({ who, rates: [] as number[] }))
  for (let run = 0; run < RUNS; run++) {
    for (const [i, end] of ends.entries()) {
      using viewer = await end.open()
      // Most rungs that held before will hold again: a later ladder begins two below where the last one ended.
      const before = samples[i]?.rates.at(-1)
      samples[i]?.rates.push(
        await climb(course, end, viewer, Math.max(LOWEST_RATE, before === undefined ? FIRST_RATE : before / STEP / STEP)),
      )
    }
  }
  return samples.map(({ who, rates }) => figure('highest rate with flat lag', who, 'transactions/s', rates))
}

/** Up while the lag stays flat; down first if the first rung does not hold. A rung that fails is given a second try: one pause is no queue. */
async function climb(course: Course, end: End, viewer: Viewer, first: number): Promise<number> {
  const isFlatAt = async (perSecond: number): Promise<boolean> => (await course.run(end, viewer, { ...RUNG, perSecond })).flat
  const holds = async (rate: number): Promise<boolean> => (await isFlatAt(rate)) || (await isFlatAt(rate))
  let rate = Math.round(first)
  while (!(await holds(rate))) {
    rate = Math.round(rate / STEP)
    if (rate < LOWEST_RATE) return 0
  }
  for (;;) {
    const higher = Math.round(rate * STEP)
    if (higher > HIGHEST_RATE || !(await holds(higher))) return rate
    rate = higher
  }
}

function figure(name: string, who: string, unit: string, runs: readonly number[]): Figure {
  return { bench: 'ring', case: name, who, unit, value: median(runs), runs }
}

async function openPage({ serveUrl, token }: RingWorld, query: string, sees: number): Promise<Viewer> {
  const page = startChild<ViewerTask, ViewerAnswer>(new URL('lib/ring/page.ts', import.meta.url))
  await page.ask({ kind: 'open', url: serveUrl, token, query, rows: OPEN_ORDERS, sees })
  return page
}

/** The page stays open over all runs, as pages do. */
function kept(page: Viewer): Viewer {
  return { ask: (task) => page.ask(task), [Symbol.dispose]: () => undefined }
}

/** Its slot would keep log that nobody reads: the gateway lives for its runs only. */
async function openHandWritten({ limitUrl }: RingWorld): Promise<Viewer> {
  const gateway = startChild<GatewayTask, GatewayAnswer>(new URL('lib/ring/hand-written-gateway.ts', import.meta.url))
  const { url } = await gateway.ask({ url: limitUrl, publication: 'hand_written' })
  const page = startChild<ViewerTask, ViewerAnswer>(new URL('lib/ring/hand-written-page.ts', import.meta.url))
  await page.ask({ kind: 'open', url, token: '', query: '', rows: OPEN_ORDERS, sees: OPEN_ORDERS })
  return {
    ask: (task) => page.ask(task),
    [Symbol.dispose]: () => {
      page[Symbol.dispose]()
      gateway[Symbol.dispose]()
    },
  }
}
