import pg from 'pg'
import type { BenchOptions } from './lib/bench-options.ts'
import { median } from './lib/measure.ts'
import type { Figure } from './lib/measure.ts'
import { ask, askUntil } from './lib/ring/installation.ts'
import { startRingWorld } from './lib/ring/world.ts'
import type { RingWorld } from './lib/ring/world.ts'

/**
 * Sheetflow stands still while the database goes on; then it comes back. From the start of its processes until a question is answered with the last change: log, bus, formulas and
 * store with all that was missed (`--rows`, default a million, in transactions of 1,000), the start included. Every row passes a filter, a lookup and a sum. `--bus nats`: a process a role.
 */
export default async function* backlog({ bus, rows, rounds }: BenchOptions): AsyncIterable<Figure> {
  await using world = await startRingWorld({ bus, orders: ORDERS, open: ORDERS, customers: 500 })
  const count = rows ?? 1_000_000
  const rates: number[] = []
  for (let round = 1; round <= Math.min(rounds, MOST_ROUNDS); round++) {
    await world.installation.stop()
    await writeBacklog(world, count, round)
    const startedAt = performance.now()
    await world.installation.start()
    await askUntil<Last>(questionOf(world), ({ open_orders }) => Number(open_orders[0]?.n) === round)
    rates.push(count / ((performance.now() - startedAt) / 1000))
    await assertSums(world)
  }
  const who = bus === 'nats' ? 'sheetflow, processes over NATS' : 'sheetflow'
  yield {
    bench: 'backlog',
    case: `${count.toLocaleString('en-US')} rows missed, start → seen`,
    who,
    unit: 'rows/s',
    value: median(rates),
    runs: rates,
  }
}

const MOST_ROUNDS = 3
const ORDERS = 10_000
const PER_TRANSACTION = 1_000
/** The last transaction of a backlog writes the round's number into this row; the others write 0. */
const LAST = ORDERS - 1

interface Last {
  readonly open_orders: readonly { readonly n: string }[]
}

function questionOf({ serveUrl, token }: RingWorld): { serveUrl: string; token: string; query: string } {
  return { serveUrl, token, query: `{ open_orders(where: {id: {_eq: "${LAST}"}}) { n } }` }
}

async function writeBacklog({ url }: RingWorld, rows: number, round: number): Promise<void> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  const transactions = Math.ceil(rows / PER_TRANSACTION)
  for (let i = 0; i < transactions; i++) {
    const isLast = i === transactions - 1
    const from = isLast ? ORDERS - PER_TRANSACTION : (i * PER_TRANSACTION) % ORDERS
    await db.query(
      'update orders set total = (id + $3) % 100000, n = case when id = $4 and $5 then $6 else 0 end where id between $1 and $2',
      [from, from + PER_TRANSACTION - 1, i, LAST, isLast, round],
    )
  }
  await db.end()
}

/** What came through is right, not only last: the sums of the view are those of the database. */
async function assertSums({ url, serveUrl, token }: RingWorld): Promise<void> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  const { rows } = await db.query('select customer_id, sum(total)::text as spent from orders group by 1 order by 1')
  await db.end()
  const answer = await ask<{ customers: readonly { id: string; spent: string }[] }>({
    serveUrl,
    token,
    query: '{ customers(order_by: [{id: asc}], limit: 1000) { id spent } }',
  })
  const wrong = (rows as { customer_id: string; spent: string }[]).find(
    ({ spent }, i) => Number(answer?.customers[i]?.spent) !== Number(spent),
  )
  if (wrong !== undefined)
    throw new Error(
      `customer ${wrong.customer_id} spent ${wrong.spent} by the database, and ${answer?.customers[Number(wrong.customer_id)]?.spent} by the view`,
    )
}
