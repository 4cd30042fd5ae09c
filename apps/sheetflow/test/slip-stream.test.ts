import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSqliteBus } from '@sheetflow/bus'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Publication, RecordJson } from '@sheetflow/core/wire'
import { devToken, JwtIdentity, startServe } from '@sheetflow/serve'
import type { RunningServe } from '@sheetflow/serve'
import { GraphWriter } from '@sheetflow/serve/testing/graph-writer'
import { REAL_CLOCK, TestLog, until } from '@sheetflow/serve/testing/host'
import { ReferenceList } from '@sheetflow/serve/testing/reference-list'
import { OPEN_ORDERS, order } from '@sheetflow/serve/testing/shop'
import { openSqliteViews, openSqliteViewsReadOnly, runStore } from '@sheetflow/store'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { Random } from '@sheetflow/testkit/random'
import { LONG, SEED } from '@sheetflow/testkit/runs'
import { Centrifuge } from 'centrifuge'
import type { Subscription } from 'centrifuge'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'

const SOCKETS = LONG ? 200 : 40
const TRANSACTIONS = LONG ? 3_000 : 400
const KEYS = 60
const VIEW = OPEN_ORDERS.table

/** Law 10 on real ground: bus and store in SQLite, the store role, the official client, a server that is written to, connections that break. */
test(`law 10, slip-stream: ${SOCKETS} real sockets against a writing server with random disconnects`, async () => {
  const random = new Random(SEED).next
  const dir = await mkdtemp(path.join(tmpdir(), 'slip-stream-'))
  const stop = new AbortController()
  const log = new TestLog()
  const host = { clock: REAL_CLOCK, log, signal: stop.signal }
  const bus = await openSqliteBus({ dir: path.join(dir, 'bus') })
  const store = openSqliteViews(path.join(dir, 'views.db'))
  const keeping = runStore({ bus, store, name: 'main', graphs: ['sales'], ...host })
  const reading = openSqliteViewsReadOnly(path.join(dir, 'views.db'))
  const world = await World.open(bus, random)
  const key = new Uint8Array(randomBytes(32))
  const serve = await startServe({
    ...host,
    port: 0,
    host: '127.0.0.1',
    bus,
    stores: { main: reading },
    graphs: ['sales'],
    identity: new JwtIdentity({ secret: key }, REAL_CLOCK),
    key,
    dev: false,
    limits: { channelRows: 20, ringBytes: 20_000 },
    commands: { accept: () => Promise.reject(new Error('no commands here')) },
  })
  const token = await devToken(key, { user: '1', role: 'manager' }, Date.now())
  const pages = Array.from({ length: SOCKETS }, () => new Page(serve, token, random))
  try {
    await Promise.all(pages.map((page) => page.open()))
    for (let n = 0; n < TRANSACTIONS; n++) {
      await world.write()
      if (random() < 0.3) pages[Math.floor(random() * pages.length)]?.breakFor(Math.floor(random() * 30))
    }
    for (const page of pages) page.connect()
    for (const page of pages) {
      const wanted = world.expected(page)
      await until(`seed ${SEED}: every list is what the view is`, () => page.failure !== null || page.shows(wanted), 60_000)
      expect(page.failure).toBeNull()
    }
    expect(pages.reduce((sum, page) => sum + page.publications, 0)).toBeGreaterThan(SOCKETS)
  } finally {
    for (const page of pages) page.close()
    stop.abort()
    await serve.close()
    await keeping
    for (const opened of [reading, store, bus]) await opened[Symbol.asyncDispose]()
    await rm(dir, { recursive: true })
  }
  expect(log.errors).toEqual([])
})

/** The graph that writes, and what it has written. */
class World {
  readonly #bus: Bus
  readonly #writer: GraphWriter
  readonly #random: () => number
  readonly #rows = new Map<number, RowJson>()

  private constructor(bus: Bus, epoch: number, random: () => number) {
    this.#bus = bus
    this.#random = random
    this.#writer = new GraphWriter('sales', new MemoryBus(), epoch)
  }

  static async open(bus: Bus, random: () => number): Promise<World> {
    const { epoch } = await bus.ensure('SF_GRAPH_sales')
    const world = new World(bus, epoch, random)
    await bus.append('SF_GRAPH_sales', world.#writer.draft({ schemas: [OPEN_ORDERS] }).messages)
    return world
  }

  async write(): Promise<void> {
    const changes = new Map<number, RowChange>()
    const many = this.#random() < 0.02
    for (let n = many ? 40 : 1 + Math.floor(this.#random() * 4); n > 0; n--) {
      const id = Math.floor(this.#random() * KEYS)
      if (!changes.has(id)) changes.set(id, this.#change(id))
    }
    await this.#bus.append('SF_GRAPH_sales', this.#writer.draft({ rows: { [VIEW]: [...changes.values()] } }).messages)
  }

  expected(page: Page): string {
    const rows = [...this.#rows.values()].filter((row) => page.customer === null || row[1] === page.customer)
    const placed = rows.toSorted((a, b) => page.compare(a, b)).slice(0, page.limit ?? undefined)
    return textOf(new Map(placed.map((row) => [JSON.stringify([row[0]]), { id: row[0] ?? null, total: row[3] ?? null }])))
  }

  #change(id: number): RowChange {
    const before = this.#rows.get(id)
    const key = [String(id)]
    if (before !== undefined && this.#random() < 0.4) {
      this.#rows.delete(id)
      return ['d', key, null, before]
    }
    const total = `${Math.floor(this.#random() * 50)}.00`
    const after = order(id, { customer: String(Math.floor(this.#random() * 3)), total })
    this.#rows.set(id, after)
    return before === undefined ? ['c', key, after, null] : ['u', key, after, before]
  }
}

/** One page: one list by the client rule, over one connection. */
class Page {
  readonly list: ReferenceList = new ReferenceList()
  readonly customer: string | null
  readonly limit: number | null
  readonly #serve: RunningServe
  readonly #token: string
  readonly #client: Centrifuge
  #subscription: Subscription | null = null
  #isAsking = false
  failure: unknown = null
  publications = 0

  constructor(serve: RunningServe, token: string, random: () => number) {
    this.#serve = serve
    this.#token = token
    this.customer = random() < 0.6 ? String(Math.floor(random() * 3)) : null
    this.limit = random() < 0.5 ? 1 + Math.floor(random() * 8) : null
    this.#client = new Centrifuge(serve.realtimeUrl, { token, websocket: WebSocket, minReconnectDelay: 5, maxReconnectDelay: 20 })
    this.#client.on('error', () => undefined)
  }

  async open(): Promise<void> {
    this.#client.connect()
    await this.#ask()
  }

  connect(): void {
    this.#client.connect()
  }

  breakFor(ms: number): void {
    this.#client.disconnect()
    setTimeout(() => this.#client.connect(), ms)
  }

  close(): void {
    this.#client.disconnect()
  }

  shows(wanted: string): boolean {
    return !this.list.isAsking && textOf(this.list.rows) === wanted
  }

  /** Windows by total, greatest first; ties by key. Lists in any order. */
  compare(a: RowJson, b: RowJson): number {
    return Number(b[3]) - Number(a[3]) || Number(a[0]) - Number(b[0])
  }

  /** Asks the root field until it answers, then follows it. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const where = this.customer === null ? '' : `where: {customer_id: {_eq: "${this.customer}"}}`
    const window = this.limit === null ? '' : `order_by: {total: desc}, limit: ${this.limit}`
    const args = [where, window].filter((part) => part !== '').join(', ')
    const query = `{ open_orders${args === '' ? '' : `(${args})`} { id total _key } }`
    for (;;) {
      const response = await fetch(`${this.#serve.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify({ query }),
      })
      const answer = (await response.json()) as Answer
      const live = answer.extensions?.live['open_orders']
      const rows = answer.data?.open_orders
      if (live !== undefined && Array.isArray(rows)) {
        this.list.load(live.at, new Map(rows.map(({ _key, ...row }) => [JSON.stringify(_key), row])))
        this.#isAsking = false
        this.#follow(live)
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  #follow(live: Live): void {
    // Also where the channel is the same: the subscription has to go on from the list's new place.
    this.#subscription?.removeAllListeners()
    if (this.#subscription !== null) this.#client.removeSubscription(this.#subscription)
    const since = { epoch: live.epoch, offset: this.list.offset }
    const subscription = this.#client.newSubscription(live.channel, { token: live.token, since })
    this.#subscription = subscription
    subscription.on('error', () => undefined)
    subscription.on('publication', ({ data }) => this.#apply(data as Publication))
    subscription.on('unsubscribed', ({ code }) => {
      if (code !== 112) return
      this.list.ask()
      void this.#ask()
    })
    subscription.subscribe()
  }

  #apply(publication: Publication): void {
    this.publications += 1
    try {
      this.list.apply(publication)
    } catch (error) {
      this.failure ??= error
    }
    if (this.list.isAsking) void this.#ask()
  }
}

interface Live {
  readonly channel: string
  readonly token: string
  readonly epoch: string
  readonly at: number
}

interface Answer {
  readonly data?: { readonly open_orders: readonly (RecordJson & { readonly _key: readonly unknown[] })[] | null }
  readonly extensions?: { readonly live: Readonly<Record<string, Live>> }
}

function textOf(rows: ReadonlyMap<string, RecordJson>): string {
  return JSON.stringify([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
