import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { runs } from '@sheetflow/testkit/runs'
import { CaptureRig } from '../testing/capture-rig.ts'
import { connect, LivePostgres } from '../testing/live-postgres.ts'
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
    `create table t(code text, n int, big text); alter table t alter big set storage external; alter table t replica identity full; insert into t values ('x', 0, repeat('a', 9000))`,
  )
  await using rig = new CaptureRig(url, { keys: { 'public.t': ['code'] } }).start()
  await settled(rig, client, 'public.t')
  await client.query(`update t set n = 1; update t set code = 'y'; insert into t values ('z', 1, null); delete from t where code = 'z'`)
  await settled(rig, client, 'public.t')
  expect(rig.bus.messages(rig.stream).some((message) => Buffer.from(message.body).toString().includes('{"~":1}'))).toBe(false)
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
