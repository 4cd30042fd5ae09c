import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { CaptureRig } from '../../testing/capture-rig.ts'
import { countOf, settled } from '../../testing/settled.ts'

/** What PostgreSQL keeps per partition, and what a look at partitions waits for. */
describe.each(postgresServers())('partitions on $name', (server) => {
  let postgres: LivePostgres
  beforeAll(async () => {
    postgres = await LivePostgres.start({}, server)
  })
  afterAll(async () => {
    await postgres.end()
  })

  test('a table is refused if a partition does not log the key: its deletes would name no row, or the business could not update', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table bare(id int not null, k int not null) partition by range (k);
      create table bare1 partition of bare for values from (0) to (100); alter table bare replica identity full; insert into bare values (1, 1);
      create table other(id int, k int, code text not null, primary key (id, k)) partition by range (k);
      create table other1 partition of other for values from (0) to (100); create unique index other1_code on other1(code);
      alter table other1 replica identity using index other1_code;
      create table good(id int, k int, code text not null, primary key (id, k)) partition by range (k);
      create table good1 partition of good for values from (0) to (100); alter table good1 replica identity full; insert into good values (1, 1, 'x')`)
    const keys = { 'public.bare': ['id'] }
    await using rig = new CaptureRig(url, { keys }).start()
    await settled(rig, client, 'public.good')
    await client.query(`update bare set id = 2; delete from good`)
    await settled(rig, client, 'public.good')
    const refused = rig.log.lines.filter((line) => line.event === 'source.refused')
    expect(refused.map(({ fields }) => [fields['table'], fields['fix']])).toEqual([
      ['public.bare', 'ALTER TABLE "public"."bare1" REPLICA IDENTITY FULL;'],
      ['public.other', 'ALTER TABLE "public"."other1" REPLICA IDENTITY DEFAULT;'],
    ])
  })

  test('a value that was not sent stays when a key moves in a partition that logs less than its root says', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table p(id int, k int, big text, primary key (id, k)) partition by range (k);
      create table p1 partition of p for values from (0) to (100); alter table p1 alter big set storage external; alter table p replica identity full;
      insert into p values (1, 1, repeat('a', 9000))`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.p')
    await client.query(`update p set id = 2`)
    expect((await settled(rig, client, 'public.p')).flaws).toEqual([])
  })

  test('a column whose default is dropped at once fills the rows that were there', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await client.query(`create table p(id int, k int, primary key (id, k)) partition by range (k);
      create table p1 partition of p for values from (0) to (100); insert into p values (1, 1)`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.p')
    await client.query(`begin; alter table p add c int default 7; alter table p alter c drop default; commit`)
    expect((await settled(rig, client, 'public.p')).content('public.p')).toEqual(['[1,1,7]'])
  })

  test('a partition that somebody holds locked does not keep other tables from being looked at', async () => {
    const url = await postgres.database()
    await using client = await connect(url)
    await using other = await connect(url)
    await client.query(`create table p(id int, k int, primary key (id, k)) partition by range (k);
      create table p1 partition of p for values from (0) to (100); create table t(id int primary key); insert into t values (1)`)
    await using rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.t')
    await other.query(`begin; lock table p in access exclusive mode`)
    await client.query(`alter table t rename to u`)
    await settled(rig, client, 'public.u')
    await client.query(`create table w(id int primary key); insert into w values (1)`)
    await rig.until(() => countOf(rig, 'start') === 2, 'a run of the new table')
    // Its rows are read once older transactions have ended.
    await other.query(`rollback`)
    expect((await settled(rig, client, 'public.w')).flaws).toEqual([])
  })
})
