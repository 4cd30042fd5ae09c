import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { must } from '@sheetflow/core/assert'
import type { BenchOptions } from './lib/bench-options.ts'
import type { Figure } from './lib/measure.ts'
import { MemoryWatch } from './lib/memory-watch.ts'
import type { Held } from './lib/memory-watch.ts'
import { askUntil } from './lib/ring/installation.ts'
import { startRingWorld } from './lib/ring/world.ts'
import type { RingWorld } from './lib/ring/world.ts'

/**
 * One transaction inserts so many rows (`--rows`, default a million), and after another start one changes them all, and once more; every row passes a filter, a lookup and a sum, and is a row of a view.
 * Before each of the two there is ordinary work. How much more does each process hold while it is under way than before it, at most, and how much afterwards? `--bus nats`: a process a role. What is inserted is state that stays.
 */
export default async function* largeTransaction({ bus, rows, rounds }: BenchOptions): AsyncIterable<Figure> {
  const count = rows ?? 1_000_000
  await using world = await startRingWorld({ bus, orders: FIRST, open: FIRST, customers: CUSTOMERS })
  const { installation } = world
  yield* watched(world, `${count.toLocaleString('en-US')} rows inserted`, [{ sql: insert(count), last: count + FIRST - 1, n: 1 }])
  // The next one shall not live on what this one left.
  await installation.stop()
  await installation.start()
  const updates = Array.from({ length: Math.min(rounds, MOST_ROUNDS) }, (_, i) => ({ sql: UPDATE, last: count - 1, n: 2 + i }))
  yield* watched(world, `${count.toLocaleString('en-US')} rows updated`, updates)
  if (installation.bugs.length > 0) throw new Error(installation.bugs.join('\n'))
}

const MOST_ROUNDS = 3
const CUSTOMERS = 100
/** Orders before the first transaction. */
const FIRST = 10_000
const PER_TRANSACTION = 1_000
const WARM_UP = 300
const REST_MS = 5_000
const UPDATE = 'update orders set total = total + 1, n = $1'

function insert(count: number): string {
  return `insert into orders select i, i % ${CUSTOMERS}, 'open', i, $1::int from generate_series(${FIRST}, ${count + FIRST - 1}) i`
}

/** `sql` writes the number `n` into the column of that name, also of the row `last`. */
interface Transaction {
  readonly sql: string
  readonly last: number
  readonly n: number
}

interface Shown {
  readonly open_orders: readonly { readonly n: string }[]
}

async function* watched(world: RingWorld, name: string, transactions: readonly Transaction[]): AsyncIterable<Figure> {
  const { installation, servers } = world
  await work(world)
  using watch = new MemoryWatch(new Map([...installation.pids, ...servers]))
  const figures = new Map<string, Figure & { readonly runs: number[] }>()
  const note = (what: string, who: string, unit: string, value: number): void => {
    const id = `${what} ${who}`
    const known = figures.get(id) ?? { bench: 'large-transaction', case: `${name}: ${what}`, who, unit, value, runs: [] }
    figures.set(id, { ...known, value: Math.max(known.value, value), runs: [...known.runs, value] })
  }
  for (const one of transactions) {
    // What is under way from before ends first.
    await pause(REST_MS)
    const before = watch.beginAnew()
    const startedAt = performance.now()
    await play(world, one)
    note('commit → seen', 'sheetflow', 's', (performance.now() - startedAt) / 1000)
    await pause(REST_MS)
    const most = watch.most()
    const after = watch.beginAnew()
    for (const [who, held] of before) {
      const more = (now: ReadonlyMap<string, Held>, part: keyof Held): number => must(now.get(who))[part] - held[part]
      note('held before', who, 'MB', held.resident)
      note('more at most, no file behind it', who, 'MB', more(most, 'anonymous'))
      note('more at most', who, 'MB', more(most, 'resident'))
      note('more afterwards', who, 'MB', more(after, 'resident'))
    }
  }
  yield* figures.values()
}

/** Transactions of a thousand changed rows, as a process has them that has been at work: what it keeps for any work (young generations, caches of pages) it holds before the large one comes. */
async function work({ url, serveUrl, token }: RingWorld): Promise<void> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  for (let i = 1; i <= WARM_UP; i++) {
    const from = (i * PER_TRANSACTION) % FIRST
    await db.query('update orders set total = total + 1, n = $3 where id between $1 and $2', [from, from + PER_TRANSACTION - 1, -i])
  }
  await db.end()
  const query = `{ open_orders(where: {id: {_eq: "${(WARM_UP * PER_TRANSACTION) % FIRST}"}}) { n } }`
  await askUntil<Shown>({ serveUrl, token, query }, ({ open_orders: [row] }) => Number(row?.n) === -WARM_UP)
}

/** Resolves when the transaction is seen. */
async function play({ url, serveUrl, token }: RingWorld, { sql, last, n }: Transaction): Promise<void> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  await db.query(sql, [n])
  await db.end()
  const query = `{ open_orders(where: {id: {_eq: "${last}"}}) { n } }`
  await askUntil<Shown>({ serveUrl, token, query }, ({ open_orders: [row] }) => Number(row?.n) === n)
}
