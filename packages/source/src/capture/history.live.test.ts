import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresServers } from '@sheetflow/testkit/postgres/majors'
import { CaptureRig } from '../testing/capture-rig.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { epochReasons, settled } from '../testing/settled.ts'

/**
 * The source is not the one whose changes are on the bus: another timeline, a backup that was put back, another cluster. Capture begins a new epoch and reads
 * everything again by itself, and the bus ends equal to the source.
 */
describe.each(postgresServers())('another history on $name', (server) => {
  let postgres: LivePostgres
  let url: string
  beforeEach(async () => {
    postgres = await LivePostgres.start({}, server)
    url = await postgres.database()
  })
  afterEach(async () => {
    await postgres.end()
  })

  async function scene(): Promise<CaptureRig> {
    await using client = await connect(url)
    await client.query(`create table t(id int primary key, v int); create table gone(id int primary key);
      insert into t select i, 0 from generate_series(1, 200) i; insert into gone values (1)`)
    const rig = new CaptureRig(url).start()
    await settled(rig, client, 'public.t')
    await settled(rig, client, 'public.gone')
    await write(client, 3)
    await settled(rig, client, 'public.t')
    return rig
  }

  async function write(client: TestClient, times: number): Promise<void> {
    for (let i = 0; i < times; i++)
      await client.query(`update t set v = v + 1 where id % 7 = ${String(i % 7)}; delete from t where id = ${String(i + 1)}`)
  }

  /** The bus tells of one new epoch, and ends as SQL is, also after more changes. */
  async function mended(rig: CaptureRig): Promise<void> {
    await using client = await connect(url)
    await rig.until(() => epochReasons(rig).length > 0, 'a new epoch')
    await settled(rig, client, 'public.t')
    await write(client, 2)
    const replica = await settled(rig, client, 'public.t')
    expect(epochReasons(rig)).toHaveLength(1)
    expect(replica.flaws).toEqual([])
  }

  /** Recovers from its own log as from an archive that has no more: a new timeline begins where the log ends. */
  async function newTimeline(): Promise<void> {
    const { dataDir } = postgres
    const signal = join(dataDir, 'recovery.signal')
    writeFileSync(signal, '')
    chownSync(signal, statSync(dataDir).uid, statSync(dataDir).gid)
    await postgres.restart({ restore_command: 'false', recovery_target_timeline: 'latest' })
    await using client = await connect(url)
    while ((await client.query<{ is: boolean }>('select pg_is_in_recovery() as is')).rows[0]?.is === true) await pause(10)
    await client.query('checkpoint')
    const { rows } = await client.query<{ timeline: number }>(`select timeline_id as timeline from pg_control_checkpoint()`)
    expect(rows[0]?.timeline).toBe(2)
  }

  test.each([
    ['with its slot', true],
    ['without its slot', false],
  ])('a new timeline %s', async (_name, slotSurvives) => {
    await using rig = await scene()
    await postgres.stop()
    if (!slotSurvives) rmSync(join(postgres.dataDir, 'pg_replslot', rig.slot), { recursive: true })
    await newTimeline()
    await mended(rig)
    expect(epochReasons(rig)).toEqual(['source/foreign'])
  })

  test.each([
    ['and nothing written since', 0, true],
    ['that has gone on past what was read', 400, true],
    ['without its slot', 3, false],
  ])('a backup is put back, %s', async (_name, writes, slotSurvives) => {
    await using rig = await scene()
    await rig.stop()
    await postgres.stop()
    const backup = `${postgres.dataDir}.backup`
    cpSync(postgres.dataDir, backup, { recursive: true, preserveTimestamps: true })
    await postgres.restart()
    {
      await using client = await connect(url)
      await client.query(`create table later(id int primary key); insert into later values (1); drop table gone`)
      rig.start()
      await write(client, 20)
      await settled(rig, client, 'public.t')
      await settled(rig, client, 'public.later')
    }
    await rig.stop()
    await postgres.stop()
    restore(backup, postgres.dataDir)
    if (!slotSurvives) rmSync(join(postgres.dataDir, 'pg_replslot', rig.slot), { recursive: true })
    await postgres.restart()
    {
      await using client = await connect(url)
      await write(client, writes)
    }
    rig.start()
    await mended(rig)
    const replica = rig.replica()
    expect([...replica.loaded].toSorted()).toEqual(['public.gone', 'public.t'])
    expect(replica.tables.has('public.later')).toBe(false)
  })

  test('another cluster behind the same address, in which an oid is another table', async () => {
    await using rig = await scene()
    await rig.stop()
    const other = await LivePostgres.start({}, server, true)
    try {
      url = await other.database()
      await using client = await connect(url)
      await client.query(`create table else_(id int primary key); create table t(id int primary key, v int); insert into t values (1, 1)`)
      await using moved = new CaptureRig(url, {}, { bus: rig.bus }).start()
      await rig.until(() => epochReasons(rig).length > 0, 'a new epoch')
      await rig.until((r) => r.loaded.has('public.else_'), 'loaded')
      const replica = await settled(rig, client, 'public.t')
      expect([...replica.loaded].toSorted()).toEqual(['public.else_', 'public.t'])
      await moved.stop()
    } finally {
      await other.end()
    }
  })
})

/** The folder as it was, with its owner. */
function restore(backup: string, dataDir: string): void {
  const { uid, gid, mode } = statSync(dataDir)
  rmSync(dataDir, { recursive: true })
  cpSync(backup, dataDir, { recursive: true, preserveTimestamps: true })
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${String(uid)}:${String(gid)}`, dataDir])
  execFileSync('chmod', ['-R', 'u=rwX,go=', dataDir])
  expect(statSync(dataDir).mode).toBe(mode)
}
