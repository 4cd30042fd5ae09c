import { Random } from '@sheetflow/testkit/random'
import { describe, expect, test } from 'vitest'
import { memoryCache } from '../cache/memory-cache.ts'
import type { PageCache } from '../cache/page-cache.ts'
import { Client } from '../client.ts'
import { ALL_RULES } from '../rows/rules.ts'
import { FakeTimers, turn } from '../testing/fake-timers.ts'
import { ModelServer } from '../testing/model-server.ts'
import type { Page } from './page.ts'

class Bench {
  readonly server: ModelServer
  readonly timers = new FakeTimers()
  readonly client: Client

  constructor(server: ModelServer = new ModelServer(), cache: PageCache = memoryCache(), token: string | null | Error = null) {
    this.server = server
    const { queries, channels } = server
    const { timers } = this
    this.client = new Client({
      queries,
      channels,
      token: () => {
        if (token instanceof Error) throw token
        return token
      },
      clock: () => timers.now,
      random: new Random(2).next,
      cache,
      timers,
      rules: ALL_RULES,
      url: 'm',
    })
  }

  put(...orders: readonly (readonly [id: string, customer: string, total: number])[]): void {
    this.server.commit((draft) => {
      for (const [id, customer, total] of orders) {
        draft.customers.set(customer, { id: customer, name: `name ${customer}`, total: 0 })
        draft.orders.set(id, { id, customer_id: customer, total, note: '' })
      }
    })
  }

  async pass(ms = 0): Promise<void> {
    for (let i = 0; i < 8; i++) {
      this.timers.advance(i === 0 ? ms : 0)
      await turn()
      if (this.server.channels.state === 'connected') this.server.deliver()
      await turn()
    }
  }
}

const NESTED = '{ customers { name open(order_by: [{total: desc}]) { id } } }'

function shown(page: Page): unknown {
  return page.picture.fields['customers']?.rows.map((row) => [
    row.values['name'],
    row.nested['open']?.rows.map((order) => order.values['id']),
  ])
}

describe('a page', () => {
  test('follows a list, and nested lists of rows that come later, one question for all that enter in a frame', async () => {
    const bench = new Bench()
    bench.put(['1', '1', 5])
    bench.server.connect()
    const page = bench.client.page(NESTED)
    await bench.pass()
    expect(page.picture.state).toBe('live')
    bench.put(['2', '2', 5], ['3', '3', 5], ['4', '2', 9])
    await bench.pass()
    expect(shown(page)).toEqual([
      ['name 1', ['1']],
      ['name 2', ['4', '2']],
      ['name 3', ['3']],
    ])
    expect(page.picture.state).toBe('live')
    expect(bench.server.questions.filter((question) => question.includes('_by_pk'))).toHaveLength(1)
  })

  test('rows and lists in which nothing changed keep their objects', async () => {
    const bench = new Bench()
    bench.put(['1', '1', 5], ['2', '2', 5])
    bench.server.connect()
    const page = bench.client.page(NESTED)
    await bench.pass()
    const before = page.picture.fields['customers']?.rows ?? []
    bench.put(['3', '2', 1])
    await bench.pass()
    const after = page.picture.fields['customers']?.rows ?? []
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
    expect(after[1]?.nested['open']?.rows[0]).toBe(before[1]?.nested['open']?.rows[0])
  })

  test('two pages of one client share channels and rows', async () => {
    const bench = new Bench()
    bench.put(['1', '1', 5])
    bench.server.connect()
    const pages = [
      bench.client.page('{ orders { id total } }'),
      bench.client.page('{ all: orders(order_by: [{total: asc}]) { total id } }'),
    ]
    await bench.pass()
    expect(bench.server.channels.size).toBe(1)
    bench.put(['0', '1', 9])
    await bench.pass()
    expect(pages.map((page) => Object.values(page.picture.fields)[0]?.rows.map((row) => row.values['id']))).toEqual([
      ['0', '1'],
      ['1', '0'],
    ])
    pages[0]?.close()
    expect(bench.server.channels.size).toBe(1)
    pages[1]?.close()
    expect(bench.server.channels.size).toBe(0)
  })

  test('is kept for the time without a server, for the same reader only', async () => {
    const cache = memoryCache()
    const token = (sub: string, iat: number): string => `x.${Buffer.from(JSON.stringify({ sub, iat })).toString('base64url')}.x`
    const first = new Bench(new ModelServer(), cache, token('anna', 1))
    first.put(['1', '1', 5])
    first.server.connect()
    first.client.page(NESTED)
    await first.pass(10_000)
    first.client.close()
    await turn()
    for (const [sub, rows] of [
      ['anna', [['name 1', ['1']]]],
      ['bruno', undefined],
    ] as const) {
      const later = new Bench(new ModelServer(), cache, token(sub, 2))
      later.server.cut()
      later.server.isDown = true
      const page = later.client.page(NESTED)
      await later.pass()
      expect(shown(page)).toEqual(rows)
      expect(page.picture.state).toBe(rows === undefined ? 'loading' : 'offline')
    }
  })

  test('whose reader cannot be told now is live all the same; it is neither kept nor shown from what was kept', async () => {
    const cache = memoryCache()
    const bench = new Bench(new ModelServer(), cache, new TypeError('Failed to fetch'))
    bench.put(['1', '1', 5])
    bench.server.connect()
    const page = bench.client.page(NESTED)
    await bench.pass()
    await bench.pass(10_000)
    expect(page.picture.state).toBe('live')
    bench.client.close()
  })

  test('that was refused is asked again as a whole, and shows nothing before all of it is answered', async () => {
    const bench = new Bench()
    bench.put(['1', '1', 5])
    bench.server.connect()
    bench.server.refusals = 2
    const page = bench.client.page('{ customers { name } orders { id } }')
    const shownFields = new Set<string>()
    page.subscribe((picture) => shownFields.add(Object.keys(picture.fields).join(' ')))
    for (let second = 0; second < 12; second++) await bench.pass(1_000)
    expect([...shownFields]).toEqual(['', 'customers orders'])
    expect(bench.server.questions).toHaveLength(3)
    expect(page.picture).toMatchObject({ state: 'live', error: null })
  })

  test('asks again and again while the server is away, and at once when it is back', async () => {
    const bench = new Bench()
    bench.server.isDown = true
    const page = bench.client.page('{ orders { id } }')
    await bench.pass(60_000)
    expect(page.picture).toMatchObject({ state: 'loading', error: { code: 'client/offline' } })
    bench.put(['1', '1', 5])
    bench.server.connect()
    await bench.pass()
    expect(page.picture).toMatchObject({ state: 'live', error: null })
  })
})
