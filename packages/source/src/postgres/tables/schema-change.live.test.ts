import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { CaptureRig } from '../../testing/capture-rig.ts'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { countOf, kinds, settled, transactions } from '../../testing/settled.ts'

describe.each(postgresServers())('schema changes on $name', (server) => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await LivePostgres.start({}, server)
  })
  afterAll(async () => {
    await postgres.end()
  })

  test('schema changes stand in the order in which they happened', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(id int primary key, a text, b int); insert into t select i, 'x', i from generate_series(1, 10) i`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.t')
    await client.query(
      `begin; insert into t values (11, 'before', 0); alter table t add c text; insert into t values (12, 'after', 0, 'c'); commit`,
    )
    await settled(rig, client, 'public.t')
    const mixed = transactions(rig).find((transaction) => transaction.pieces.filter((piece) => piece.kind === 'rows').length === 2)
    expect(kinds(mixed)).toEqual(['rows', 'schema', 'rows'])
    await client.query(`alter table t rename a to name; insert into t values (13, 'renamed', 0, null)`)
    await settled(rig, client, 'public.t')
    await client.query(`alter table t drop b; update t set name = 'dropped' where id = 1`)
    await settled(rig, client, 'public.t')
    const schemas = transactions(rig).flatMap((transaction) =>
      transaction.pieces.flatMap((piece) => (piece.kind === 'schema' ? [piece.message] : [])),
    )
    expect(schemas.map((schema) => schema.columns.map((column) => `${column.name}:${String(column.id)}`).join(' '))).toEqual([
      'id:1 a:2 b:3',
      'id:1 a:2 b:3 c:4',
      'id:1 name:2 b:3 c:4',
      'id:1 name:2 c:4',
    ])
    expect(schemas.map((schema) => schema.schema)).toEqual([1, 2, 3, 4])
    // None of these changed a value that was there: nothing was read again.
    expect(
      transactions(rig)
        .flatMap(kinds)
        .filter((kind) => kind === 'start'),
    ).toHaveLength(1)
  })

  test.each([
    ['a column with a default', `alter table t add c int default 7`],
    ['a column with a volatile default', `alter table t add c text default md5(random()::text)`],
    ['another type', `alter table t alter b type text using 'n' || b`],
    ['a rewrite that changes values of the same type', `alter table t alter b type int using b * 2`],
  ])('%s streams no rows: the table is read again by itself', async (_name, ddl) => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(id int primary key, a text, b int); insert into t select i, 'x', i from generate_series(1, 50) i`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.t')
    await client.query(ddl)
    await settled(rig, client, 'public.t')
    const loaded = transactions(rig)
      .flatMap(kinds)
      .filter((kind) => kind === 'loaded')
    expect(loaded.length).toBeGreaterThanOrEqual(1)
    await rig.until(
      () =>
        transactions(rig)
          .flatMap(kinds)
          .filter((kind) => kind === 'loaded').length === 2,
      'a second run',
    )
  })

  test('a generated column that becomes an ordinary one has its values already', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(
      `create table t(id int primary key, a int, g int generated always as (a * 2) stored); insert into t select i, i from generate_series(1, 20) i`,
    )
    await using rig = new CaptureRig(url).start()
    await rig.until((replica) => replica.loaded.has('public.t'), 'loaded')
    await client.query(`alter table t alter g drop expression; insert into t values (100, 1, 7)`)
    await settled(rig, client, 'public.t')
    const read = countOf(rig, 'start')
    await client.query(`alter table t add h int; alter table t drop h; insert into t values (101, 1, 7)`)
    await settled(rig, client, 'public.t')
    expect(countOf(rig, 'start')).toBe(read)
  })

  test('a primary key that moves to other columns is noticed where the log holds whole old rows', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(a int not null, b int not null, c text, primary key (a)); alter table t replica identity full;
      insert into t select i, i, 'x' from generate_series(1, 20) i`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.t')
    await client.query(
      `begin; alter table t drop constraint t_pkey; alter table t add primary key (b); commit; insert into t values (7, 100, 'second 7')`,
    )
    expect((await settled(rig, client, 'public.t')).table('public.t').size).toBe(21)
  })

  test('a table that was truncated is not read again by the next life', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table t(id int primary key); insert into t values (1)`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.t')
    const told = countOf(rig, 'gate')
    await client.query(`truncate t; insert into t values (2)`)
    await settled(rig, client, 'public.t')
    await expect.poll(() => countOf(rig, 'gate'), { timeout: 60_000 }).toBe(told + 1)
    await rig.stop()
    rig.start()
    await client.query(`insert into t values (3)`)
    await settled(rig, client, 'public.t')
    expect(countOf(rig, 'start')).toBe(1)
  })

  test('TRUNCATE empties and starts no run; DROP and RENAME are told; a new table is captured', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(
      `create table t(id int primary key); create table u(id int primary key); insert into t values (1); insert into u values (1)`,
    )
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.u')
    await client.query(`truncate t; insert into t values (2)`)
    await settled(rig, client, 'public.t')
    await client.query(
      `drop table t; alter table u rename to v; insert into v values (5); create table w(id int primary key); insert into w select generate_series(1, 100)`,
    )
    const replica = await settled(rig, client, 'public.w')
    await settled(rig, client, 'public.v')
    await client.query(`insert into w values (101); delete from w where id < 50`)
    await settled(rig, client, 'public.w')
    const all = transactions(rig).flatMap(kinds)
    expect(all.filter((kind) => kind === 'drop')).toHaveLength(1)
    expect(all.filter((kind) => kind === 'rename')).toHaveLength(1)
    expect(all.filter((kind) => kind === 'start')).toHaveLength(2)
    expect(replica.flaws).toEqual([])
  })

  test('partitions come under the name of their root; attached and detached rows are noticed', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table p(id int, k int, v text, primary key (id, k)) partition by range (k);
      create table p1 partition of p for values from (0) to (100); create table p2 partition of p for values from (100) to (200);
      insert into p select i, i, 'x' from generate_series(1, 150) i`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.p')
    await client.query(`update p set k = k + 100 where id < 10; insert into p2 values (500, 150, 'leaf'); delete from p where id = 20`)
    await settled(rig, client, 'public.p')
    await client.query(`create table p3 partition of p for values from (200) to (300)`)
    const { commits } = rig.replica()
    await rig.until((replica) => replica.commits > commits + 5, 'some heartbeats')
    await client.query(`insert into p values (900, 250, 'new leaf')`)
    await settled(rig, client, 'public.p')
    // An empty partition has nothing that has to be read.
    expect(
      transactions(rig)
        .flatMap(kinds)
        .filter((kind) => kind === 'start'),
    ).toHaveLength(1)
    await client.query(`create table p4(id int not null, k int not null, v text, primary key (id, k)); insert into p4 values (1000, 350, 'brought along');
      alter table p attach partition p4 for values from (300) to (400)`)
    await settled(rig, client, 'public.p')
    await client.query(`alter table p detach partition p1`)
    const replica = await settled(rig, client, 'public.p')
    expect([...replica.tables.keys()].filter((name) => replica.table(name).size > 0).toSorted()).toEqual(
      ['public.p', 'public.p1', 'public.p4'].filter((name) => name !== 'public.p4'),
    )
  })
})
