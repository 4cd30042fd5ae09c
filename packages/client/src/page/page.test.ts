import { Random } from '@sheetflow/testkit/random'
import { describe, expect, test } from 'vitest'
import { memoryCache } from '../cache/memory-cache.ts'
import type { PageCache } from '../cache/page-cache.ts'
import { NO_READER_MEMORY, sessionReaderMemory, type ReaderMemory } from '../cache/reader-memory.ts'
import { Client } from '../client.ts'
import type { Answer, Queries } from '../net/transport.ts'
import { Reader } from '../reader.ts'
import { FakeTimers, turn } from '../testing/fake-timers.ts'
import { ModelServer } from '../testing/model-server.ts'
import type { Page } from './page.ts'

class Bench {
  readonly server: ModelServer
  readonly timers = new FakeTimers()
  readonly client: Client
  readonly reader: Reader
  readonly #cache: PageCache
  /** What the source of tokens says. */
  token: string | null | Error

  constructor(
    server: ModelServer = new ModelServer(),
    cache: PageCache = memoryCache(),
    token: string | null | Error = null,
    memory: ReaderMemory = NO_READER_MEMORY,
  ) {
    this.server = server
    this.token = token
    this.reader = new Reader('m', () => this.#tokenNow(), { memory })
    this.#cache = cache
    this.client = this.open(server.queries)
  }

  /** A client with a way of its own to ask. */
  open(queries: Queries, reader: Reader = this.reader): Client {
    const { timers } = this
    return new Client({
      queries,
      channels: this.server.channels,
      reader,
      clock: () => timers.now,
      random: new Random(2).next,
      cache: this.#cache,
      timers,
      url: 'm',
    })
  }

  #tokenNow(): string | null {
    if (this.token instanceof Error) throw this.token
    return this.token
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

const AWAY = new TypeError('Failed to fetch')

function tokenOf(sub: string, iat: number, role: string = 'clerk'): string {
  return `x.${Buffer.from(JSON.stringify({ sub, iat, role })).toString('base64url')}.x`
}

/** The session storage of one tab. */
function tabMemory(): ReaderMemory {
  const items = new Map<string, string>()
  return sessionReaderMemory(() => ({ getItem: (name) => items.get(name) ?? null, setItem: (name, value) => void items.set(name, value) }))
}

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
    const first = new Bench(new ModelServer(), cache, tokenOf('anna', 1))
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
      const later = new Bench(new ModelServer(), cache, tokenOf(sub, 2))
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
    const bench = new Bench(new ModelServer(), cache, AWAY)
    bench.put(['1', '1', 5])
    bench.server.connect()
    const page = bench.client.page(NESTED)
    await bench.pass()
    await bench.pass(10_000)
    expect(page.picture.state).toBe('live')
    bench.client.close()
  })

  /** A page that Anna has read, in this tab. */
  async function readByAnna(cache: PageCache, memory: ReaderMemory): Promise<void> {
    const bench = new Bench(new ModelServer(), cache, tokenOf('anna', 1), memory)
    bench.put(['1', '1', 5])
    bench.server.connect()
    bench.client.page(NESTED)
    await bench.reader.token()
    await bench.pass(10_000)
    bench.client.close()
    await turn()
  }

  test('that is loaded again while nobody gives tokens either shows what its last reader in this tab saw', async () => {
    const cache = memoryCache()
    const memory = tabMemory()
    await readByAnna(cache, memory)
    for (const [tab, rows] of [
      [memory, [['name 1', ['1']]]],
      [tabMemory(), undefined],
    ] as const) {
      const later = new Bench(new ModelServer(), cache, AWAY, tab)
      later.server.cut()
      const page = later.client.page(NESTED)
      await later.pass()
      expect(shown(page)).toEqual(rows)
      expect(page.picture.state).toBe(rows === undefined ? 'loading' : 'offline')
    }
  })

  test('that is kept says offline and nothing worse, also if it is found after the first question failed', async () => {
    const cache = memoryCache()
    const memory = tabMemory()
    await readByAnna(cache, memory)
    const slow: PageCache = {
      ...cache,
      load: async (name) => {
        for (let turns = 0; turns < 5; turns++) await turn()
        return cache.load(name)
      },
    }
    const later = new Bench(new ModelServer(), slow, AWAY, memory)
    later.server.cut()
    const page = later.client.page(NESTED)
    await later.pass()
    expect(page.picture).toMatchObject({ state: 'offline', error: null })
  })

  test.each([
    ['another person', tokenOf('bruno', 2), undefined],
    ['nobody', null, undefined],
    ['the same person', tokenOf('anna', 2), [['name 1', ['1']]]],
    ['the same person in another role', tokenOf('anna', 2, 'manager'), [['name 1', ['1']]]],
  ] as const)('drops what was kept for its last reader as soon as a token of another comes: %s', async (_who, token, rows) => {
    const cache = memoryCache()
    const memory = tabMemory()
    await readByAnna(cache, memory)
    const later = new Bench(new ModelServer(), cache, AWAY, memory)
    later.server.cut()
    const page = later.client.page(NESTED)
    await later.pass()
    expect(shown(page)).toEqual([['name 1', ['1']]])
    later.token = token
    await later.reader.token()
    expect(shown(page)).toEqual(rows)
  })

  test('that follows drops everything of a reader when another one reads, and keeps nothing of it for that one', async () => {
    const cache = memoryCache()
    const bench = new Bench(new ModelServer(), cache, tokenOf('anna', 1), tabMemory())
    bench.put(['1', '1', 5])
    bench.server.connect()
    await bench.reader.token()
    const page = bench.client.page(NESTED)
    await bench.pass()
    expect(page.picture.state).toBe('live')
    bench.server.cut()
    bench.token = tokenOf('bruno', 1)
    await bench.reader.token()
    expect(page.picture).toMatchObject({ state: 'loading', fields: {} })
    expect(bench.server.channels.size).toBe(0)
    await bench.pass(10_000)
    const later = new Bench(new ModelServer(), cache, tokenOf('bruno', 2))
    later.server.cut()
    const offline = later.client.page(NESTED)
    await later.pass()
    expect(offline.picture.state).toBe('loading')
    bench.server.connect()
    await bench.pass(10_000)
    expect(page.picture.state).toBe('live')
    expect(shown(page)).toEqual([['name 1', ['1']]])
  })

  test('does not take an answer that was asked for the reader before', async () => {
    const bench = new Bench(new ModelServer(), memoryCache(), tokenOf('anna', 1))
    bench.put(['1', '1', 5])
    bench.server.connect()
    await bench.reader.token()
    const asked = Promise.withResolvers<undefined>()
    const { ask } = bench.server.queries
    let held = true
    bench.client.close()
    const client = bench.open({
      ask: async (...question): Promise<Answer> => {
        const answer = await ask(...question)
        if (held) await asked.promise
        return answer
      },
    })
    const page = client.page(NESTED)
    await bench.pass()
    held = false
    bench.server.isDown = true
    bench.token = tokenOf('bruno', 1)
    await bench.reader.token()
    asked.resolve(undefined)
    await bench.pass()
    expect(page.picture).toMatchObject({ state: 'loading', fields: {} })
  })

  test('for which each token is of another reader (none has a subject) asks slowly, and says why', async () => {
    const bench = new Bench()
    let asked = 0
    const fresh = (): string => {
      asked += 1
      // Without this an endless loop would be one.
      if (asked > 2_000) throw AWAY
      return `opaque ${asked}`
    }
    const reader = new Reader('m', fresh, { timers: bench.timers })
    bench.server.connect()
    const { ask } = bench.server.queries
    const asking: Queries = { ask: async (...question) => (await reader.token(), ask(...question)) }
    const client = bench.open(asking, reader)
    const pages = [client.page(NESTED), client.page(NESTED), client.page(NESTED)]
    await reader.token()
    const errors = new Set<unknown>()
    for (let s = 0; s < 60; s++) {
      await bench.pass(1_000)
      errors.add(pages[0]?.picture.error)
    }
    expect(asked).toBeLessThan(600)
    expect([...errors]).toContainEqual(
      expect.objectContaining({ code: 'access/unauthenticated', fix: expect.stringContaining('sub') as string }),
    )
    client.close()
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

  test('that is overdue is not shown as of an earlier moment than it was: a server that comes back in a new epoch may answer before its store has caught up', async () => {
    const bench = new Bench()
    const { server } = bench
    bench.put(['1', '1', 5])
    server.connect()
    const page = bench.client.page('{ orders { id } }')
    await bench.pass()
    const before = server.data.head
    bench.put(['2', '1', 5])
    await bench.pass()
    const ids = (): unknown => page.picture.fields['orders']?.rows.map((row) => row.values['id'])
    const shown: unknown[] = []
    page.subscribe(() => shown.push(ids()))
    server.cut()
    server.stored = before
    server.routedEpoch = '2.1'
    server.connect()
    for (let second = 0; second < 15; second++) await bench.pass(1_000)
    expect(page.picture).toMatchObject({ state: 'stale', offsets: { sales: server.data.head } })
    expect(server.questions.length).toBeGreaterThan(2)
    server.stored = null
    server.storedEpoch = '2.1'
    bench.put(['3', '1', 5])
    for (let second = 0; second < 30; second++) await bench.pass(1_000)
    expect(page.picture.state).toBe('live')
    expect(ids()).toEqual(['1', '2', '3'])
    expect(shown.filter((each) => (each as string[]).length < 2)).toEqual([])
  })

  test('that is overdue is not shown as of an earlier moment either if its view has a new generation, in which its lists are other channels', async () => {
    const bench = new Bench()
    const { server } = bench
    bench.put(['1', '1', 1])
    server.connect()
    const page = bench.client.page('{ orders { id } }')
    await bench.pass()
    const before = server.data.head
    for (let id = 2; id < 10; id++) bench.put([String(id), '1', id])
    await bench.pass()
    const shown = new Set<unknown>()
    page.subscribe(() => shown.add(page.picture.fields['orders']?.rows.length))
    server.cut()
    // The store has a new generation as of an earlier moment, and the router is at the one behind that.
    server.stored = before
    server.storedEpoch = '1.2'
    server.routedEpoch = '1.3'
    server.connect()
    for (let second = 0; second < 15; second++) await bench.pass(1_000)
    expect(page.picture.state).toBe('stale')
    server.stored = null
    server.storedEpoch = '1.3'
    for (let second = 0; second < 30; second++) await bench.pass(1_000)
    expect(page.picture.state).toBe('live')
    expect([...shown]).toEqual([9])
  })

  test('that is overdue shows those of its lists that have come further, and of the others what it showed', async () => {
    const bench = new Bench()
    const { server } = bench
    bench.put(['1', '1', 1])
    server.connect()
    const page = bench.client.page('{ customers { id } top: orders(order_by: [{total: desc}], limit: 1) { id } }')
    await bench.pass()
    const before = server.data.head
    bench.put(['2', '2', 2])
    await bench.pass()
    const shown = (): unknown => [
      page.picture.state,
      page.picture.fields['customers']?.rows.length,
      page.picture.fields['top']?.rows[0]?.values['id'],
    ]
    expect(shown()).toEqual(['live', 2, '2'])
    server.cut()
    // Too much to recover a list from, and the store is behind; the window has come with its rows.
    for (const id of ['3', '4', '5', '6', '7', '8', '9']) bench.put([id, id, Number(id)])
    server.stored = before
    server.storedEpoch = '1.0'
    server.connect()
    for (let second = 0; second < 15; second++) await bench.pass(1_000)
    expect(shown()).toEqual(['stale', 2, '9'])
    server.stored = null
    server.storedEpoch = '1.1'
    for (let second = 0; second < 30; second++) await bench.pass(1_000)
    expect(shown()).toEqual(['live', 9, '9'])
  })

  test('of a server whose history ends before what was shown, for half a minute, is shown as it is there: its bus was restored from a backup', async () => {
    const bench = new Bench()
    bench.put(['1', '1', 5])
    const backup = bench.server.data.head
    bench.server.connect()
    const pages = [bench.client.page('{ orders { id total } }'), bench.client.page('{ orders { id total } customers { name } }')] as const
    for (const total of [6, 7, 8]) bench.put(['1', '1', total], ['2', '1', total])
    await bench.pass()
    const shown = (): unknown =>
      pages.map(({ picture }) => [picture.state, ...(picture.fields['orders']?.rows.map((row) => row.values['total']) ?? [])])
    expect(shown()).toEqual([
      ['live', 8, 8],
      ['live', 8, 8],
    ])
    bench.server.restore(backup)
    bench.server.connect()
    const seen = new Set<string>()
    for (const [n, page] of pages.entries()) page.subscribe(() => seen.add(JSON.stringify((shown() as unknown[])[n])))
    for (let second = 0; second < 25; second++) await bench.pass(1_000)
    expect(shown()).toEqual([
      ['stale', 8, 8],
      ['stale', 8, 8],
    ])
    for (let second = 0; second < 30; second++) await bench.pass(1_000)
    expect(shown()).toEqual([
      ['live', 5],
      ['live', 5],
    ])
    expect([...seen]).toEqual(['["stale",8,8]', '["live",5]'])
    bench.put(['3', '1', 9])
    await bench.pass()
    expect(shown()).toEqual([
      ['live', 5, 9],
      ['live', 5, 9],
    ])
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
