import { beforeEach, describe, expect, test } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Claims } from '@sheetflow/core/ports/host'
import { ALWAYS } from '@sheetflow/core/predicate'
import type { ChannelDescription } from '@sheetflow/core/wire'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { DEFAULT_LIMITS } from '../limits.ts'
import { SubscriptionTokens } from '../live/subscription-tokens.ts'
import { LiveHub } from '../live/live-hub.ts'
import { StoreWatch } from '../live/store-watch.ts'
import { GraphReader } from '../live/graph-reader.ts'
import { GraphWriter } from '../testing/graph-writer.ts'
import type { WrittenTransaction } from '../testing/graph-writer.ts'
import { TestLog, until } from '../testing/host.ts'
import { MemoryViews } from '../testing/memory-views.ts'
import { RecordedCommands } from '../testing/running-shop.ts'
import { created, CUSTOMERS, OPEN_ORDERS, order } from '../testing/shop.ts'
import { SimulatedClock } from '../testing/simulated-time.ts'
import { Connection } from './connection.ts'
import { VERSION } from '../version.ts'
import { KeyedCounts } from './keyed-counts.ts'
import { Outbox } from './outbox.ts'
import type { Wire } from './outbox.ts'
import type { GatewayServices } from './services.ts'

/** A socket that remembers. */
class RecordedWire implements Wire {
  readonly frames: string[][] = []
  closed: number | null = null
  bufferedBytes = 0

  send(frame: Uint8Array): void {
    this.frames.push(new TextDecoder().decode(frame).split('\n'))
  }

  close(code: number): void {
    this.closed = code
  }

  get replies(): readonly Record<string, unknown>[] {
    return this.frames.flat().map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}

const RIGHTS = { role: 'manager', rows: ALWAYS, hide: [] }
const EXPIRES = 10_000

let clock: SimulatedClock
let expires: number
let services: GatewayServices
let writer: GraphWriter
let hub: LiveHub
let write: (transaction: WrittenTransaction) => number
let outbox: Outbox
const connections = new Map<unknown, Connection>()

beforeEach(async () => {
  clock = new SimulatedClock()
  expires = EXPIRES
  const bus = new MemoryBus()
  const views = new MemoryViews()
  writer = new GraphWriter('sales', bus)
  await writer.open()
  const host = { clock, log: new TestLog(), signal: new AbortController().signal }
  const limits = { ...DEFAULT_LIMITS, queueBytes: 10_000, channelsPerConnection: 3 }
  const watch = new StoreWatch([views], writer.stream, host)
  hub = new LiveHub(
    { epoch: 1, from: 0 },
    {
      ...host,
      bus,
      graph: writer.graph,
      limits,
      watch,
      readers: () => connections.size,
      readRows: () => Promise.resolve({ offset: hub.position, rows: [{ key: ['5'], row: order(5) }] }),
    },
  )
  hub.setView(OPEN_ORDERS, 'ready')
  hub.setView(CUSTOMERS, 'ready')
  const reader = new GraphReader({ epoch: 1, after: null, maxBytes: 1e9 })
  write = (transaction) => {
    const { position } = writer.write(transaction)
    for (const message of bus.messages(writer.stream, hub.position + 1)) {
      const read = reader.push(message)
      if (read !== null) hub.apply(read)
    }
    return position.offset
  }
  services = {
    limits,
    clock,
    log: host.log,
    anonymous: false,
    commands: new RecordedCommands(),
    tokens: new SubscriptionTokens({ key: new Uint8Array(32), tokenMs: 600_000, clock, rightsOf: () => RIGHTS }),
    identity: { claims: (token) => (token === 'good' ? Promise.resolve(claimsOf()) : Promise.reject(refusal(token))) },
    hubOf: () => hub,
  }
  outbox = new Outbox({ ...limits, replyBytes: 0 }, (outlet) => connections.get(outlet)?.close({ code: 3008, reason: 'slow' }))
})

function claimsOf(): Claims {
  return { user: '1', role: 'manager', expires, all: {} }
}

function refusal(token: string): SheetflowError {
  return new SheetflowError('access/unauthenticated', 'no', { details: { expired: token === 'ended' } })
}

function open(): { readonly wire: RecordedWire; readonly connection: Connection } {
  const wire = new RecordedWire()
  const connection = new Connection(wire, outbox, services, new KeyedCounts(10))
  connections.set(connection.outlet, connection)
  return { wire, connection }
}

async function connected(): Promise<{ readonly wire: RecordedWire; readonly connection: Connection }> {
  const both = open()
  both.connection.receive('{"id":1,"connect":{"token":"good"}}')
  await until('connected', () => both.wire.frames.length === 1)
  return both
}

function lease(view = OPEN_ORDERS, more: Partial<ChannelDescription> = {}): { readonly channel: string; readonly token: string } {
  return must(services.tokens.grant({ view: view.table, generation: 1, predicate: ALWAYS, columns: [1], ...more }, '1', RIGHTS))
}

function subscribeText(id: number, { channel, token }: { readonly channel: string; readonly token: string }): string {
  return JSON.stringify({ id, subscribe: { channel, token, recover: true, epoch: '1.1', offset: hub.position } })
}

/** The next turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('connecting tells the rhythm of pings and the end of the token', async () => {
  const { wire } = await connected()
  expect(wire.replies).toMatchObject([{ id: 1, connect: { version: VERSION, ping: 25, pong: true, expires: true, ttl: EXPIRES } }])
})

test('many commands in one frame are answered in one frame, in their order', async () => {
  const { wire, connection } = open()
  connection.receive(['{"id":1,"connect":{"token":"good"}}', subscribeText(2, lease()), '{"id":3,"history":{}}'].join('\n'))
  await until('answers', () => wire.replies.length === 3)
  expect(wire.frames).toHaveLength(1)
  expect(wire.replies).toMatchObject([{ id: 1 }, { id: 2, subscribe: { recovered: true } }, { id: 3, error: { code: 108 } }])
})

test('what one transaction did to several channels arrives in one frame, equal frames sharing their bytes', async () => {
  const all = await Promise.all([connected(), connected()])
  const leases = [lease(OPEN_ORDERS), lease(OPEN_ORDERS, { predicate: { op: 'eq', column: 'id', value: '1' } }), lease(CUSTOMERS)]
  for (const { connection } of all) connection.receive(leases.map((granted, i) => subscribeText(i + 2, granted)).join('\n'))
  await turn()
  for (const { wire } of all) wire.frames.length = 0
  const offset = write({ rows: { 'sales.open_orders': [created(order(1))], 'sales.customers': [created(['7', 'Anna', 1, '0'])] } })
  await turn()
  for (const { wire } of all) {
    expect(wire.frames.map((frame) => frame.length)).toEqual([3])
    expect(wire.replies).toMatchObject([1, 2, 3].map(() => ({ push: { pub: { offset, data: { o: offset } } } })))
  }
})

describe('a subscription', () => {
  test('is refused twice, without a token, and above the number of channels', async () => {
    const { wire, connection } = await connected()
    const texts = [0, 1, 2, 3].map((i) => subscribeText(i + 2, lease(OPEN_ORDERS, { columns: [i + 1] })))
    connection.receive([...texts.slice(0, 1), ...texts, '{"id":9,"subscribe":{"channel":"sf:x"}}', '{"id":10,"subscribe":{}}'].join('\n'))
    await turn()
    const codes = wire.replies.slice(1).map((reply) => (reply['error'] as { code: number } | undefined)?.code ?? 0)
    expect(codes).toEqual([0, 105, 0, 0, 106, 103, 107])
  })

  test('ends with its token, and lives on with a new one', async () => {
    const { wire, connection } = await connected()
    const [short, renewed] = [lease(), lease(CUSTOMERS)]
    connection.receive(`${subscribeText(2, short)}\n${subscribeText(3, renewed)}`)
    clock.advance(500_000)
    connection.receive(JSON.stringify({ id: 4, sub_refresh: { channel: renewed.channel, token: lease(CUSTOMERS).token } }))
    clock.advance(130_000)
    connection.tick()
    await turn()
    expect(wire.replies.slice(3)).toMatchObject([
      { id: 4, sub_refresh: { expires: true, ttl: 600 } },
      { push: { channel: short.channel, unsubscribe: { code: 2501 } } },
      {},
    ])
    connection.receive(subscribeText(5, short))
    await turn()
    expect(wire.replies.at(-1)).toMatchObject({ id: 5, error: { code: 109 } })
  })

  test('behind the history is told so once, the second time in a row it gets the rows', async () => {
    const { wire, connection } = await connected()
    const granted = lease()
    const far = hub.position
    write({ rows: { 'sales.open_orders': [['t', null, null, null]] } })
    const text = (id: number): string =>
      JSON.stringify({ id, subscribe: { channel: granted.channel, token: granted.token, recover: true, epoch: '1.1', offset: far } })
    connection.receive(text(2))
    await turn()
    expect(wire.replies.at(-1)).toEqual({ id: 2, error: { code: 112, message: 'unrecoverable position' } })
    connection.receive(text(3))
    for (let i = 0; i < 20; i++) {
      hub.host.watch.saw(hub.position)
      clock.advance(50)
      await turn()
    }
    const publications = [{ data: { o: hub.position, reset: true, rows: [['c', ['5'], { id: '5' }]] }, offset: hub.position }]
    expect(wire.replies.at(-1)).toMatchObject({ id: 3, subscribe: { recovered: true, publications } })
  })

  test('of an unknown epoch cannot be recovered', async () => {
    const { wire, connection } = await connected()
    connection.receive(JSON.stringify({ id: 2, subscribe: { ...lease(), recover: true, epoch: '_', offset: 0 } }))
    await turn()
    expect(wire.replies.at(-1)).toMatchObject({ id: 2, error: { code: 112 } })
  })

  test('without a place to recover from begins with what comes now', async () => {
    const { wire, connection } = await connected()
    connection.receive(JSON.stringify({ id: 2, subscribe: lease() }))
    await turn()
    expect(wire.replies.at(-1)).toEqual({
      id: 2,
      subscribe: { recoverable: true, positioned: true, epoch: '1.1', offset: hub.position, expires: true, ttl: 600 },
    })
    connection.receive('{"id":3,"unsubscribe":{"channel":"sf:other"}}')
    await turn()
    expect(wire.replies.at(-1)).toEqual({ id: 3, unsubscribe: {} })
  })
})

describe('a connection ends', () => {
  test.each([
    ['that says nothing', 3502, (connection: Connection) => connection.tick()],
    ['that is never authenticated', 3502, (connection: Connection) => connection.tick()],
  ])('%s: %i', (_, code, act) => {
    const { wire, connection } = open()
    clock.advance(DEFAULT_LIMITS.authMs + 1)
    act(connection)
    expect(wire.closed).toBe(code)
  })

  test('whose client does not answer pings: 3012', async () => {
    const { wire, connection } = await connected()
    clock.advance(DEFAULT_LIMITS.pingMs)
    connection.tick()
    await turn()
    expect(wire.frames.at(-1)).toEqual(['{}'])
    connection.receive('{}')
    clock.advance(DEFAULT_LIMITS.pingMs)
    connection.tick()
    expect(wire.closed).toBeNull()
    clock.advance(DEFAULT_LIMITS.pongMs)
    connection.tick()
    expect(wire.closed).toBe(3012)
  })

  test('whose token has ended: 3005, unless it is renewed', async () => {
    const [one, other] = await Promise.all([connected(), connected()])
    for (let at = 0; at <= EXPIRES; at += 25) {
      clock.advance(25_000)
      for (const { connection } of [one, other]) {
        connection.tick()
        connection.receive('{}')
      }
    }
    expect([one.wire.closed, other.wire.closed]).toEqual([null, null])
    expires = EXPIRES * 2
    other.connection.receive('{"id":7,"refresh":{"token":"good"}}')
    await turn()
    clock.advance(25_000)
    one.connection.tick()
    expect(one.wire.closed).toBe(3005)
    expect(other.wire.replies.at(-1)).toMatchObject({ id: 7, refresh: { expires: true } })
  })

  test('whose client is slow: 3008', async () => {
    const { wire, connection } = await connected()
    connection.receive(subscribeText(2, lease()))
    await turn()
    wire.bufferedBytes = 20_000
    write({ rows: { 'sales.open_orders': [created(order(1))] } })
    await turn()
    expect(wire.closed).toBe(3008)
  })

  test('with a wrong token: 3500; an ended one is an error', async () => {
    const [wrong, ended] = [open(), open()]
    wrong.connection.receive('{"id":1,"connect":{"token":"bad"}}')
    ended.connection.receive('{"id":1,"connect":{"token":"ended"}}')
    await until('both', () => wrong.wire.closed !== null && ended.wire.replies.length > 0)
    expect(wrong.wire.closed).toBe(3500)
    expect(ended.wire.replies).toMatchObject([{ error: { code: 109 } }])
  })
})

test('law 9, sharing: equal predicates share one channel; it is freed a while after the last has left', async () => {
  const all = await Promise.all([connected(), connected(), connected()])
  for (const { connection } of all) connection.receive(subscribeText(2, lease()))
  expect(hub.metrics().channels).toBe(1)
  for (const { connection } of all) connection.closed()
  clock.advance(DEFAULT_LIMITS.lingerMs - 1)
  hub.sweep()
  expect(hub.metrics().channels).toBe(1)
  clock.advance(1)
  hub.sweep()
  expect(hub.metrics().channels).toBe(0)
})

test('law 9, the strict end: token life + 60 s after the last token was granted its channel is gone, goodbye or not', async () => {
  const { connection } = await connected()
  connection.receive(subscribeText(2, lease()))
  expect(hub.metrics().channels).toBe(1)
  for (let seconds = 0; seconds < 600 + 60; seconds++) {
    clock.advance(1_000)
    connection.tick()
    connection.receive('{}')
    if (seconds % 5 === 0) hub.sweep()
  }
  expect(hub.metrics().channels).toBe(0)
})

test('a busy connection gets fewer, greater frames', async () => {
  const { wire, connection } = await connected()
  connection.receive(subscribeText(2, lease()))
  await turn()
  const before = wire.frames.length
  for (let i = 0; i < 200; i++) {
    write({ rows: { 'sales.open_orders': [created(order(i))] } })
    await turn()
  }
  await until('all', () => wire.replies.length === before + 200)
  expect(wire.frames.length - before).toBeLessThan(150)
})
