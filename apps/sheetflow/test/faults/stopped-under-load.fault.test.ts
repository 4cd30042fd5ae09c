/**
 * The process is asked to end (SIGTERM) while rows are written (F31). Expected: it finishes what it has begun and ends with 0; the next life goes on without a duplicate that anybody sees. A second
 * signal ends it at once.
 */
import { constants } from 'node:os'
import { LONG, runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { BUSES, onRing } from './on-each-bus.ts'

const STOPS = runs(1, 5)
/** Longer than anybody waits: only a second signal ends it before. */
const DRAIN_SECONDS = 600

test.runIf(LONG).each(BUSES)('one signal, over %s', async (bus) => {
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

test.runIf(LONG).each(BUSES)('a second signal, over %s', async (bus) => {
  await onRing(bus, { serve: { drainSeconds: DRAIN_SECONDS } }, async (ring) => {
    ring.writer.start(5)
    await ring.shows(50)
    // The first one is heard again and again, as by whoever is impatient: those that come right behind it are taken for the same wish.
    const impatience = setInterval(() => ring.process.signal('SIGTERM'), 200)
    try {
      expect(await ring.process.ended).toBe(128 + constants.signals.SIGTERM)
    } finally {
      clearInterval(impatience)
    }
    ring.restart()
    await ring.ready()
    await ring.shows(ring.seen + 50)
    await ring.settled()
  })
})
