import { afterAll, beforeAll, expect, test } from 'vitest'
import { CaptureRig } from '../testing/capture-rig.ts'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start()
})
afterAll(async () => {
  await postgres.end()
})

test('a snapshot and the changes after it arrive, in order, and a restart goes on without a second snapshot', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table orders(id bigint primary key, total numeric(12,2), status text);
    insert into orders select i, i, 'open' from generate_series(1, 5000) i`)
  await using rig = new CaptureRig(url).start()
  await rig.until((replica) => replica.loaded.has('public.orders'), 'loaded')
  await client.query(
    `update orders set status = 'shipped' where id % 7 = 0; update orders set id = id + 10000 where id <= 10; delete from orders where id % 11 = 0`,
  )
  const want = async (): Promise<readonly string[]> => {
    const { rows } = await client.query<{ id: string; total: string; status: string }>('select id, total, status from orders')
    return rows.map((row) => JSON.stringify([row.id, row.total, row.status])).toSorted()
  }
  const first = await want()
  await rig.until((replica) => JSON.stringify(replica.content('public.orders')) === JSON.stringify(first), 'the changes arrive')
  await rig.stop()
  await client.query(`insert into orders values (20000, 1.5, 'new')`)
  const before = rig.bus.messages(rig.stream).length
  rig.start()
  const second = await want()
  const replica = await rig.until((r) => JSON.stringify(r.content('public.orders')) === JSON.stringify(second), 'the restart goes on')
  const later = rig.bus.messages(rig.stream).slice(before)
  expect(later.filter((message) => message.subject.endsWith('_ctl'))).toEqual([])
  expect(replica.flaws).toEqual([])
})
