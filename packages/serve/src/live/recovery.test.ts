import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { ALWAYS } from '@sheetflow/core/predicate'
import { graphStream } from '@sheetflow/core/subject'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { collectGarbage } from '@sheetflow/testkit/garbage'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../limits.ts'
import { GraphWriter } from '../testing/graph-writer.ts'
import { TestLog, until } from '../testing/host.ts'
import { created, OPEN_ORDERS, order } from '../testing/shop.ts'
import { SimulatedClock } from '../testing/simulated-time.ts'
import { MemoryViews } from '../testing/memory-views.ts'
import { Delivery } from './delivery.ts'
import { GraphReader } from './graph-reader.ts'
import { channelEpoch, join } from './join.ts'
import type { Joined } from './join.ts'
import { LiveHub } from './live-hub.ts'
import type { StoreRows } from './rolled-read.ts'
import { StoreWatch } from './store-watch.ts'

const READERS = 50

test('law 12: after a restart a thousand clients come back at once, and their histories are read a few at a time', async () => {
  const bus = new MemoryBus()
  const writer = new GraphWriter('sales', bus)
  await writer.open()
  writer.write({ schemas: [OPEN_ORDERS] })
  const from = writer.write({}).position.offset
  for (let id = 1; id <= 100; id++) writer.write({ rows: { [OPEN_ORDERS.table]: [created(order(id))] } })
  const { hub, greatest } = hubOver(bus, writer.graph)
  const answers: Joined[] = []
  for (let n = 0; n < READERS; n++) {
    const description = { view: OPEN_ORDERS.table, generation: 1, predicate: ALWAYS, columns: [1] }
    const delivery = new Delivery(() => undefined, { chars: 1e9, replyChars: 1e9, exceeded: () => undefined })
    const place = { epoch: channelEpoch(1, 1), offset: from }
    join(hub, { name: `c${n}`, description, from: place, again: false, delivery, wanted: () => true }, (joined) => answers.push(joined))
  }
  await until('all are in', () => answers.length === READERS)
  expect(answers.map((joined) => (joined.kind === 'joined' ? joined.publications.length : joined.kind))).toEqual(answers.map(() => 1))
  expect(greatest()).toBe(DEFAULT_LIMITS.recoveries)
})

test.each([
  ['list', {}],
  ['window', { window: { limit: 10, order: [] } }],
])('law 12: of a reader that has gone nothing is held, though its %s stood where the router has not come', async (_, kind) => {
  const bus = new MemoryBus()
  const writer = new GraphWriter('sales', bus)
  await writer.open()
  writer.write({ schemas: [OPEN_ORDERS] })
  const { hub }: { hub: LiveHub } = hubOver(bus, writer.graph, () => Promise.resolve({ offset: hub.position, rows: [] }))
  hub.host.watch.saw(hub.position)
  const { offset } = writer.write({}).position
  let isHere = true
  const description = { view: OPEN_ORDERS.table, generation: 1, predicate: ALWAYS, columns: [1], ...kind }
  const goneReader = (): WeakRef<Delivery> => {
    const delivery = new Delivery(() => undefined, { chars: 1e9, replyChars: 1e9, exceeded: () => undefined })
    const from = { epoch: channelEpoch(1, 1), offset }
    join(hub, { name: 'c', description, from, again: false, delivery, wanted: () => isHere }, () => expect.unreachable())
    return new WeakRef(delivery)
  }
  const reader = goneReader()
  for (let turn = 0; turn < 20; turn++) await collectGarbage()
  expect(reader.deref()).toBeDefined()
  isHere = false
  hub.sweep()
  await expect.poll(async () => (await collectGarbage(), reader.deref())).toBeUndefined()
})

describe.each([
  ['list', {}, false],
  ['list that was sent away before', {}, true],
  ['window', { window: { limit: 10, order: [] } }, false],
])('the place of a %s that lies behind the end of the stream, as where its bus was restored from a backup', (_, kind, again) => {
  async function joining() {
    const bus = new MemoryBus()
    const writer = new GraphWriter('sales', bus)
    await writer.open()
    writer.write({ schemas: [OPEN_ORDERS] })
    const { hub }: { hub: LiveHub } = hubOver(bus, writer.graph, () => Promise.resolve({ offset: hub.position, rows: [] }))
    hub.host.watch.saw(hub.position)
    const description = { view: OPEN_ORDERS.table, generation: 1, predicate: ALWAYS, columns: [1], ...kind }
    const answers: Joined[] = []
    const joinAt = (offset: number): void => {
      const delivery = new Delivery(() => undefined, { chars: 1e9, replyChars: 1e9, exceeded: () => undefined })
      const from = { epoch: channelEpoch(1, 1), offset }
      join(hub, { name: 'c', description, from, again, delivery, wanted: () => true }, (joined) => answers.push(joined))
    }
    return { hub, writer, joinAt, answers }
  }

  test('is no place of it: the reader asks again at once', async () => {
    const { hub, joinAt, answers } = await joining()
    joinAt(hub.position + 1)
    await until('it is answered', () => answers.length > 0)
    expect(answers).toEqual([{ kind: 'behind' }])
  })

  test('who waited until the router came to a place asks again if the stream is set back before', async () => {
    const { hub, writer, joinAt, answers } = await joining()
    const before = hub.position
    joinAt(writer.write({}).position.offset)
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    expect(answers).toEqual([])
    hub.lose(before)
    await until('it is answered', () => answers.length > 0)
    expect(answers).toEqual([{ kind: 'behind' }])
  })
})

/** A hub that has read everything and keeps next to nothing; and how many reads of the bus there were at once. */
function hubOver(
  bus: MemoryBus,
  graph: string,
  readRows: () => Promise<StoreRows> = () => Promise.reject(new Error('no windows here')),
): { readonly hub: LiveHub; readonly greatest: () => number } {
  const stream = graphStream(graph)
  let running = 0
  let most = 0
  async function* slowly(batches: AsyncIterable<readonly StoredMessage[]>): AsyncGenerator<readonly StoredMessage[]> {
    running += 1
    most = Math.max(most, running)
    for await (const batch of batches) {
      await new Promise((resolve) => setImmediate(resolve))
      yield batch
    }
    running -= 1
  }
  const host = { clock: new SimulatedClock(), log: new TestLog(), signal: new AbortController().signal }
  const hub = new LiveHub(
    { epoch: 1, from: 0 },
    {
      ...host,
      graph,
      readers: () => READERS,
      bus: new Proxy(bus, {
        get: (target, name) => {
          if (name === 'read') return (...args: Parameters<MemoryBus['read']>) => slowly(target.read(...args))
          const member: unknown = Reflect.get(target, name)
          return typeof member === 'function' ? (member.bind(target) as unknown) : member
        },
      }),
      limits: { ...DEFAULT_LIMITS, ringBytes: 1_000 },
      watch: new StoreWatch([new MemoryViews()], stream, host),
      readRows,
    },
  )
  const reader = new GraphReader({ epoch: 1, after: null, maxBytes: 1e9 })
  for (const message of bus.messages(stream, 1)) {
    const transaction = reader.push(message)
    if (transaction !== null) hub.apply(transaction)
  }
  return { hub, greatest: () => most }
}
