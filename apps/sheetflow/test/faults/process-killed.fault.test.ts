/**
 * The process with all roles is killed with -9 again and again while rows are written. Expected: nothing that the source acknowledged is lost, nothing is there twice, and the client, which
 * connects again by itself, sees the chain grow and nothing else.
 */
import { runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { BUSES, onRing } from './on-each-bus.ts'

const KILLS = runs(2, 12)
/** Links that come between two kills. */
const BETWEEN = runs(10, 60)

test.each(BUSES)('over %s', async (bus) => {
  await onRing(bus, {}, async (ring) => {
    ring.writer.start(20)
    const pids = new Set<number>()
    for (let kill = 0; kill < KILLS; kill++) {
      await ring.shows(ring.seen + BETWEEN)
      pids.add(ring.process.pid)
      await ring.kill()
      await ring.ready()
    }
    await ring.shows(ring.seen + BETWEEN)
    expect(pids.size).toBe(KILLS)
    expect(pids.has(ring.process.pid)).toBe(false)
    await ring.settled()
  })
})
