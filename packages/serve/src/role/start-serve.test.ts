import { createServer, type AddressInfo } from 'node:net'
import type { Bus } from '@sheetflow/core/ports/bus'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { GraphWriter } from '../testing/graph-writer.ts'
import { REAL_CLOCK, TestLog } from '../testing/host.ts'
import { MemoryViews } from '../testing/memory-views.ts'
import { OPEN_ORDERS } from '../testing/shop.ts'
import { startServe } from './start-serve.ts'

/** A bus that knows how many are reading. */
class CountedBus extends MemoryBus {
  readers = 0

  override async *read(...args: Parameters<Bus['read']>): ReturnType<MemoryBus['read']> {
    this.readers += 1
    try {
      yield* super.read(...args)
    } finally {
      this.readers -= 1
    }
  }
}

test('a start that cannot listen leaves nothing behind that goes on', async () => {
  const taken = createServer()
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening))
  const bus = new CountedBus()
  const writer = new GraphWriter('sales', bus)
  await writer.open()
  writer.write({ schemas: [OPEN_ORDERS] })
  const views = new MemoryViews()
  views.ensureNow(OPEN_ORDERS)
  const started = startServe({
    port: (taken.address() as AddressInfo).port,
    host: '127.0.0.1',
    bus,
    stores: { main: views },
    graphs: ['sales', 'never_ran'],
    identity: { claims: () => Promise.reject(new Error('nobody asks')) },
    key: new Uint8Array(32),
    dev: false,
    commands: { accept: () => Promise.reject(new Error('nobody asks')) },
    clock: REAL_CLOCK,
    log: new TestLog(),
    signal: new AbortController().signal,
  })
  await expect(started).rejects.toMatchObject({ code: 'app/port-in-use' })
  expect(bus.readers).toBe(0)
  taken.close()
})
