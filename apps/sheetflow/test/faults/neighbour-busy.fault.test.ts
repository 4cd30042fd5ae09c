/**
 * The source's database is idle while another one of the same server writes much (F07). Expected: places in the log are confirmed all the same, so the server can let the log go: the slot moves past
 * everything that the neighbour wrote.
 */
import { connect } from '@sheetflow/testkit/postgres/live-postgres'
import { LONG } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { until } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'

const LOG_BYTES = 32 * 1024 * 1024

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  await onRing(bus, {}, async (ring) => {
    await ring.writer.many(10)
    await ring.shows(10)
    await using neighbour = await connect(ring.postgres.url('postgres'))
    const ask = async (sql: string): Promise<string> =>
      (await neighbour.query<{ answer: string }>(`select (${sql})::text as answer`)).rows[0]?.answer ?? ''
    const before = await ask('pg_current_wal_lsn()')
    await neighbour.query(`create table busy as select i, repeat(md5(i::text), 40) as text from generate_series(1, 30000) i`)
    const after = await ask('pg_current_wal_lsn()')
    expect(Number(await ask(`'${after}'::pg_lsn - '${before}'::pg_lsn`))).toBeGreaterThan(LOG_BYTES)
    const behind = async (): Promise<number> =>
      Number(await ask(`select '${after}'::pg_lsn - confirmed_flush_lsn from pg_replication_slots where slot_name like 'sheetflow%'`))
    await until(
      async () => (await behind()) <= 0,
      async () => `the slot is ${String(await behind())} bytes behind`,
    )
    const kept = async (): Promise<number> =>
      Number(await ask(`select '${after}'::pg_lsn - restart_lsn from pg_replication_slots where slot_name like 'sheetflow%'`))
    // The server itself moves this one when it has written down which transactions run.
    await until(
      async () => {
        await neighbour.query('checkpoint')
        return (await kept()) <= 0
      },
      async () => `${String(await kept())} bytes of the log are kept`,
    )
    await ring.settled()
  })
})
