import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import pg from 'pg'
import { describeTarget, testCommand, type TargetLab } from '@sheetflow/testkit/kits/target-kit'
import { chosenBinaries } from '@sheetflow/testkit/postgres/majors'
import { startEmbeddedPostgres, temporaryDataDir, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresTarget } from './target.ts'

/** Deadlocks are wanted here: they need not be waited for a second each. */
const SETTINGS = { deadlock_timeout: '10ms' }

const dataDir = temporaryDataDir()
let server: EmbeddedPostgres
let beside: pg.Pool
let lab: TargetLab

beforeAll(async () => {
  server = await startServer()
  beside = openBeside(server.url)
  await beside.query(
    'create table counters (id int primary key, n int not null check (n >= 0)); insert into counters select i, 0 from generate_series(1, 100) i',
  )
  await beside.query('create publication p for table counters')
  await beside.query("select pg_create_logical_replication_slot('kit', 'pgoutput')")
  lab = labOf()
})

afterAll(async () => {
  await beside.end()
  await server.stop()
  rmSync(dirname(dataDir), { recursive: true, force: true })
})

describeTarget('postgres', () => lab)

describe('the target of Postgres', () => {
  it('without the right to make its table says which SQL to run', async () => {
    await beside.query("create role weak login password 'weak'")
    await beside.query('create database other')
    const url = new URL(server.url)
    Object.assign(url, { username: 'weak', password: 'weak', pathname: '/other' })
    await using target = openPostgresTarget({ url: url.href, clock: { now: () => lab.nowMs } })
    await expect(target.prepare()).rejects.toMatchObject({
      code: 'source/not-ready',
      fix: expect.stringContaining('CREATE TABLE IF NOT EXISTS sheetflow.commands') as string,
    })
  })

  it('that cannot be reached is source/unreachable, to be tried again', async () => {
    await using target = openPostgresTarget({ url: 'postgres://nobody:x@127.0.0.1:1/none', clock: { now: () => lab.nowMs } })
    const handler = { name: 'add', idempotent: false, sql: 'select 1' }
    await expect(target.execute(testCommand(lab, 1), handler)).rejects.toMatchObject({ code: 'source/unreachable', retry: 'later' })
  })

  it('binds parameters, never splices them', async () => {
    await using target = openPostgresTarget({ url: server.url, clock: { now: () => lab.nowMs } })
    await target.prepare()
    const nasty = `'; drop table counters; -- :id $1 \\' "`
    const handler = {
      name: 'echo',
      idempotent: false,
      sql: `select :text::text as text, ':text' as quoted, :user.tenant::text as tenant, :user.none::text as none, :command.id as id`,
    }
    const command = testCommand(lab, 1, { payload: { text: nasty }, claims: { tenant: nasty } })
    expect(await target.execute(command, handler)).toEqual({
      status: 'done',
      result: { rows: [{ text: nasty, quoted: ':text', tenant: nasty, none: null, id: command.id }] },
    })
  })
})

async function startServer(port?: number): Promise<EmbeddedPostgres> {
  const binaries = await chosenBinaries()
  return await startEmbeddedPostgres({
    dataDir,
    settings: SETTINGS,
    ...(port === undefined ? {} : { port }),
    ...(binaries === undefined ? {} : { binaries }),
  })
}

function openBeside(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  pool.on('error', () => {})
  return pool
}

function labOf(): TargetLab {
  return {
    nowMs: Date.now(),
    open: () => openPostgresTarget({ url: server.url, clock: { now: () => lab.nowMs } }),
    counter: async (id) => {
      const { rows } = await beside.query<{ n: number }>('select n from counters where id = $1', [id])
      return rows[0]?.n ?? Number.NaN
    },
    causes: async () => {
      const sql = `select encode(data, 'escape') as text from pg_logical_slot_get_binary_changes('kit', null, null,
        'proto_version', '1', 'publication_names', 'p', 'messages', 'true')`
      const { rows } = await beside.query<{ text: string }>(sql)
      return rows.flatMap(({ text }) => /^M.*sf:cmd.*\{"id":"(\w+)"/s.exec(text)?.[1] ?? [])
    },
    cut: async () => {
      await beside.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like '% commands'")
    },
    crash: async () => {
      const { port } = server
      await beside.end()
      await server.kill9()
      server = await startServer(port)
      beside = openBeside(server.url)
    },
  }
}
