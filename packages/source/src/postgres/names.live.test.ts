import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { CaptureRig } from '../testing/capture-rig.ts'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { settled } from '../testing/settled.ts'

/** Schema changes after which a name or a place means something else than before: those that a reader by names gets wrong. */
describe.each(postgresServers())('names that change hands on $name', (server) => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await LivePostgres.start({}, server)
  })
  afterAll(async () => {
    await postgres.end()
  })

  const TWO = `create table a(id int primary key, v text); create table b(id int primary key, w int);
    insert into a select i, 'a' || i from generate_series(1, 20) i; insert into b select i, -i from generate_series(1, 30) i;`
  const SWAP = `begin; alter table a rename to c; alter table b rename to a; alter table c rename to b; commit;`
  const CHAIN = `begin; alter table a rename to old; alter table b rename to a; commit;`

  test.each([
    [
      'two tables exchange their names',
      SWAP,
      `insert into a values (900, 9); insert into b values (901, 'nine');`,
      ['public.a', 'public.b'],
    ],
    [
      'a new table takes the place of an old one',
      CHAIN,
      `insert into a values (900, 9); insert into old values (901, 'nine');`,
      ['public.a', 'public.old'],
    ],
    [
      'a table takes the name of one that is gone',
      `begin; drop table a; alter table b rename to a; commit;`,
      `insert into a values (900, 9);`,
      ['public.a'],
    ],
    [
      'a table is dropped and made anew',
      `drop table a; create table a(v text, id int primary key, more int);`,
      `insert into a values ('x', 7, 8);`,
      ['public.a', 'public.b'],
    ],
  ])('%s, with and without rows behind it, watched and while away', async (_name, ddl, rows, tables) => {
    for (const how of ['quiet', 'rows', 'away', 'away with rows'] as const) {
      const url = await postgres.database()
      await using client = await connect(url)
      await client.query(TWO)
      await using rig = new CaptureRig(url).start()
      for (const table of ['public.a', 'public.b']) await settled(rig, client, table)
      if (how.startsWith('away')) await rig.stop()
      await client.query(ddl)
      if (how.endsWith('rows')) await client.query(rows)
      if (how.startsWith('away')) rig.start()
      for (const table of tables) await settled(rig, client, table)
      await client.query(how.endsWith('rows') ? `delete from a where id % 3 = 0` : rows)
      for (const table of tables) await settled(rig, client, table)
      await rig.stop()
      rig.start()
      await client.query(`delete from a where id % 2 = 0`)
      let replica
      for (const table of tables) replica = await settled(rig, client, table)
      expect({ how, flaws: replica?.flaws }).toEqual({ how, flaws: [] })
    }
  })

  test('a column is dropped and made again under its name and type', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(id int primary key, c int); insert into t select i, i from generate_series(1, 20) i`)
    await using rig = new CaptureRig(url, { heartbeatMs: 500 }).start()
    await settled(rig, client, 'public.t')
    await client.query(`alter table t drop c; alter table t add c int; insert into t values (100, 5); update t set c = 6 where id = 1`)
    await settled(rig, client, 'public.t')
    await client.query(`insert into t values (101, 7)`)
    expect((await settled(rig, client, 'public.t')).flaws).toEqual([])
  })

  test('another primary key', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(
      `create table t(id int primary key, code int not null, v int); insert into t select i, 1000 + i, i from generate_series(1, 20) i`,
    )
    await using rig = new CaptureRig(url, { heartbeatMs: 500 }).start()
    await settled(rig, client, 'public.t')
    await client.query(`alter table t drop constraint t_pkey, add primary key (code); update t set code = code + 1 where id = 20;
      delete from t where code = 1003; update t set v = 0 where id = 5; insert into t values (77, 5000, 1)`)
    await settled(rig, client, 'public.t')
    await client.query(`update t set id = 3 where code = 1004; delete from t where code = 1005`)
    const replica = await settled(rig, client, 'public.t')
    expect(replica.flaws).toEqual([])
  })

  test('an enum value gets another name, a composite type other fields', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create type mood as enum ('sad', 'ok'); create type pair as (a int, b int);
      create table t(id int primary key, m mood, p pair, l mood[]); insert into t select i, 'sad'::mood, row(i, -i)::pair, '{sad}'::mood[] from generate_series(1, 20) i`)
    await using rig = new CaptureRig(url).start()
    const row = async (id: number, want: string): Promise<unknown> =>
      await rig.until((r) => JSON.stringify(r.table('public.t').get(`[${String(id)}]`)?.row) === want, want)
    await row(1, `[1,"sad","{\\"a\\":1,\\"b\\":-1}",["sad"]]`)
    await client.query(`alter type mood add value 'glad'`)
    await client.query(`insert into t values (50, 'glad', null, null)`)
    await row(50, `[50,"glad",null,null]`)
    await client.query(`alter type mood rename value 'sad' to 'blue'`)
    await row(1, `[1,"blue","{\\"a\\":1,\\"b\\":-1}",["blue"]]`)
    await client.query(
      `alter type pair drop attribute a; alter type pair add attribute c int; insert into t values (51, null, row(8, 9)::pair, null)`,
    )
    await row(1, `[1,"blue","{\\"b\\":-1,\\"c\\":null}",["blue"]]`)
    await row(51, `[51,null,"{\\"b\\":8,\\"c\\":9}",null]`)
    await rig.stop()
    await client.query(`alter type mood rename value 'blue' to 'sad'`)
    rig.start()
    await row(1, `[1,"sad","{\\"b\\":-1,\\"c\\":null}",["sad"]]`)
    expect(rig.replica().flaws).toEqual([])
  })
})
