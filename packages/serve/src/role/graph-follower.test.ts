import { must } from '@sheetflow/core/assert'
import { ALWAYS } from '@sheetflow/core/predicate'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { Catalogue } from '../catalogue/catalogue.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { Delivery } from '../live/delivery.ts'
import { channelEpoch, join, type Joined } from '../live/join.ts'
import { GraphWriter } from '../testing/graph-writer.ts'
import { TestLog, until } from '../testing/host.ts'
import { MemoryViews } from '../testing/memory-views.ts'
import { created, OPEN_ORDERS, order } from '../testing/shop.ts'
import { SimulatedClock } from '../testing/simulated-time.ts'
import { GraphFollower } from './graph-follower.ts'

const TRANSACTIONS = 12
/** A message of more than 200 kB. */
const ROWS = 2_000

/** A follower of a graph over a store, and what it needs. */
async function bench() {
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
  return { writer, views, follower, stop }
}

test('whoever reads much at once lets questions and sockets in between', async () => {
  const { writer, follower, stop } = await bench()
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

test('a stream that was made anew is followed from where its store stands: a page that had seen more goes on from there', async () => {
  const { writer, views, follower, stop } = await bench()
  const row = (id: number) => ({ rows: { [OPEN_ORDERS.table]: [created(order(id))] } })
  views.applyNow(writer.stream, writer.write({ schemas: [OPEN_ORDERS] }))
  views.applyNow(writer.stream, writer.write(row(1)))
  const { offset, epoch } = writer.write(row(2)).position
  await writer.newEpoch()
  const answers: Joined[] = []
  const joins = (): void => {
    const description = { view: OPEN_ORDERS.table, generation: OPEN_ORDERS.generation, predicate: ALWAYS, columns: [1] }
    const delivery = new Delivery(() => undefined, { chars: 1e9, replyChars: 1e9, exceeded: () => undefined })
    const from = { epoch: channelEpoch(epoch, OPEN_ORDERS.generation), offset }
    join(must(follower.hub), { name: 'c', description, from, again: false, delivery, wanted: () => true }, (joined) => answers.push(joined))
  }
  // It comes before anything has been read.
  const running = follower.run(joins)
  await until('the page is answered', () => answers.length === 1)
  expect(answers).toMatchObject([{ kind: 'joined', offset, position: offset, publications: [] }])
  const anew = writer.write({ schemas: [{ ...OPEN_ORDERS, generation: OPEN_ORDERS.generation + 1 }] }).position
  await until('the new epoch has begun', () => follower.hub?.position === anew.offset)
  expect(follower.hub?.epoch).toBe(anew.epoch)
  joins()
  expect(answers[1]).toEqual({ kind: 'behind' })
  stop.abort()
  await running
})
