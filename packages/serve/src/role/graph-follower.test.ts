import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { Catalogue } from '../catalogue/catalogue.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { GraphWriter } from '../testing/graph-writer.ts'
import { TestLog, until } from '../testing/host.ts'
import { MemoryViews } from '../testing/memory-views.ts'
import { created, OPEN_ORDERS, order } from '../testing/shop.ts'
import { SimulatedClock } from '../testing/simulated-time.ts'
import { GraphFollower } from './graph-follower.ts'

const TRANSACTIONS = 12
/** A message of more than 200 kB. */
const ROWS = 2_000

test('whoever reads much at once lets questions and sockets in between', async () => {
  const bus = new MemoryBus()
  const writer = new GraphWriter('sales', bus)
  await writer.open()
  const views = new MemoryViews()
  views.ensureNow(OPEN_ORDERS)
  const stop = new AbortController()
  const catalogue = new Catalogue()
  catalogue.addGraph({ graph: 'sales', stream: writer.stream, storeOf: () => views })
  const host = { clock: new SimulatedClock(), log: new TestLog(), signal: stop.signal, limits: DEFAULT_LIMITS, readers: () => 0 }
  const follower = new GraphFollower('sales', { ...host, bus, stores: [views], catalogue })
  const { offset } = writer.write({ schemas: [OPEN_ORDERS] }).position
  const running = follower.run(() => undefined)
  await until('the first is read', () => follower.hub?.position === offset)
  const rows = Array.from({ length: ROWS }, (_, id) => created(order(id)))
  const last = Array.from({ length: TRANSACTIONS }, () => writer.write({ rows: { [OPEN_ORDERS.table]: rows } }).position.offset).at(-1)
  const seen = new Set<number | undefined>()
  while (follower.hub?.position !== last) {
    seen.add(follower.hub?.position)
    await new Promise((next) => setImmediate(next))
  }
  expect(seen.size).toBeGreaterThan(TRANSACTIONS / 4)
  stop.abort()
  await running
})
