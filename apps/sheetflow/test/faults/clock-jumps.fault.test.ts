/**
 * The clock of Sheetflow's process jumps a day forward, two days back and to the right time while rows are written (F19). Expected: order and completeness follow the places in the log, never the
 * clock: nothing is lost, twice or out of order, and who follows sees no gap.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fakeTime } from '@sheetflow/testkit/fake-time'
import { LONG, runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { BUSES, onRing } from './on-each-bus.ts'

const DAY_MS = 86_400_000
const JUMPS = ['+1d', '-1d', '+0', '-25h', '+23h']
const BETWEEN = runs(20, 200)

test.runIf(LONG).for(BUSES)('over %s', async (bus, context) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fault-clock-'))
  try {
    const clock = await fakeTime(path.join(folder, 'offset'))
    if (clock === null) return context.skip('no libfaketime is to be had here (apt-get download libfaketime)')
    await onRing(bus, { env: clock.env }, async (ring) => {
      ring.writer.start(10)
      const apart = new Set<number>()
      for (const jump of JUMPS) {
        clock.set(jump)
        await ring.shows(ring.seen + BETWEEN)
        apart.add(Math.round(((await ring.clock()) - Date.now()) / DAY_MS) + 0)
      }
      // The jumps happened: by its own word it was tomorrow, yesterday and today.
      expect([...apart].toSorted((a, b) => a - b)).toEqual([-1, 0, 1])
      await ring.settled()
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
