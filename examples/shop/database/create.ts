import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { pick, seeded } from './random.ts'

const FIRST = [
  'Anna',
  'Bartek',
  'Celina',
  'Dawid',
  'Ewa',
  'Filip',
  'Grażyna',
  'Hubert',
  'Iga',
  'Jan',
  'Kinga',
  'Leon',
  'Maja',
  'Norbert',
] as const
const LAST = ['Nowak', 'Kowalska', 'Wiśniewski', 'Wójcik', 'Kamińska', 'Lewandowski', 'Zielińska', 'Szymański', 'Dąbrowska'] as const
const COUNTRIES = ['PL', 'DE', 'CZ', 'FR', 'SE'] as const
const GOODS = ['Teapot', 'Kettle', 'Saucer', 'Spoon', 'Lamp', 'Chair', 'Desk', 'Rug', 'Mirror', 'Clock', 'Vase', 'Shelf'] as const
const STATUSES = ['open', 'shipped', 'shipped', 'shipped', 'cancelled'] as const

const CUSTOMERS = 300
const ORDERS = 2500
const TENANT = 1

/** Creates the shop with a few thousand rows, unless it is there. Says whether it did. */
export async function createShop(db: Client): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>("select to_regclass('public.orders') is not null as there")
  if (rows[0]?.there === true) return false
  await db.query('begin')
  await db.query(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'))
  await fill(db)
  await db.query('commit')
  return true
}

async function fill(db: Client): Promise<void> {
  const random = seeded(7)
  const names = Array.from({ length: CUSTOMERS }, () => `${pick(random, FIRST)} ${pick(random, LAST)}`)
  const countries = names.map(() => pick(random, COUNTRIES))
  await db.query('insert into customers (name, country, tenant) select n, c, $3 from unnest($1::text[], $2::text[]) as t(n, c)', [
    names,
    countries,
    TENANT,
  ])
  const prices = GOODS.map(() => (5 + random() * 200).toFixed(2))
  await db.query('insert into products (name, price) select n, p from unnest($1::text[], $2::numeric[]) as t(n, p)', [GOODS, prices])
  await fillOrders(db, random)
}

async function fillOrders(db: Client, random: () => number): Promise<void> {
  const orders = Array.from({ length: ORDERS }, (_, i) => ({
    customer: 1 + Math.floor(random() * CUSTOMERS),
    // Recent orders are open, older ones have been dealt with.
    status: i > ORDERS - 40 ? 'open' : pick(random, STATUSES.slice(1) as [string, ...string[]]),
    minutesAgo: (ORDERS - i) * 7,
  }))
  await db.query(
    `insert into orders (customer_id, status, placed_at, tenant)
     select c, s, now() - m * interval '1 minute', $4 from unnest($1::bigint[], $2::text[], $3::int[]) as t(c, s, m)`,
    [orders.map((o) => o.customer), orders.map((o) => o.status), orders.map((o) => o.minutesAgo), TENANT],
  )
  await db.query(
    `insert into order_lines (order_id, line, product_id, quantity, price)
     select o.id, l.line, p.id, 1 + (o.id + l.line) % 4, p.price
     from orders o cross join lateral generate_series(1, 1 + (o.id % 3)::int) as l(line)
     join products p on p.id = 1 + (o.id * 5 + l.line * 3) % (select count(*) from products)`,
  )
  await db.query('update orders o set total = (select sum(quantity * price) from order_lines l where l.order_id = o.id)')
}
