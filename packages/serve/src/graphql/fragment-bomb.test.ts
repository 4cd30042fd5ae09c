import { expect, test } from 'vitest'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'
import { CUSTOMERS, OPEN_ORDERS } from '../testing/shop.ts'

/** Orders that list orders: a document can go round. */
const ROUND = { ...OPEN_ORDERS, lists: { mates: { view: OPEN_ORDERS.table, on: [['customer_id', 'customer_id']] as const } } }

test.each([
  ['nested fields', (next: string) => Array.from({ length: 8 }, (_, i) => `a${i}: mates(limit: 1) { ...${next} }`).join(' ')],
  ['spreads in one place', (next: string) => `...${next} `.repeat(8)],
])('S03: fragments that grow with each level are refused before they are written out: %s', async (_, body) => {
  await using shop = await RunningShop.start({ dev: false }, [ROUND, CUSTOMERS])
  const levels = 11
  const fragments = Array.from(
    { length: levels },
    (_, i) => `fragment f${i} on open_orders { id ${i === levels - 1 ? '' : body(`f${i + 1}`)} }`,
  )
  const begun = process.cpuUsage()
  const answer = await shop.ask(await tokenFor('1', 'manager'), `{ open_orders(limit: 1) { ...f0 } } ${fragments.join(' ')}`)
  expect(answer.status).toBe(400)
  expect(answer.errors?.[0]?.message).toContain('fields')
  expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(2_000)
})
