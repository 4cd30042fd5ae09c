import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import pg from 'pg'
import { describeTarget, testCommand, type TargetLab } from '@sheetflow/testkit/kits/target-kit'
import { chosenBinaries } from '@sheetflow/testkit/postgres/majors'
import { startEmbeddedPostgres, temporaryDataDir, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LogLines } from '../../testing/capture-rig.ts'
import { connect } from '@sheetflow/testkit/postgres/live-postgres'
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
    const handler = { name: 'add', sql: 'select 1' }
    await expect(target.execute(testCommand(lab, 1), handler)).rejects.toMatchObject({ code: 'source/unreachable', retry: 'later' })
  })

  it('forgets outcomes after their time, in small pieces, and never carries an id out that it may have forgotten', async () => {
    const DAY = 86_400_000
    const url = await otherDatabase('pruned')
    await using sql = await connect(url)
    const clock = { nowMs: Date.now() }
    const add = { name: 'add', sql: 'update n set n = n + 1 returning n' }
    await using target = openPostgresTarget({ url, clock: { now: () => clock.nowMs }, connections: 2 })
    await target.prepare()
    await sql.query('create table n(n int); insert into n values (0)')
    const old = testCommand(clock, 1)
    expect(await target.execute(old, add)).toMatchObject({ status: 'done' })
    await sql.query(`insert into sheetflow.commands(id, name, status, at) select '01AAAAAAAA' || to_char(i, 'FM0000000000000000'), 'x', 'done', now() - interval '1 year'
      from generate_series(1, 2300) i`)
    // A client whose clock is years behind: its row is new all the same.
    await sql.query(`insert into sheetflow.commands(id, name, status) values ('01AAAAAAAAZZZZZZZZZZZZZZZZ', 'x', 'done')`)
    const rows = async (): Promise<number> =>
      Number((await sql.query<{ n: string }>('select count(*) as n from sheetflow.commands')).rows[0]?.n)
    // Somebody holds one of the old rows: the others go all the same, and commands go on meanwhile.
    await using holder = await connect(url)
    await holder.query(`begin; select from sheetflow.commands where id = '01AAAAAAAA0000000000000007' for update`)
    clock.nowMs += 7 * DAY
    expect(await target.execute(old, add)).toMatchObject({ status: 'done', result: { rows: [{ n: 1 }] } })
    while ((await rows()) > 3) await new Promise((resolve) => setTimeout(resolve, 10))
    await holder.query('commit')
    clock.nowMs += 2 * DAY
    expect(await target.execute(testCommand(clock, 1), add)).toMatchObject({ status: 'done', result: { rows: [{ n: 2 }] } })
    while ((await rows()) > 1) await new Promise((resolve) => setTimeout(resolve, 10))
    // Delivered again as if it were valid still: by now nobody knows that it was carried out.
    expect(await target.execute({ ...old, at: new Date(clock.nowMs).toISOString() }, add)).toEqual({
      status: 'expired',
      code: 'command/expired',
    })
    expect((await sql.query<{ n: number }>('select n from n')).rows).toEqual([{ n: 2 }])
  })

  it('that may not delete goes on without forgetting', async () => {
    const url = await otherDatabase('kept')
    await using sql = await connect(url)
    const clock = { nowMs: Date.now() }
    const log = new LogLines()
    const command = testCommand(clock, 1)
    const nothing = { name: 'nothing', sql: 'select 1' }
    {
      await using owner = openPostgresTarget({ url, clock: { now: () => clock.nowMs } })
      await owner.prepare()
    }
    await sql.query(
      `create role teller login password 'teller'; grant usage on schema sheetflow to teller; grant select, insert, update on sheetflow.commands to teller`,
    )
    const teller = new URL(url)
    Object.assign(teller, { username: 'teller', password: 'teller' })
    await using target = openPostgresTarget({ url: teller.href, clock: { now: () => clock.nowMs }, log })
    await target.prepare()
    expect(await target.execute(command, nothing)).toMatchObject({ status: 'done' })
    clock.nowMs += 30 * 86_400_000
    expect(await target.execute(testCommand(clock, 2), nothing)).toMatchObject({ status: 'done' })
    while (!log.lines.some(({ event }) => event === 'commands.prune')) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await target.execute(command, nothing)).toMatchObject({ status: 'done' })
  })

  it('lets a handler defer constraints, and answers what they say at the end', async () => {
    const url = await otherDatabase('deferred')
    await using sql = await connect(url)
    await sql.query(`create table p(id int primary key); create table c(id int references p deferrable)`)
    await using target = openPostgresTarget({ url, clock: { now: () => lab.nowMs } })
    await target.prepare()
    const handler = {
      name: 'link',
      sql: 'set constraints all deferred; insert into c values (:id); insert into p values (:parent)',
    }
    const outcome = (id: number, parent: number): Promise<unknown> =>
      target.execute(testCommand(lab, 1, { payload: { id, parent } }), handler)
    expect(await outcome(1, 1)).toMatchObject({ status: 'done' })
    expect(await outcome(2, 3)).toMatchObject({ status: 'rejected', code: '23503' })
  })

  it('binds parameters, never splices them', async () => {
    await using target = openPostgresTarget({ url: server.url, clock: { now: () => lab.nowMs } })
    await target.prepare()
    const nasty = `'; drop table counters; -- :id $1 \\' "`
    const handler = {
      name: 'echo',
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
    copied: true,
    settings: SETTINGS,
    ...(port === undefined ? {} : { port }),
    ...(binaries === undefined ? {} : { binaries }),
  })
}

async function otherDatabase(name: string): Promise<string> {
  await beside.query(`create database ${name}`)
  return server.url.replace(/postgres$/, name)
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
      // Its log ends with a line about something else.
      expect(await server.ended).toMatch(/^ended by SIGKILL$/m)
      server = await startServer(port)
      beside = openBeside(server.url)
    },
  }
}
