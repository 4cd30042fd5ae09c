import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ReadOptions, StoredMessage } from '@sheetflow/core/ports/bus'
import type { StoredPosition } from '@sheetflow/core/position'
import { ALWAYS } from '@sheetflow/core/predicate'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { MemoryStream } from '@sheetflow/testkit/memory-stream'
import { expect, test } from 'vitest'
import { Catalogue } from '../catalogue/catalogue.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { Delivery } from '../live/delivery.ts'
import { channelEpoch, join, type Joined } from '../live/join.ts'
import type { LiveHub } from '../live/live-hub.ts'
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
async function bench(bus = new MemoryBus()) {
  const writer = new GraphWriter('sales', bus)
  await writer.open()
  const views = new MemoryViews()
  views.ensureNow(OPEN_ORDERS)
  const stop = new AbortController()
  const catalogue = new Catalogue()
  catalogue.addGraph({ graph: 'sales', stream: writer.stream, storeOf: () => views })
  const host = { clock: new SimulatedClock(), log: new TestLog(), signal: stop.signal, limits: DEFAULT_LIMITS, readers: () => 0 }
  const follower = new GraphFollower('sales', { ...host, bus, stores: [views], catalogue })
  return { writer, views, follower, stop, clock: host.clock }
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
  const joins = (): void => joinAt(must(follower.hub), { epoch, offset }, (joined) => answers.push(joined))
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

/** A page that stands at a place of the open orders comes. */
function joinAt(hub: LiveHub, { epoch, offset }: Pick<StoredPosition, 'epoch' | 'offset'>, answer: (joined: Joined) => void): void {
  const description = { view: OPEN_ORDERS.table, generation: OPEN_ORDERS.generation, predicate: ALWAYS, columns: [1] }
  const delivery = new Delivery(() => undefined, { chars: 1e9, replyChars: 1e9, exceeded: () => undefined })
  const from = { epoch: channelEpoch(epoch, OPEN_ORDERS.generation), offset }
  join(hub, { name: 'c', description, from, again: false, delivery, wanted: () => true }, answer)
}

/** A bus whose server can be set back to what it held before, as one that is restored from a backup. */
class RestorableBus extends MemoryBus {
  readonly #streams: Map<string, MemoryStream>
  #life = new AbortController()

  constructor(streams = new Map<string, MemoryStream>()) {
    super({ streams })
    this.#streams = streams
  }

  /** Its streams hold `messages` from now on, and whoever reads is told. */
  restore(name: string, epoch: number, messages: readonly StoredMessage[]): void {
    const stream = new MemoryStream(name, epoch)
    stream.append(messages, 0, 0)
    this.#streams.set(name, stream)
    this.#life.abort()
    this.#life = new AbortController()
  }

  override async *read(name: string, options: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    const { signal } = this.#life
    yield* super.read(name, { ...options, signal: AbortSignal.any([signal, ...(options.signal === undefined ? [] : [options.signal])]) })
    if (signal.aborted) throw new SheetflowError('bus/set-back', `${name} was set back`)
  }
}

test('a stream that is set back while it is followed is followed from its new end on, and who stood behind that asks again', async () => {
  const bus = new RestorableBus()
  const { writer, views, follower, stop, clock } = await bench(bus)
  const row = (id: number) => ({ rows: { [OPEN_ORDERS.table]: [created(order(id))] } })
  const opened = writer.write({ schemas: [OPEN_ORDERS] })
  views.applyNow(writer.stream, opened)
  const { epoch } = opened.position
  const running = follower.run(() => undefined)
  const backup = bus.messages(writer.stream)
  for (let id = 1; id <= 5; id++) views.applyNow(writer.stream, writer.write(row(id)))
  const { offset } = writer.write(row(6)).position
  await until('all is read', () => follower.hub?.position === offset)
  const answers: Joined[] = []
  const joins = (): void => joinAt(must(follower.hub), { epoch, offset }, (joined) => answers.push(joined))
  joins()
  expect(answers).toMatchObject([{ kind: 'joined' }])
  bus.restore(writer.stream, epoch, backup)
  await until('it is noticed', () => {
    clock.advance(100)
    return follower.hub?.position === backup.length
  })
  joins()
  await until('the page is answered', () => answers.length === 2)
  expect(answers[1]).toEqual({ kind: 'behind' })
  const next = writer.write(row(7)).position.offset
  await until('it goes on', () => follower.hub?.position === next)
  expect(next).toBeLessThan(offset)
  stop.abort()
  await running
})
