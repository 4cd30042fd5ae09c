/**
 * The replication slot loses its log while Sheetflow is away, and is dropped the next time (F03). Expected: it is never gone on as if nothing had been: the source's stream gets a new epoch and the
 * tables are read anew, by themselves; rows that came in between are there, who follows sees none go or come twice.
 */
import { connect, type TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { LONG } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { until, type FaultRing } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'

const SMALL_LOG = { max_slot_wal_keep_size: '64MB', wal_keep_size: '0', min_wal_size: '32MB', max_wal_size: '64MB' }
const SLOT = `pg_replication_slots where slot_name like 'sheetflow%'`

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  await onRing(bus, { postgres: SMALL_LOG }, async (ring) => {
    await using server = await connect(ring.postgres.url('postgres'))
    ring.writer.start(10)
    for (const lose of [loseLog, drop]) {
      await ring.shows(ring.seen + 50)
      await ring.process.kill()
      const written = ring.writer.acknowledged
      await until(
        () => ring.writer.acknowledged > written + 20,
        () => 'nobody writes',
      )
      await lose(server)
      ring.restart()
      await ring.ready()
      await ring.shows(ring.writer.acknowledged + 20)
    }
    expect(epochsOf(ring)).toEqual(['source/slot-lost', 'source/slot-lost'])
    await ring.settled()
  })
})

/** The server writes so much log that it lets go what the slot has not confirmed. */
async function loseLog(server: TestClient): Promise<void> {
  const status = async (): Promise<string | undefined> =>
    (await server.query<{ status: string }>(`select wal_status as status from ${SLOT}`)).rows[0]?.status
  await until(
    async () => {
      await server.query('create table filler as select repeat(md5(i::text), 50) as t from generate_series(1, 10000) i')
      await server.query('drop table filler')
      await server.query('select pg_switch_wal()')
      await server.query('checkpoint')
      return (await status()) === 'lost'
    },
    () => 'the slot keeps its log',
  )
}

async function drop(server: TestClient): Promise<void> {
  // The server has to notice first that its reader is gone.
  await until(
    async () => (await server.query(`select from ${SLOT} and active`)).rowCount === 0,
    () => 'the slot is in use',
  )
  await server.query(`select pg_drop_replication_slot(slot_name) from ${SLOT}`)
}

/** Why the source's stream got new epochs, by what all lives have said. */
function epochsOf(ring: FaultRing): readonly unknown[] {
  return ring.output
    .split('\n')
    .filter((line) => line.includes('"source.epoch"'))
    .map((line) => (JSON.parse(line) as { code?: unknown }).code)
}
