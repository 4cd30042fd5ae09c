import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { runs } from '@sheetflow/testkit/runs'
import { testCommand } from '@sheetflow/testkit/kits/target-kit'
import { CaptureRig, CLOCK } from '../testing/capture-rig.ts'
import type { Replica } from '../testing/replica.ts'
import { openPostgresTarget } from './target/target.ts'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { kinds, settled, transactions } from '../testing/settled.ts'

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start({ wal_sender_timeout: '2s' })
})
afterAll(async () => {
  await postgres.end()
})

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
    `create table t(code text not null, n int, big text); alter table t alter big set storage external; alter table t replica identity full; insert into t values ('x', 0, repeat('a', 9000))`,
  )
  await using rig = new CaptureRig(url, { keys: { 'public.t': ['code'] } }).start()
  await settled(rig, client, 'public.t')
  await client.query(`update t set n = 1; update t set code = 'y'; insert into t values ('z', 1, null); delete from t where code = 'z'`)
  await settled(rig, client, 'public.t')
  expect(rig.bus.messages(rig.stream).some((message) => Buffer.from(message.body).toString().includes('{"~":1}'))).toBe(false)
})

test('a declared key that may be NULL is refused; one that is not unique ends no snapshot early', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(code int, n int); alter table t replica identity full`)
  const keys = { 'public.t': ['code'] }
  const refused = await new CaptureRig(url, { keys, tables: ['public.t'] }).start().outcome()
  expect(refused).toMatchObject({ code: 'source/no-key', fix: `ALTER TABLE "public"."t" ALTER "code" SET NOT NULL;` })
  await client.query(`alter table t alter code set not null; insert into t select i / 2, i from generate_series(2, 101) i`)
  await using rig = new CaptureRig(url, { keys, chunkRows: 7 }).start()
  const replica = await rig.until((r) => r.loaded.has('public.t'), 'loaded')
  expect(replica.table('public.t').size).toBe(50)
})

test('names that need quotes', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create schema "My Shop"; create table "My Shop"."Order.Lines ""é"""("Id" int, "a.b" text, "c""d\\" int, primary key ("Id", "c""d\\"));
    create schema "a.b"; create table "a.b".t(id int primary key);
    insert into "My Shop"."Order.Lines ""é""" select i, 'x', i from generate_series(1, 20) i`)
  await using rig = new CaptureRig(url, { tables: ['*'], chunkRows: 3 }).start()
  const table = 'My Shop.Order.Lines "é"'
  await rig.until((r) => r.loaded.has(table), 'loaded')
  await client.query(
    `update "My Shop"."Order.Lines ""é""" set "a.b" = 'y' where "Id" = 20; delete from "My Shop"."Order.Lines ""é""" where "Id" = 1`,
  )
  const replica = await rig.until((r) => r.table(table).get('[20,20]')?.row[1] === 'y' && r.table(table).size === 19, 'changes')
  expect([...replica.loaded]).toEqual([table])
})

test('a slot of somebody else is left alone', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(id int primary key)`)
  await client.query(`select pg_create_logical_replication_slot('theirs', 'test_decoding')`)
  expect(await new CaptureRig(url, { slot: 'theirs' }).start().outcome()).toMatchObject({ code: 'source/not-ready' })
  expect((await client.query(`select from pg_replication_slots where slot_name = 'theirs'`)).rowCount).toBe(1)
  await client.query(`select pg_drop_replication_slot('theirs')`)
})

test('a transaction too large to be remembered comes in the middle of a snapshot', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(id int primary key, v text); insert into t select i, 'x' from generate_series(1, 500) i`)
  await using rig = new CaptureRig(url, { chunkRows: 20, faults: { readDelayMs: () => 30 } }).start()
  await rig.until((r) => r.table('public.t').size > 40, 'some chunks')
  // What is remembered of a transaction while tables are read ends at 64 MiB. Its rows lie before the ranges that are still to be read.
  const rows = runs(20_000, 1_000_000)
  await client.query(`begin; update t set v = 'y' where id % 2 = 0; insert into t select -i, 'z' from generate_series(1, ${String(rows)}) i;
    update t set id = id + 5000 where id between 1 and 100; commit`)
  const replica = await rig.until((r) => r.loaded.has('public.t') && r.table('public.t').size === 500 + rows, 'all rows')
  const sum = [...replica.table('public.t').values()].reduce((total, { row }) => total + (row[1] === 'y' ? Number(row[0]) : 0), 0)
  expect(String(sum)).toBe((await client.query<{ sum: string }>(`select sum(id) from t where v = 'y'`)).rows[0]?.sum)
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

test('a database that is not UTF-8 tells of values, names and the user of a command as they are', async () => {
  await using admin = await connect(await postgres.database())
  await admin.query(`create database latin template template0 encoding 'LATIN1' locale 'C'`)
  const url = postgres.url('latin')
  await using client = await connect(url)
  await client.query(`create table "Größe"("Maß" text primary key, v text); insert into "Größe" values ('ä', 'ö')`)
  await using rig = new CaptureRig(url, { chunkRows: 1 }).start()
  const rows = (r: Replica): string => r.content('public.Größe').join(' ')
  await rig.until((r) => r.loaded.has('public.Größe') && rows(r) === '["ä","ö"]', 'loaded')
  await using target = openPostgresTarget({ url, clock: CLOCK })
  await target.prepare()
  const nowMs = Date.now()
  const command = { ...testCommand({ nowMs }, 1), user: 'Jürgen "x"' }
  const handler = { name: 'add', sql: `insert into "Größe" values ('ß', 'ÿ')` }
  expect(await target.execute(command, handler)).toMatchObject({ status: 'done' })
  const replica = await rig.until((r) => r.causes.length > 0, 'the command')
  expect(replica.causes).toEqual([{ id: command.id, user: 'Jürgen "x"' }])
  expect(rows(replica)).toBe('["ß","ÿ"] ["ä","ö"]')
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
