import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { connect, LivePostgres, majorOf } from '@sheetflow/testkit/postgres/live-postgres'
import { CaptureRig } from '../../testing/capture-rig.ts'

/** What an administrator set for the role or the database. */
describe.each(postgresServers())('settings of the database on $name', (server) => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await LivePostgres.start({}, server)
  })
  afterAll(async () => {
    await postgres.end()
  })

  test('neither end a session of ours, nor forbid it what it needs, nor change the form of a value', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    const timeouts = ['idle_session_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout', 'lock_timeout']
    if ((await majorOf(client)) >= 17) timeouts.push('transaction_timeout')
    await client.query(`create extension hstore; create table t(id int primary key, h hstore, d date, n interval, f float8, m money);
      insert into t values (1, 'a=>1', '2026-11-23', '1 day', 0.1::float8 + 0.2, 1234.5)`)
    const database = new URL(url).pathname.slice(1)
    for (const setting of [
      ...timeouts.map((name) => `${name} = '1s'`),
      `default_transaction_read_only = on`,
      `default_transaction_isolation = serializable`,
      `quote_all_identifiers = on`,
      `datestyle = 'SQL, DMY'`,
      `intervalstyle = sql_standard`,
      `extra_float_digits = -5`,
      `search_path = public`,
    ])
      await client.query(`alter database ${database} set ${setting}`)
    // The read takes longer than any of these allows.
    await using rig = new CaptureRig(url, { faults: { readDelayMs: () => 1_500 } }).start()
    const row = (id: number): string => `[${String(id)},"{\\"a\\":\\"1\\"}","2026-11-23","P1D",0.30000000000000004,"1234.50"]`
    const rows = async (...wanted: readonly string[]): Promise<unknown> =>
      await rig.until((r) => r.loaded.has('public.t') && r.content('public.t').join(' ') === wanted.join(' '), wanted.join(' '))
    await rows(row(1))
    await client.query(`insert into t select 2, h, d, n, f, m from t`)
    await rows(row(1), row(2))
    expect(rig.log.lines.filter((line) => line.event === 'source.chunk' || line.fields['status'] === 'reconnecting')).toEqual([])
  })
})
