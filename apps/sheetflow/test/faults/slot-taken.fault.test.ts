/**
 * Somebody else reads from the replication slot when Sheetflow wants it (F04). Expected: it says so with its code, once, answers from its views and waits; the other one keeps what it has. When that has
 * gone everything goes on by itself.
 */
import { connect } from '@sheetflow/testkit/postgres/live-postgres'
import { LONG } from '@sheetflow/testkit/runs'
import pg from 'pg'
import { expect, test } from 'vitest'
import { until } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'

/** The other one answers no question of the server's: it shall not be given up for that. */
const PATIENCE = '20min'
const SLOT = `pg_replication_slots where slot_name like 'sheetflow%'`

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  await onRing(bus, { postgres: { wal_sender_timeout: PATIENCE } }, async (ring) => {
    await using server = await connect(ring.postgres.url('postgres'))
    const slot = async (): Promise<{ readonly name: string; readonly database: string; readonly pid: number | null } | undefined> =>
      (
        await server.query<{ name: string; database: string; pid: number | null }>(
          `select slot_name as name, database, active_pid as pid from ${SLOT}`,
        )
      ).rows[0]
    ring.writer.start(10)
    await ring.shows(50)
    await ring.process.kill()
    // What is written from here on nobody has read.
    const { produced } = ring.writer
    // The server has to notice first that its reader is gone.
    await until(
      async () => (await slot())?.pid === null,
      () => 'the slot is in use',
    )
    const { name = '', database = '' } = (await slot()) ?? {}
    await using stack = new AsyncDisposableStack()
    const other = new pg.Client({ connectionString: ring.postgres.url(database), replication: 'database' } as pg.ClientConfig)
    other.on('error', () => undefined)
    // The server does not stop while somebody has not read all of its log.
    stack.defer(async () => await other.end())
    await other.connect()
    const reading = other.query(`START_REPLICATION SLOT "${name}" LOGICAL 0/0 (proto_version '1', publication_names '${name}')`)
    // It ends when its connection does.
    reading.catch(() => undefined)
    await until(
      async () => (await slot())?.pid !== null,
      () => 'nobody else reads',
    )
    const reader = (await slot())?.pid
    const before = ring.output.length
    ring.restart()
    await until(
      () => ring.output.slice(before).includes('source/slot-in-use'),
      () => `nobody says that the slot is in use:\n${ring.output.slice(before)}`,
    )
    await ring.ready()
    expect(await ring.query('{ desk_values { number } }')).not.toBeNull()
    expect((await ring.ask('/readyz')).status).toBe(503)
    expect((await slot())?.pid).toBe(reader)
    expect(ring.seen).toBeLessThanOrEqual(produced)
    const written = ring.writer.acknowledged
    await other.end()
    await ring.shows(written + 50)
    expect(ring.output.slice(before).split('source/slot-in-use').length).toBeLessThan(6)
    await ring.settled()
  })
})
