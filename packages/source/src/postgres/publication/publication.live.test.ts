import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { CaptureRig } from '../../testing/capture-rig.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect, LivePostgres, majorOf } from '@sheetflow/testkit/postgres/live-postgres'
import { countOf, settled } from '../../testing/settled.ts'

/** Somebody else changes the publication: what was written meanwhile is not in the log, or the log cannot be read any more. */
describe.each(postgresServers())('a publication in strange hands on $name', (server) => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await LivePostgres.start({}, server)
  })
  afterAll(async () => {
    await postgres.end()
  })

  async function scene(client: TestClient, rig: CaptureRig): Promise<void> {
    await client.query(`create table t(id int primary key, v int); create table u(id int primary key);
      insert into t select i, i from generate_series(1, 20) i; insert into u values (1)`)
    rig.start()
    await settled(rig, client, 'public.t')
    await settled(rig, client, 'public.u')
  }

  test('a table that was taken out is put back and read again, watched and while away', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await using rig = new CaptureRig(url)
    await scene(client, rig)
    await client.query(`alter publication sheetflow_shop drop table t`)
    await client.query(`update t set v = 0 where id < 10; delete from t where id = 20`)
    await settled(rig, client, 'public.t')
    expect(countOf(rig, 'start')).toBe(2)
    await client.query(`alter publication sheetflow_shop drop table t`)
    await client.query(`update t set v = -1 where id < 10; alter publication sheetflow_shop add table t; update t set v = 5 where id = 3`)
    await settled(rig, client, 'public.t')
    await rig.stop()
    await client.query(`alter publication sheetflow_shop drop table t`)
    await client.query(`update t set v = 7`)
    rig.start()
    await settled(rig, client, 'public.t')
    await rig.stop()
    await client.query(`alter publication sheetflow_shop drop table t; update t set v = 8 where id < 5`)
    await client.query(`alter publication sheetflow_shop add table t; update t set v = 9 where id > 15`)
    rig.start()
    await settled(rig, client, 'public.t')
    await client.query(`insert into t values (100, 1); insert into u values (2)`)
    await settled(rig, client, 'public.u')
    expect((await settled(rig, client, 'public.t')).flaws).toEqual([])
    expect(countOf(rig, 'epoch')).toBe(0)
  })

  test('a publication that was dropped, or left operations out, comes back and everything missed with it', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await using rig = new CaptureRig(url)
    await scene(client, rig)
    await client.query(`alter publication sheetflow_shop set (publish = 'insert')`)
    await client.query(`update t set v = 0 where id < 10; delete from t where id = 20`)
    await settled(rig, client, 'public.t')
    await client.query(`drop publication sheetflow_shop`)
    await client.query(`update t set v = 3; insert into u values (3)`)
    await settled(rig, client, 'public.t')
    await settled(rig, client, 'public.u')
    await client.query(`insert into t values (100, 1)`)
    expect((await settled(rig, client, 'public.t')).flaws).toEqual([])
  })

  test('one that leaves rows or columns out is refused with the SQL that widens it', async ({ skip }) => {
    const url = await postgres.database()
    await using client = await connect(url)
    if ((await majorOf(client)) < 15) skip('row filters and column lists came with Postgres 15')
    await client.query(`create table t(id int primary key, v int); create publication sheetflow_shop for table t where (id > 5)`)
    const narrow = new CaptureRig(url).start()
    expect(await narrow.outcome()).toMatchObject({ code: 'source/not-ready', message: expect.stringContaining('public.t') as string })
    await client.query(`drop publication sheetflow_shop; create publication sheetflow_shop for table t (id)`)
    const refused = (await new CaptureRig(url).start().outcome()) as { fix: string; code: string }
    expect(refused.code).toBe('source/not-ready')
    await client.query(/ALTER PUBLICATION[^;]*; ALTER[^;]*;/.exec(refused.fix)?.[0] ?? '')
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.t')
  })

  test('generated columns that it began to publish are not taken for columns of the table', async ({ skip }) => {
    const url = await postgres.database()
    await using client = await connect(url)
    if ((await majorOf(client)) < 18) skip('generated columns are published since Postgres 18')
    await client.query(`create table t(id int primary key, g int generated always as (id * 2) stored, v int); insert into t(id, v) values (1, 1);
      create publication sheetflow_shop for table t with (publish_generated_columns = stored)`)
    await using rig = new CaptureRig(url).start()
    const rows = async (...wanted: readonly string[]): Promise<unknown> =>
      await rig.until((r) => r.loaded.has('public.t') && r.content('public.t').join(' ') === wanted.join(' '), wanted.join(' '))
    await rows('[1,1]')
    await client.query(`alter publication sheetflow_shop set (publish_generated_columns = stored); insert into t(id, v) values (2, 2)`)
    await expect
      .poll(async () => (await client.query(`select from pg_publication where pubgencols = 'n'`)).rowCount, { timeout: 60_000 })
      .toBe(1)
    await client.query(`insert into t(id, v) values (3, 3)`)
    await rows('[1,1]', '[2,2]', '[3,3]')
  })

  test('a schema that was taken out is noticed', async ({ skip }) => {
    const url = await postgres.database()
    await using client = await connect(url)
    if ((await majorOf(client)) < 15) skip('schemas are published since Postgres 15')
    await client.query(`create publication sheetflow_shop for tables in schema public with (publish_via_partition_root = true)`)
    await using rig = new CaptureRig(url)
    await scene(client, rig)
    await client.query(`alter publication sheetflow_shop drop tables in schema public`)
    await client.query(`update t set v = 0 where id < 10`)
    await settled(rig, client, 'public.t')
    await client.query(`insert into t values (100, 1)`)
    expect((await settled(rig, client, 'public.t')).flaws).toEqual([])
  })

  test('one that was made without publish_via_partition_root is mended at the first start', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table p(id int, k int, primary key (id, k)) partition by range (k);
      create table p1 partition of p for values from (0) to (100); insert into p values (1, 1); create publication sheetflow_shop for table p`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.p')
    await client.query(`insert into p values (2, 2)`)
    expect((await settled(rig, client, 'public.p')).flaws).toEqual([])
  })

  test('a new table that the user may not publish is left out with the SQL for its owner, and the others go on', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create role reader login replication password 'reader'; alter default privileges in schema public grant select on tables to reader;
      create table t(id int primary key, v int); insert into t values (1, 1); create publication sheetflow_shop for table t with (publish_via_partition_root = true)`)
    const theirs = new URL(url)
    Object.assign(theirs, { username: 'reader', password: 'reader' })
    await using rig = new CaptureRig(theirs.href).start()
    await settled(rig, client, 'public.t')
    const refused = (): unknown => rig.log.lines.findLast((line) => line.event === 'source.refused')?.fields
    await client.query(`create table n(id int primary key); insert into n values (1)`)
    await expect.poll(refused, { timeout: 60_000 }).toMatchObject({
      table: 'public.n',
      fix: 'Run as its owner: ALTER PUBLICATION "sheetflow_shop" ADD TABLE ONLY "public"."n";',
    })
    await client.query(`insert into t values (2, 2)`)
    await settled(rig, client, 'public.t')
    await client.query(`alter publication sheetflow_shop add table n`)
    await settled(rig, client, 'public.n')
    await rig.stop()
    await client.query(`create table m(id int primary key); insert into m values (1)`)
    rig.start()
    await client.query(`insert into t values (3, 3); insert into n values (2)`)
    await settled(rig, client, 'public.t')
    await settled(rig, client, 'public.n')
    expect(refused()).toMatchObject({ table: 'public.m' })
    await client.query(`alter publication sheetflow_shop add table m`)
    await settled(rig, client, 'public.m')
  })
})
