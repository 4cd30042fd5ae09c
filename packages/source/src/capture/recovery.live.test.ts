import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SheetflowError } from '@sheetflow/core/errors'
import { Random } from '@sheetflow/testkit/random'
import { CaptureRig } from '../testing/capture-rig.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { lastControl } from '../testing/replica.ts'

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start({ max_slot_wal_keep_size: '64MB', wal_keep_size: '0', min_wal_size: '32MB', max_wal_size: '64MB' })
})
afterAll(async () => {
  await postgres.end()
})

async function orders(client: TestClient, rows: number): Promise<void> {
  await client.query(
    `create table orders(id int primary key, v int); insert into orders select i, 0 from generate_series(1, ${String(rows)}) i`,
  )
}

async function settled(rig: CaptureRig, client: TestClient): Promise<void> {
  const { rows } = await client.query<{ row: string }>(`select json_build_array(id, v)::text as row from orders`)
  const truth = JSON.stringify(rows.map(({ row }) => JSON.stringify(JSON.parse(row))).toSorted())
  await rig.until(
    (replica) => replica.loaded.has('public.orders') && JSON.stringify(replica.content('public.orders')) === truth,
    'as in SQL',
  )
}

function epochs(rig: CaptureRig): readonly string[] {
  return rig.bus
    .messages(rig.stream)
    .map((message) => JSON.parse(Buffer.from(message.body).toString()) as { kind?: string; reason?: string })
    .flatMap((message) => (message.kind === 'epoch' ? [message.reason ?? ''] : []))
}

test('a slot that lost its log: a new epoch and a snapshot by themselves', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 100)
  await using rig = new CaptureRig(url).start()
  await settled(rig, client)
  await rig.stop()
  await client.query(`update orders set v = 1; delete from orders where id > 90`)
  for (let i = 0; i < 8; i++) {
    await client.query(
      `create table filler as select repeat(md5(i::text), 50) as t from generate_series(1, 10000) i; drop table filler; select pg_switch_wal(); checkpoint`,
    )
  }
  const { rows } = await client.query<{ status: string }>(
    `select wal_status as status from pg_replication_slots where database = current_database()`,
  )
  expect(rows[0]?.status).toBe('lost')
  rig.start()
  await rig.until(() => epochs(rig).length === 1, 'a new epoch')
  await settled(rig, client)
  expect(epochs(rig)).toEqual(['source/slot-lost'])
  await client.query(`update orders set v = 2 where id < 10`)
  await settled(rig, client)
  expect(lastControl(rig.bus.messages(rig.stream))?.state.epochs).toHaveLength(2)
})

/** Waits until the server has noticed that its reader is gone. */
async function released(client: TestClient): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query('select from pg_replication_slots where database = current_database() and active')
    if (rowCount === 0) return
    await pause(10)
  }
}

test('a slot that was dropped, and one that somebody else moved on', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 50)
  await using rig = new CaptureRig(url).start()
  await settled(rig, client)
  await rig.stop()
  await released(client)
  await client.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()`)
  await client.query(`update orders set v = 1`)
  rig.start()
  await rig.until(() => epochs(rig).length === 1, 'a new epoch')
  await settled(rig, client)
  await rig.stop()
  await client.query(`update orders set v = 2`)
  await released(client)
  await client.query(
    `select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots where database = current_database()`,
  )
  rig.start()
  await rig.until(() => epochs(rig).length === 2, 'another epoch')
  await settled(rig, client)
  expect(epochs(rig)).toEqual(['source/slot-lost', 'source/foreign'])
})

test('a bus that was set back, or belongs to another database, is noticed', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 20)
  await using rig = new CaptureRig(url).start()
  await settled(rig, client)
  const kept = rig.bus.messages(rig.stream).length
  await client.query(`update orders set v = 1`)
  await settled(rig, client)
  const { rows } = await client.query<{ end: string }>('select pg_current_wal_lsn() as end')
  // Postgres has heard that the update is on the bus, so it would not send it again.
  await rig.until(async () => {
    const confirmed = await client.query<{ is: boolean }>(
      'select confirmed_flush_lsn >= $1::pg_lsn as is from pg_replication_slots where slot_name = $2',
      [rows[0]?.end, rig.slot],
    )
    return confirmed.rows[0]?.is === true
  }, 'confirmed')
  await rig.stop()
  rig.bus.lose(rig.stream, rig.bus.messages(rig.stream).length - kept)
  rig.start()
  await rig.until(() => epochs(rig).length === 1, 'a new epoch')
  await settled(rig, client)
  expect(epochs(rig)).toEqual(['source/foreign'])
})

test('a slot in use is told and waited for', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 10)
  await using first = new CaptureRig(url).start()
  await settled(first, client)
  await using second = new CaptureRig(url).start()
  await second.until(() => second.log.lines.some((line) => line.fields['code'] === 'source/slot-in-use'), 'told')
  expect(second.role?.status).toBe('reconnecting')
})

test('a later life of a capture ends the connections of the earlier one, of nobody else; the earlier one can not do the same', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 10)
  await client.query(`set application_name = 'sheetflow_other/1'`)
  await using first = new CaptureRig(url, { token: 2 }).start()
  await settled(first, client)
  await using second = new CaptureRig(url, { token: 10 }).start()
  await settled(second, client)
  // It has come back, and found another's slot.
  await first.until(() => first.log.lines.some(({ event }) => event === 'source.epoch'), 'the first one has looked')
  const ended = (rig: CaptureRig): number => rig.log.lines.filter(({ event }) => event === 'source.former-life').length
  expect(ended(first)).toBe(0)
  // More than once, if the first one came back while the second one was still beginning.
  expect(ended(second)).toBeGreaterThan(0)
  // The one who asks is still connected, though its name looks like that of a capture.
  await client.query('insert into orders select 1000, 1')
  await settled(second, client)
})

test('Postgres dies and comes back, again and again, in the middle of everything', async () => {
  const url = await postgres.database()
  await using setup = await connect(url)
  await orders(setup, 3_000)
  const random = new Random(5)
  await using rig = new CaptureRig(url, { chunkRows: 50 }).start()
  for (let i = 0; i < 3; i++) {
    await using writer = await connect(url)
    const writing = (async () => {
      for (let n = 0; n < 200; n++)
        await writer.query(
          `update orders set v = v + 1 where id % 97 = ${String(n % 97)}; update orders set id = id + 10000 where id = ${String(1 + i * 200 + n)}`,
        )
    })().catch(() => {})
    await pause(random.below(400))
    await postgres.crash()
    await writing
  }
  await using client = await connect(url)
  await settled(rig, client)
  expect(rig.replica().flaws).toEqual([])
  expect(epochs(rig)).toEqual([])
})

test('an append that is cut anywhere is completed by the next life', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 500)
  await using rig = new CaptureRig(url).start()
  await settled(rig, client)
  const random = new Random(9)
  for (let i = 0; i < 12; i++) {
    rig.bus.cut = (count) => random.below(count)
    const alter =
      i % 4 === 3
        ? `alter table orders alter v set default ${String(i)}; alter table orders add c${String(i)} int; alter table orders drop c${String(i)};`
        : ''
    await client.query(`begin; update orders set v = ${String(i)}; ${alter} update orders set v = v + 1; commit`)
    await settled(rig, client)
  }
  expect(rig.replica().flaws).toEqual([])
})

test('a full bus stops the reading; with room it goes on by itself', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 10)
  await using rig = new CaptureRig(url).start()
  await settled(rig, client)
  rig.bus.refuse = new SheetflowError('bus/full', 'no space', { retry: 'later' })
  await client.query(`update orders set v = 7`)
  await rig.until(() => rig.role?.status === 'full', 'full')
  rig.bus.refuse = null
  await settled(rig, client)
  expect(rig.role?.status).toBe('following')
})

test('a second writer is not fought with', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await orders(client, 10)
  await using rig = new CaptureRig(url).start()
  await settled(rig, client)
  await rig.bus.append(rig.stream, [
    {
      subject: 'sf.src.shop._commit',
      id: 'other',
      body: new TextEncoder().encode('{"v":1,"tx":"x","first":0,"at":"","causes":[],"counts":{}}'),
    },
  ])
  expect(await rig.outcome()).toMatchObject({ code: 'bus/fenced' })
})
