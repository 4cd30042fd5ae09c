import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TransactionCollector } from '@sheetflow/core/framing/collector'
import type { WholeTransaction } from '@sheetflow/core/framing/collector'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { runs } from '@sheetflow/testkit/runs'
import { CaptureRig } from '../testing/capture-rig.ts'
import type { TestClient } from '../testing/live-postgres.ts'
import { connect, LivePostgres } from '../testing/live-postgres.ts'
import type { Replica } from '../testing/replica.ts'

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start({ wal_sender_timeout: '2s' })
})
afterAll(async () => {
  await postgres.end()
})

/** Waits until a table on the bus is what SQL shows. */
async function settled(rig: CaptureRig, client: TestClient, table: string): Promise<Replica> {
  const truth = async (): Promise<readonly string[]> =>
    (await client.query<{ row: string }>(`select json_build_array(${await columnsOf(client, table)})::text as row from ${table}`)).rows
      .map(({ row }) => JSON.stringify(JSON.parse(row)))
      .toSorted()
  return await rig.until(
    async (replica) => replica.loaded.has(table) && JSON.stringify(replica.content(table)) === JSON.stringify(await truth()),
    `${table} as in SQL`,
  )
}

async function columnsOf(client: TestClient, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, atttypid::regtype::text as type from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped order by attnum`,
  )
  return rows.map(({ name, type }) => (type === 'integer' ? `"${name}"` : `"${name}"::text`)).join(', ')
}

function transactions(rig: CaptureRig): readonly WholeTransaction[] {
  return new TransactionCollector({ rule: 'source', epoch: 1_000 }).push(rig.bus.messages(rig.stream))
}

function kinds(transaction: WholeTransaction | undefined): readonly string[] {
  return (transaction?.pieces ?? []).map((piece) => (piece.kind === 'control' ? piece.message.kind : piece.kind))
}

test('a value that was not sent is filled from the row before, also when the key moves', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(
    `create table t(id int primary key, n int, big text); alter table t alter big set storage external; insert into t values (1, 0, repeat('a', 9000))`,
  )
  await using rig = new CaptureRig(url).start()
  await settled(rig, client, 'public.t')
  await client.query(
    `update t set n = 1 where id = 1; update t set id = 2 where id = 1; update t set id = 1, n = 5 where id = 2; update t set big = 'short'`,
  )
  const replica = await settled(rig, client, 'public.t')
  expect(replica.flaws).toEqual([])
  const bodies = rig.bus.messages(rig.stream).map((message) => Buffer.from(message.body).toString())
  expect(bodies.filter((body) => body.includes('{"~":1}')).length).toBeGreaterThan(0)
  expect(bodies.some((body) => /\["d",\[1\],null,null\],\["c",\[2\]/.test(body))).toBe(true)
})

test('a full replica identity fills what was not sent by itself', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(
    `create table t(code text, n int, big text); alter table t alter big set storage external; alter table t replica identity full; insert into t values ('x', 0, repeat('a', 9000))`,
  )
  await using rig = new CaptureRig(url, { keys: { 'public.t': ['code'] } }).start()
  await settled(rig, client, 'public.t')
  await client.query(`update t set n = 1; update t set code = 'y'; insert into t values ('z', 1, null); delete from t where code = 'z'`)
  await settled(rig, client, 'public.t')
  expect(rig.bus.messages(rig.stream).some((message) => Buffer.from(message.body).toString().includes('{"~":1}'))).toBe(false)
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

test('a command names itself as the cause, also when it changed no row', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(id int primary key)`)
  await using rig = new CaptureRig(url).start()
  await rig.until((replica) => replica.loaded.has('public.t'), 'loaded')
  const [first, second] = ['01J9ZQ3K7M4T8V2W5X6Y7Z8A9B', '01J9ZQ3K7M4T8V2W5X6Y7Z8A9C']
  await client.query(
    `begin; select pg_logical_emit_message(true, 'sf:cmd', '{"id": "${first}", "user": "7"}'); insert into t values (1); commit`,
  )
  await client.query(`select pg_logical_emit_message(true, 'sf:cmd', '{"id": "${second}", "user": null}'); `)
  await client.query(`select pg_logical_emit_message(true, 'sf:cmd', 'not ours'); insert into t values (2)`)
  const replica = await rig.until((r) => r.table('public.t').size === 2, 'rows')
  expect(replica.causes).toEqual([
    { id: first, user: '7' },
    { id: second, user: null },
  ])
})

test('rows and tables are read again on request', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(
    `create table t(id int, code text, v int, primary key (id, code)); insert into t select i, 'c' || i, i from generate_series(1, 20) i`,
  )
  await using rig = new CaptureRig(url).start()
  await settled(rig, client, 'public.t')
  const ask = async (n: number, message: object): Promise<unknown> =>
    await rig.bus.append('SF_IN_SRC_shop', [{ subject: 'sf.in.src.shop.reread', id: String(n), body: encodeBody({ v: 1, ...message }) }])
  await rig.bus.ensure('SF_IN_SRC_shop')
  await ask(1, {
    kind: 'reread',
    table: 'public.t',
    keys: [
      ['3', 'c3'],
      ['77', 'gone'],
    ],
  })
  await rig.until(
    () =>
      transactions(rig)
        .flatMap(kinds)
        .filter((kind) => kind === 'chunk').length === 2,
    'the keys are read',
  )
  const answer = transactions(rig).findLast((transaction) => kinds(transaction).includes('chunk'))
  expect(answer?.pieces.flatMap((piece) => (piece.kind === 'rows' ? piece.message.rows : []))).toEqual([
    ['r', [3, 'c3'], [3, 'c3', 3], null],
    ['d', [77, 'gone'], null, null],
  ])
  await ask(2, { kind: 'resnapshot', tables: ['public.t'] })
  await rig.until(
    () =>
      transactions(rig)
        .flatMap(kinds)
        .filter((kind) => kind === 'loaded').length === 2,
    'the table is read',
  )
  await rig.until((replica) => replica.commits > 0 && transactions(rig).at(-1)?.commit?.inbox === 2, 'the inbox is done')
})

test('a transaction of a million rows goes through in little memory', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(id int primary key, v text)`)
  await using rig = new CaptureRig(url).start()
  await rig.until((replica) => replica.loaded.has('public.t'), 'loaded')
  const source = rig.source
  await rig.stop()
  expect(source?.metrics()['source_queue_bytes']).toBe(0)
  const rows = runs(200_000, 1_000_000)
  await client.query(
    `insert into t select i, 'some text that makes the row a little longer ' || i from generate_series(1, ${String(rows)}) i`,
  )
  rig.start()
  let peak = 0
  await rig.until((replica) => {
    peak = Math.max(peak, Number(rig.source?.metrics()['source_queue_bytes'] ?? 0))
    return replica.table('public.t').size === rows
  }, 'all rows')
  // Never more than the queue's limit and one read above it.
  expect(peak).toBeLessThan(12 * 1024 * 1024)
})

test('a consumer that stands still longer than wal_sender_timeout keeps its connection', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(id int primary key, v text)`)
  const rig = new CaptureRig(url, { queueBytes: 64 * 1024 })
  await using _rig = rig.start()
  await rig.until((replica) => replica.loaded.has('public.t'), 'loaded')
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const append = rig.bus.append.bind(rig.bus)
  rig.bus.append = async (...args) => {
    await held
    return await append(...args)
  }
  await client.query(`insert into t select i, repeat('x', 500) from generate_series(1, 100000) i`)
  // Longer than wal_sender_timeout (2 s): the server would end a reader that it does not hear.
  const { rows: before } = await client.query<{ pid: number }>(
    `select active_pid as pid from pg_replication_slots where database = current_database()`,
  )
  await pause(5_000)
  const { rows: after } = await client.query<{ pid: number }>(
    `select active_pid as pid from pg_replication_slots where database = current_database()`,
  )
  expect(after).toEqual(before)
  release()
  await rig.until((replica) => replica.table('public.t').size === 100_000, 'all rows')
  expect(rig.log.lines.filter((line) => line.fields['status'] === 'reconnecting')).toEqual([])
})
