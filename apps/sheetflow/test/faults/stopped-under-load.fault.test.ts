/**
 * The process is asked to end (SIGTERM) while rows are written (F31). Expected: it finishes what it has begun and ends with 0; the next life goes on without a duplicate that anybody sees. A second
 * signal ends it at once.
 */
import { runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { BUSES, LONG, onRing } from './on-each-bus.ts'

const STOPS = runs(1, 5)

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  await onRing(bus, {}, async (ring) => {
    ring.writer.start(5)
    for (let stop = 0; stop < STOPS; stop++) {
      await ring.shows(ring.seen + 50)
      ring.process.signal('SIGTERM')
      expect(await ring.process.ended).toBe(0)
      ring.restart()
      await ring.ready()
    }
    await ring.shows(ring.seen + 50)
    await ring.settled()
  })
})
