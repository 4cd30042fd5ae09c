import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { CaptureRig } from '../testing/capture-rig.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect, LivePostgres, majorOf } from '@sheetflow/testkit/postgres/live-postgres'
import { countOf, settled } from '../testing/settled.ts'

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
})
