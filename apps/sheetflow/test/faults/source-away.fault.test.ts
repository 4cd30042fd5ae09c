/**
 * The source is away for a while (F02). Expected: the process stays up, `/healthz` answers 200 and `/readyz` 503 with the source's role in it, what is told of it are its changes of state and not
 * its tries, memory does not grow, the views stay readable; when the source is back everything goes on by itself.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { LONG, runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { until } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'

/** Long enough for many tries: pauses between them grow to ten seconds. */
const AWAY_MS = runs(5_000, 60_000)

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  await onRing(bus, {}, async (ring) => {
    await ring.writer.many(1_000)
    await ring.shows(1_000)
    const pid = ring.process.pid
    await ring.postgres.stop()
    await until(
      async () => (await ring.ask('/readyz')).status === 503,
      () => 'not ready',
    )
    const said = ring.output.length
    const before = ring.memory()
    await pause(AWAY_MS)
    const [health, ready] = [await ring.ask('/healthz'), await ring.ask('/readyz')]
    expect([health.status, ready.status]).toEqual([200, 503])
    expect(ready.text).toContain('capture:shop')
    expect(ready.text).toContain('reconnecting')
    // While it is away nothing more is told of it, however often it is tried.
    expect(
      ring.output
        .slice(said)
        .split('\n')
        .filter((line) => line.includes('source')).length,
    ).toBeLessThan(3)
    expect(ring.memory()).toBeLessThan(before * 1.3)
    expect(ring.seen).toBe(1_000)
    await ring.postgres.restart()
    await ring.writer.many(20_000)
    await ring.shows(21_000)
    expect(ring.process.pid).toBe(pid)
    await until(
      async () => (await ring.ask('/readyz')).status === 200,
      () => 'ready again',
    )
    await ring.settled()
  })
})
