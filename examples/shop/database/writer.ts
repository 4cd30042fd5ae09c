import { Client } from 'pg'
import { seeded } from './random.ts'

/** Below so many open orders more are placed than finished, above it the other way round: the page keeps its size. */
const OPEN_TARGET = 40

/**
 * Keeps the shop moving: `rate` transactions a second, each an ordinary piece of business (a new order with its lines, an order shipped,
 * a customer renamed). Ends when the signal aborts; a lost connection is opened again, as any client of the database would.
 */
export async function keepMoving(url: string, rate: number, signal: AbortSignal, note: (text: string) => void): Promise<void> {
  const random = seeded(Date.now())
  let told = ''
  while (!signal.aborted && rate > 0) {
    try {
      await moveWhileConnected(url, rate, random, signal)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      await pause(1000, signal)
      if (why !== told && !signal.aborted) note(`the demo's writer: ${why}`)
      told = why
    }
  }
}

async function moveWhileConnected(url: string, rate: number, random: () => number, signal: AbortSignal): Promise<void> {
  const db = new Client({ connectionString: url, application_name: 'shop' })
  // Without a listener a lost connection would end the process; the next query fails anyway.
  db.on('error', () => undefined)
  await db.connect()
  try {
    while (!signal.aborted) {
      await oneTransaction(db, random)
      await pause((1000 / rate) * (0.5 + random()), signal)
    }
  } finally {
    await db.end().catch(() => undefined)
  }
}

async function oneTransaction(db: Client, random: () => number): Promise<void> {
  const { rows } = await db.query<{ open: number }>("select count(*)::int as open from orders where status = 'open'")
  // Whoever looks at the shop after a night finds as much to do as at the start.
  const places = (rows[0]?.open ?? 0) < OPEN_TARGET ? 0.6 : 0.35
  const chance = random()
  if (chance < places) await placeOrder(db, random)
  else if (chance < 0.95) await finishOrder(db, random)
  else await db.query('update customers set country = country where id = $1', [1 + Math.floor(random() * 300)])
}

async function placeOrder(db: Client, random: () => number): Promise<void> {
  await db.query('begin')
  const { rows } = await db.query<{ id: string }>(
    `insert into orders (customer_id, tenant) select id, tenant from customers order by id offset $1 limit 1 returning id`,
    [Math.floor(random() * 300)],
  )
  const id = rows[0]?.id
  const lines = 1 + Math.floor(random() * 3)
  await db.query(
    `insert into order_lines (order_id, line, product_id, quantity, price)
     select $1::bigint, row_number() over (), id, 1 + $3::int % 4, price
     from (select * from products order by md5(id::text || $1::text) limit $2) as picked`,
    [id, lines, Math.floor(random() * 4)],
  )
  await db.query('update orders set total = (select sum(quantity * price) from order_lines where order_id = $1) where id = $1', [id])
  await db.query('commit')
}

async function finishOrder(db: Client, random: () => number): Promise<void> {
  await db.query(
    `update orders set status = $1 where id = (
       select id from orders where status = 'open' order by placed_at offset $2 limit 1
     )`,
    [random() < 0.9 ? 'shipped' : 'cancelled', Math.floor(random() * 20)],
  )
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
