/**
 * The disk of the bus is full (F09, F10). Expected: the reading of the source stops and says why, nothing is lost or half-written, the views stay readable; when there is room it goes on by itself,
 * also where the server of the bus has to be started anew because a full disk has made it hang or end.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { smallDisk } from '@sheetflow/testkit/small-disk'
import { LONG } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { until } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'

const MIB = 1024 * 1024

test.runIf(LONG).for(BUSES)('over %s', async (bus, context) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fault-disk-'))
  // A NATS server gives three quarters of its disk away, and the small streams that every installation has reserve 150 MB of that.
  const unmount = smallDisk(dir, '512m')
  try {
    if (unmount === null) return context.skip('no file system of its own may be made here')
    // A stream may not be allowed more than the server has.
    await onRing(bus, { busDir: dir, limits: { streamBytes: '64 MB' } }, async (ring, nats) => {
      ring.writer.start(10)
      await ring.shows(50)
      const ballast = path.join(dir, 'ballast')
      const free = (): number => statfsSync(dir).bavail * statfsSync(dir).bsize
      fill(ballast)
      expect(free()).toBeLessThan(MIB)
      await until(
        async () => (await ring.ask('/readyz')).status === 503,
        () => 'the disk is full and nobody says so',
      )
      const stood = ring.seen
      expect((await ring.ask('/healthz')).status).toBe(200)
      rmSync(ballast)
      if (nats !== null) {
        // A server that met a full disk turns JetStream off, or hangs: it is started anew, as whoever watches it would do.
        await nats.kill9()
        await nats.start()
      }
      await ring.shows(stood + 50)
      await ring.settled()
    })
  } finally {
    unmount?.()
    rmSync(dir, { recursive: true, force: true })
  }
})

/** Writes until there is no room. */
function fill(file: string): void {
  const handle = openSync(file, 'w')
  try {
    for (const piece = new Uint8Array(MIB); writeSync(handle, piece) === piece.length;);
  } catch {
    // No room is left.
  } finally {
    closeSync(handle)
  }
}
