/**
 * A second `sheetflow start` comes to the address, or to the data folder, of one that runs (F32). Expected: it ends with 4 and a code, says what to do, and the first one does not notice.
 */
import { expect, test } from 'vitest'
import { BUSES, onRing } from './on-each-bus.ts'
import { LONG } from '@sheetflow/testkit/runs'

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  await onRing(bus, {}, async (ring) => {
    ring.writer.start(10)
    for (const [into, code] of [
      ['address', 'app/port-in-use'],
      ['data', 'app/locked'],
    ] as const) {
      const second = await ring.intruder(into)
      expect(second.output).toContain(code)
      expect(second.code).toBe(4)
      await ring.shows(ring.seen + 20)
    }
    await ring.settled()
  })
})
