import { ALWAYS } from '@sheetflow/core/predicate'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../limits.ts'
import { TestLog } from '../testing/host.ts'
import { MemoryViews } from '../testing/memory-views.ts'
import { OPEN_ORDERS } from '../testing/shop.ts'
import { Delivery } from './delivery.ts'
import { channelEpoch, join } from './join.ts'
import { LiveHub } from './live-hub.ts'
import { StoreWatch } from './store-watch.ts'

test('a window that cannot be read is tried for again until the role ends, and no longer: its thread would go on for it', async () => {
  const stop = new AbortController()
  let sleeping: (() => void)[] = []
  const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => sleeping.push(resolve)) }
  const host = { clock, log: new TestLog(), signal: stop.signal }
  const views = new MemoryViews()
  let reads = 0
  const readRows = (): Promise<never> => {
    reads += 1
    return Promise.reject(new Error('the store is closed'))
  }
  const watch = new StoreWatch([views], 'SF_GRAPH_sales', host)
  const common = { ...host, graph: 'sales', readers: () => 0, bus: new MemoryBus(), limits: DEFAULT_LIMITS, watch, readRows }
  const hub = new LiveHub({ epoch: 1, from: 0 }, common)
  hub.setView(OPEN_ORDERS, 'ready')
  const window = { limit: 10, order: [] }
  const description = { view: OPEN_ORDERS.table, generation: 1, predicate: ALWAYS, columns: [1], window }
  const delivery = new Delivery(() => undefined, { chars: 1e9, replyChars: 1e9, exceeded: () => undefined })
  const from = { epoch: channelEpoch(1, 1), offset: 0 }
  join(hub, { name: 'w', description, from, again: false, delivery, wanted: () => true }, () => undefined)
  /** Whoever sleeps wakes, and does what it can. */
  const wake = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      const woken = sleeping
      sleeping = []
      for (const resolve of woken) resolve()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await wake()
  expect(reads).toBeGreaterThan(1)
  stop.abort()
  const before = reads
  await wake()
  expect([reads - before, sleeping.length]).toEqual([0, 0])
})
