import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { CaptureRig } from '../../testing/capture-rig.ts'
import { ReplicationStream } from './replication-stream.ts'

/** What seemed to go on and never did. */
let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start()
})
afterAll(async () => {
  await postgres.end()
})

const MB = 1024 * 1024

test('a transaction of big values that need more memory than there is for them, in fewer rows than a message takes', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table docs(id int primary key, body text)`)
  await using rig = new CaptureRig(url).start()
  await rig.until((r) => r.loaded.has('public.docs'), 'loaded')
  await client.query(`insert into docs select i, rpad(i::text, ${MB}, 'x') from generate_series(1, 70) i`)
  const replica = await rig.until((r) => r.table('public.docs').size === 70, 'all rows')
  const body = replica.table('public.docs').get('[70]')?.row[1] as { b: string; n: number }
  expect(body.n).toBe(MB)
  expect(rig.blobs.blobs.has(body.b)).toBe(true)
})

test('a slot that takes minutes to be made is streamed from all the same', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create publication late`)
  await client.query(`select pg_create_logical_replication_slot('late', 'pgoutput')`)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  try {
    using stream = await ReplicationStream.open({ url }, new AbortController().signal)
    vi.advanceTimersByTime(10 * 60_000)
    const reader = { message: () => true, dry: () => undefined, ended: () => undefined }
    await expect(stream.start('late', 'late', reader)).resolves.toBeUndefined()
  } finally {
    vi.useRealTimers()
  }
})

test('a read of a table ends with whoever wanted it: else its connection would keep the thread', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`create table t(id int primary key); insert into t values (1)`)
  const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  const before = sockets()
  const rig = new CaptureRig(url, { faults: { readDelayMs: () => 3_600_000 } }).start()
  const sleeping = `select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`
  await expect.poll(async () => (await client.query(sleeping)).rowCount).toBe(1)
  await rig.stop()
  await expect.poll(sockets).toBe(before)
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`)
})
