import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CaptureRig } from '../../testing/capture-rig.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import type { Replica } from '../../testing/replica.ts'
import type { SnapshotRule } from '@sheetflow/core/breakage'

/** The traps of `docs/snapshot.md` as directed scenes: each is right with the rule that was made for it, and goes wrong without. */

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start({ synchronous_standby_names: 'ghost' })
})
afterAll(async () => {
  await postgres.end()
})

const without = (rule: SnapshotRule | null): { readonly off?: ReadonlySet<SnapshotRule> } => (rule === null ? {} : { off: new Set([rule]) })

/** Commits and waits for a standby that does not exist: in the log, delivered, but not visible until `release`. */
async function ghost(url: string, sql: string): Promise<() => Promise<void>> {
  const client = await connect(url)
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const done = client.query(`set synchronous_commit = on; begin; ${sql}; commit`).catch(() => {})
  return async () => {
    await using releaser = await connect(url)
    await releaser.query('select pg_cancel_backend($1)', [rows[0]?.pid])
    await done
    await client.end()
  }
}

/** Waits until a snapshot has looked for transactions that it must outwait, and has looked again: it does so only while there is one. */
async function untilGateHolds(client: TestClient): Promise<void> {
  const looks = new Set<string>()
  while (looks.size < 3) {
    const { rows } = await client.query<{ at: string }>(
      `select pid || ' ' || query_start as at from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and query like 'SELECT pg_current_snapshot()%'`,
    )
    for (const { at } of rows) looks.add(at)
    await pause(5)
  }
}

async function count(client: TestClient, sql: string): Promise<number> {
  return Number((await client.query<{ n: string }>(sql)).rows[0]?.n)
}

describe('T8: a rewrite between the snapshot and the rows', () => {
  async function scene(rule: SnapshotRule | null): Promise<number> {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(id int primary key, v int); insert into t select i, i from generate_series(1, 50) i`)
    await using rig = new CaptureRig(url, { faults: { ...without(rule), readDelayMs: () => 600 }, heartbeatMs: 60_000 }).start()
    for (;;) {
      const sleeping = await count(
        client,
        `select count(*) as n from pg_stat_activity where query like 'BEGIN%COPY%' and wait_event = 'PgSleep' and datname = current_database()`,
      )
      if (sleeping > 0) break
      await pause(5)
    }
    await client.query(`alter table t alter v type int using v + 0`)
    const replica = await rig.until((r) => r.loaded.has('public.t'), 'loaded')
    return replica.table('public.t').size
  }
  test('waits for the rows', async () => expect(await scene(null)).toBe(50))
  test('without the lock the table looks empty', async () => expect(await scene('lock')).toBe(0))
})

describe('T9: a table is added while a transaction that wrote it is open', () => {
  async function scene(): Promise<number> {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(id int primary key)`)
    await using rig = new CaptureRig(url).start()
    await rig.until((r) => r.loaded.has('public.t'), 'loaded')
    await using writer = await connect(url)
    await client.query(`create table w(id int primary key)`)
    await writer.query(`begin; insert into w values (1)`)
    await rig.until(
      (r) => r.tables.has('public.w') || rig.bus.messages(rig.stream).some((m) => m.subject.endsWith('_schema.public.w')),
      'seen',
    )
    await client.query('insert into w values (2)')
    await untilGateHolds(client)
    expect(rig.replica().loaded.has('public.w')).toBe(false)
    await writer.query('commit')
    await client.query('insert into w values (3)')
    const replica = await rig.until((r) => r.loaded.has('public.w') && r.table('public.w').has('[3]'), 'the end')
    return replica.table('public.w').size
  }
  test('the snapshot waits until it has ended', async () => expect(await scene()).toBe(3))
})

describe('T4: delivered, but not yet visible when the table is read again', () => {
  async function scene(rule: SnapshotRule | null): Promise<string> {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(id int primary key, v text); insert into t values (1, 'old')`)
    await using rig = new CaptureRig(url, { faults: without(rule) }).start()
    await rig.until((r) => r.loaded.has('public.t'), 'loaded')
    const release = await ghost(url, `update t set v = 'new'`)
    await rig.until((r) => r.table('public.t').get('[1]')?.row[1] === 'new', 'delivered')
    rig.source?.snapshot({ kind: 'tables', tables: ['public.t'] })
    const loadedTwice = (): boolean =>
      rig.bus.messages(rig.stream).filter((m) => Buffer.from(m.body).toString().includes('"kind":"loaded"')).length === 2
    if (rule === null) await untilGateHolds(client)
    else await rig.until(loadedTwice, 'read again')
    await release()
    const replica = await rig.until(loadedTwice, 'read again')
    return JSON.stringify(replica.table('public.t').get('[1]')?.row[1])
  }
  test('stays new', async () => expect(await scene(null)).toBe('"new"'))
  test('without the gate it is old again', async () => expect(await scene('gate')).toBe('"old"'))
})

test('a column gets another type between two chunks, and nobody writes', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(id int primary key, v int); insert into t select i, i from generate_series(1, 60) i`)
  await using rig = new CaptureRig(url, { chunkRows: 5, heartbeatMs: 1_500, faults: { readDelayMs: () => 20 } }).start()
  await rig.until((r) => r.table('public.t').size >= 10, 'some chunks')
  await client.query(`alter table t alter v type text using 'n' || v`)
  const replica = await rig.until((r) => r.loaded.has('public.t') && r.table('public.t').get('[60]')?.row[1] === 'n60', 'loaded')
  expect(replica.content('public.t')).toHaveLength(60)
})

describe('keys of any type and collation, in chunks of three', () => {
  const KEYS: readonly (readonly [type: string, values: string])[] = [
    ['text collate "und-x-icu"', `select unnest(array['a','A','ä','b','B','Z','z','ß','_','-','1','é','','~','''q','back\\slash'])`],
    ['text collate nocase', `select unnest(array['a','B','c','D','e','F','g','H','é','ß'])`],
    ['positive', `select generate_series(1, 9)`],
    ['inet', `select unnest(array['10.0.0.1','10.0.0.0/8','::1','192.168.0.1']::inet[])`],
    ['bit(4)', `select i::bit(4) from generate_series(0, 15) i`],
    ['int4range', `select int4range(i, i + 2) from generate_series(1, 9) i`],
    ['bool', `select unnest(array[true, false])`],
    ['money', `select (i * 1234.5)::money from generate_series(-3, 5) i`],
    ['"char"', `select unnest(array['a','Z','1']::"char"[])`],
    ['citext', `select unnest(array['a','B','c','D','e','F','g','H'])`],
    ['uuid', `select gen_random_uuid() from generate_series(1, 20)`],
    ['numeric', `select unnest(array[1.0, 1.5, -3, 1e20, 0.001, 7])`],
    ['timestamptz', `select now() + i * interval '1.000001 s' from generate_series(1, 12) i`],
    ['interval', `select i * interval '1 month 1 day 0.5 s' from generate_series(-5, 5) i`],
    ['mood', `select unnest(array['sad','ok','happy','so so']::mood[])`],
    ['bytea', `select decode(md5(i::text), 'hex') from generate_series(1, 12) i`],
    ['float8', `select unnest(array[-1.5, 0, 1e-300, 1e300, 3.141592653589793, 7])`],
    ['char(4)', `select unnest(array['a','ab','b','ba','c'])`],
    ['date', `select '2026-01-01'::date + i from generate_series(1, 12) i`],
    ['int[]', `select array[i % 3, i] from generate_series(1, 12) i`],
  ]
  test.each(KEYS)('%s', async (type, values) => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create extension citext; create type mood as enum ('sad', 'ok', 'happy', 'so so'); create domain positive as int check (value > 0);
      create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create table t(k ${type}, n int, primary key (k, n));
      insert into t select k, n from (${values}) v(k), generate_series(1, 4) n`)
    await using rig = new CaptureRig(url, { chunkRows: 3 }).start()
    const replica = await rig.until((r) => r.loaded.has('public.t'), 'loaded')
    expect(replica.table('public.t').size).toBe(await count(client, 'select count(*) as n from t'))
    await client.query('update t set n = n + 100 where n = 2; delete from t where n = 3')
    const rows = await count(client, 'select count(*) as n from t')
    const moved = (r: Replica): boolean => [...r.table('public.t').values()].some(({ row }) => row[1] === 102)
    await rig.until((r) => r.table('public.t').size === rows && moved(r), 'changed keys')
  })
})
