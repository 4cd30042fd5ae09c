import type { Clock } from '@sheetflow/core/ports/host'
import { DEFAULT_LIMITS } from '@sheetflow/serve'
import { REAL_CLOCK } from '@sheetflow/serve/testing/host'
import { expect, test } from 'vitest'
import { RunningBank, until } from './running-bank.ts'

/** Ways to ask for the accounts of owner 1, for a teller. */
const SAME = [
  '{ accounts(where: {owner: {_eq: 1}}) { id amount } }',
  '{ mine: accounts(where: {owner: {_eq: 1}}) { amount id } }',
  '{ accounts(where: {_and: [{owner: {_eq: 1}}, {}]}) { id amount a: amount } }',
  '{ accounts(where: {_not: {owner: {_neq: 1}}}) { id amount } }',
  '{ accounts(where: {_or: [{owner: {_in: [1, 1]}}]}) { id amount } }',
]
/** Lists that are none of those. */
const OTHERS = [
  '{ accounts(where: {owner: {_eq: 2}}) { id amount } }',
  '{ accounts(where: {owner: {_eq: 1}}) { id n } }',
  '{ accounts(where: {owner: {_eq: 1}}, limit: 3) { id amount } }',
]

/** The machine's clock, put forward by hand. */
class ShiftedClock implements Clock {
  #shiftMs = 0

  now(): number {
    return Date.now() + this.#shiftMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return REAL_CLOCK.sleep(ms, signal)
  }

  advance(ms: number): void {
    this.#shiftMs += ms
  }
}

test('law 9, sharing: equal predicates and equal rights share one channel, which is freed within token life + 60 s of the last', async () => {
  const clock = new ShiftedClock()
  await using ring = await RunningBank.start({ clock })
  await ring.ready()
  const channels = (): number => ring.serve.metrics().graphs['bank']?.channels ?? 0
  const live = (page: { readonly picture: { readonly state: string } }): boolean => page.picture.state === 'live'
  const tellers = [await ring.token(), await ring.token('teller', {}, '2')]
  const holder = await ring.token('holder', { owner: 1 }, '3')
  const clients = SAME.flatMap((query) => tellers.map((token) => ({ client: ring.client(token), query })))
  clients.push({ client: ring.client(holder), query: '{ accounts { id amount } }' })
  const pages = clients.map(({ client, query }) => client.page(query))
  await until('all follow', () => pages.every(live))
  expect(channels()).toBe(1)

  const others = OTHERS.map((query) => ring.client(tellers[0] ?? '').page(query))
  await until('the others follow', () => others.every(live))
  expect(channels()).toBe(1 + OTHERS.length)

  // One stays, over the life of its token; it does not keep those alive that nobody has.
  const kept = ring.client(holder)
  const page = kept.page('{ accounts { id amount } }')
  await until('it follows too', () => live(page))
  for (const { client } of clients) client.close()
  for (const other of others) other.close()
  await until('nobody else is connected or follows', () => ring.serve.metrics().subscriptions === 1)
  clock.advance(DEFAULT_LIMITS.tokenMs + 60_000)
  await until('all but one are freed', () => channels() === 1)
  const before = page.picture.offsets['bank'] ?? 0
  await ring.bank.moveMuch(1)
  await until('the one that is left goes on', () => live(page) && (page.picture.offsets['bank'] ?? 0) > before)

  kept.close()
  await until('nobody follows', () => ring.serve.metrics().subscriptions === 0)
  expect(channels()).toBe(1)
  clock.advance(60_000)
  await until('it is freed', () => channels() === 0)
  expect(ring.log.errors).toEqual([])
})
