/**
 * The NATS server of the bus is killed with -9 again and again while rows are written (F08). Expected: every role waits for it and goes on; nothing that the source acknowledged is lost, stored
 * twice or out of order.
 */
import { LONG, runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { BUSES, onRing } from './on-each-bus.ts'

const KILLS = runs(1, 10)

test.runIf(LONG && BUSES.includes('nats'))('over NATS', async () => {
  await onRing('nats', {}, async (ring, nats) => {
    ring.writer.start(10)
    const pids = new Set([nats?.pid()])
    for (let kill = 0; kill < KILLS; kill++) {
      await ring.shows(ring.seen + 50)
      await nats?.kill9()
      const written = ring.writer.acknowledged
      // Rows are committed at the source while there is no bus.
      while (ring.writer.acknowledged < written + 10) await new Promise((resolve) => setTimeout(resolve, 10))
      await nats?.start()
      pids.add(nats?.pid())
      await ring.shows(written + 10)
    }
    expect(pids.size).toBe(KILLS + 1)
    await ring.settled()
  })
})
