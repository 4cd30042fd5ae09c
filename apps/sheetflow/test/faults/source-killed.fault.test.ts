/**
 * The source's Postgres is killed with -9 again and again while rows are written (F01). Expected: the source says that it is connecting again, every row whose commit was acknowledged comes
 * through once when the server is back, and nobody has to do anything.
 */
import { LONG, runs } from '@sheetflow/testkit/runs'
import { connect } from '@sheetflow/testkit/postgres/live-postgres'
import { expect, test } from 'vitest'
import type { FaultRing } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'

const KILLS = runs(1, 6)

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  // A server that is killed may lose what it acknowledged if it does not sync; that would be its fault, not ours.
  await onRing(bus, { postgres: { fsync: 'on' } }, async (ring) => {
    ring.writer.start(10)
    const starts = new Set([await startOf(ring)])
    for (let kill = 0; kill < KILLS; kill++) {
      await ring.shows(ring.seen + 30)
      await ring.postgres.crash()
      starts.add(await startOf(ring))
      await ring.shows(ring.writer.acknowledged + 1)
    }
    expect(starts.size).toBe(KILLS + 1)
    await ring.settled()
  })
})

/** When the server was started, by its own word. */
async function startOf(ring: FaultRing): Promise<string> {
  await using client = await connect(ring.postgres.url('postgres'))
  const { rows } = await client.query<{ at: string }>('select pg_postmaster_start_time()::text as at')
  return rows[0]?.at ?? ''
}
