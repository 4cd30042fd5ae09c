import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { debianBinaries, runsAsRoot, UNPRIVILEGED_ID } from '@sheetflow/testkit/postgres/binaries'
import { CaptureRig } from '../../testing/capture-rig.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { settled } from '../../testing/settled.ts'

/**
 * The log carries the low 32 bits of transaction ids, `pg_current_snapshot()` all 64. Here a server counts over the border of 2³² while tables are read. Only
 * `pg_resetwal` can bring a server there, which Debian's packages have and npm's binaries do not.
 */
const debian = debianBinaries().find(({ postgres }) => existsSync(join(dirname(postgres), 'pg_resetwal')))
if (debian === undefined) console.log('xid wrap-around: skipped, no pg_resetwal here (Debian: apt-get install postgresql)')

const BORDER = 2 ** 32
const BEFORE = 600

let postgres: LivePostgres | null = null
beforeAll(async () => {
  if (debian === undefined) return
  postgres = await LivePostgres.start({}, { name: debian.version, binaries: async () => await Promise.resolve(debian) })
  // Rows of before must not look like rows of the future.
  for (const database of ['postgres', 'template1']) {
    await using client = await connect(postgres.url(database))
    await client.query('vacuum freeze')
  }
  await postgres.stop()
  moveNextXid(postgres.dataDir, dirname(debian.postgres), BORDER - BEFORE)
  await postgres.restart({ autovacuum: 'off' })
})
afterAll(async () => {
  await postgres?.end()
})

/** Sets the next transaction id, and makes the page of the commit log on which it stands. */
function moveNextXid(dataDir: string, programs: string, next: number): void {
  const perSegment = 32 * 8192 * 4
  const segment = join(
    dataDir,
    'pg_xact',
    Math.floor(next / perSegment)
      .toString(16)
      .toUpperCase()
      .padStart(4, '0'),
  )
  const { uid, gid } = statSync(dataDir)
  writeFileSync(segment, Buffer.alloc(256 * 1024), { mode: 0o600 })
  chownSync(segment, uid, gid)
  const done = spawnSync(join(programs, 'pg_resetwal'), ['-f', '-x', String(next), '-u', String(next), dataDir], {
    cwd: tmpdir(),
    ...(runsAsRoot() ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {}),
  })
  expect(done.stderr.toString()).toBe('')
}

async function nextXid(client: TestClient): Promise<number> {
  return Number((await client.query<{ xid: string }>('select pg_snapshot_xmax(pg_current_snapshot())::text as xid')).rows[0]?.xid)
}

test.skipIf(debian === undefined)('tables are read right while transaction ids go over 2³²', async () => {
  const url = (await postgres?.database()) ?? ''
  await using client = await connect(url)
  await client.query(`create table t(id int primary key, v int); insert into t select i, 0 from generate_series(1, 400) i`)
  expect(await nextXid(client)).toBeLessThan(BORDER)
  await using rig = new CaptureRig(url, { chunkRows: 10, heartbeatMs: 20, faults: { readDelayMs: () => 10 } }).start()
  // It runs over the border: its own id is on the other side of it for every later snapshot.
  await using long = await connect(url)
  await long.query('begin; update t set v = -1 where id = 400')
  const writes = (async (): Promise<void> => {
    await using writer = await connect(url)
    for (let i = 0; (await nextXid(writer)) < BORDER + BEFORE; i++) {
      await writer.query(`update t set v = v + 1 where id % 40 = ${String(1 + (i % 39))}`)
      await writer.query(
        `update t set id = id + 1000 where id = ${String(1 + (i % 390))}; update t set id = id - 1000 where id = ${String(1001 + ((i * 7) % 390))}`,
      )
      if (i % 50 === 25) rig.source?.snapshot({ kind: 'tables', tables: ['public.t'] })
      if (i === 250) await long.query('commit')
    }
  })()
  await writes
  await long.query('commit')
  expect(await nextXid(client)).toBeGreaterThan(BORDER)
  const replica = await settled(rig, client, 'public.t')
  expect(replica.flaws).toEqual([])
  expect(
    rig.bus.messages(rig.stream).filter((message) => Buffer.from(message.body).toString().includes('"kind":"chunk"')).length,
  ).toBeGreaterThan(40)
})
