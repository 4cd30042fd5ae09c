import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Rejected } from '@sheetflow/core/rejected'
import type { CommandHandler } from '@sheetflow/core/ports/target'
import { testCommand } from '@sheetflow/testkit/kits/target-kit'
import { chosenBinaries } from '@sheetflow/testkit/postgres/majors'
import { startEmbeddedPostgres, temporaryDataDir, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { connect } from '@sheetflow/testkit/postgres/live-postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LogLines } from '../../testing/capture-rig.ts'
import { openPostgresTarget } from './target.ts'

const dataDir = temporaryDataDir()
const lab = { nowMs: Date.now() }
const clock = { now: (): number => lab.nowMs }
let server: EmbeddedPostgres

beforeAll(async () => {
  const binaries = await chosenBinaries()
  server = await startEmbeddedPostgres({ dataDir, copied: true, ...(binaries === undefined ? {} : { binaries }) })
})

afterAll(async () => {
  await server.stop()
  rmSync(dirname(dataDir), { recursive: true, force: true })
})

async function database(name: string, how = ''): Promise<string> {
  await using sql = await connect(server.url)
  await sql.query(`create database ${name} ${how}`)
  return server.url.replace(/postgres$/, name)
}

function handler(run: CommandHandler['run'] & {}): CommandHandler {
  return { name: 'add', run }
}

const NOTHING: CommandHandler = { name: 'add', sql: 'select 1' }

describe('what the target of Postgres remembers', () => {
  it('is stored in a database that has no place for its characters', async () => {
    const url = await database('latin', "template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'")
    await using target = openPostgresTarget({ url, clock })
    await target.prepare()
    const refused = { status: 'rejected', code: 'spät', result: 'no €' }
    const command = testCommand(lab, 1, { user: 'Łukasz' })
    const refuse = handler(() => Promise.reject(new Rejected('spät', 'no €')))
    expect(await target.execute(command, refuse)).toEqual(refused)
    expect(await target.execute(command, refuse)).toEqual(refused)
    const told = testCommand(lab, 1, { user: 'Łukasz\0' })
    const tell = handler(() => Promise.resolve(['€']))
    for (let i = 0; i < 2; i++) expect(await target.execute(told, tell)).toEqual({ status: 'done', result: ['€'] })
    const late = testCommand({ nowMs: lab.nowMs - 61_000 }, 1, { user: 'Łukasz' })
    expect(await target.execute(late, NOTHING)).toMatchObject({ status: 'expired' })
    await using sql = await connect(url)
    const { rows } = await sql.query<{ user: string }>('select "user" from sheetflow.commands where id = $1', [command.id])
    expect(rows).toEqual([{ user: String.raw`\u0141ukasz` }])
  })

  it('is what was answered, NUL and all that looks like one', async () => {
    await using target = openPostgresTarget({ url: await database('nul'), clock })
    await target.prepare()
    const literal = testCommand(lab, 1)
    const how = handler(() => Promise.resolve([String.raw`\u0000`, 'a\0b', '\\\0']))
    const outcome = { status: 'done', result: [String.raw`\u0000`, 'a\ufffdb', '\\\ufffd'] }
    for (let i = 0; i < 2; i++) expect(await target.execute(literal, how)).toEqual(outcome)
    const refused = testCommand(lab, 1)
    const refuse = handler(() => Promise.reject(new Rejected('x', 'a\0b')))
    for (let i = 0; i < 2; i++) expect(await target.execute(refused, refuse)).toMatchObject({ result: 'a\ufffdb' })
  })

  it('of a refusal without end is its beginning', async () => {
    await using target = openPostgresTarget({ url: await database('big'), clock })
    await target.prepare()
    const command = testCommand(lab, 1)
    const raise = { ...NOTHING, sql: `do $$ begin raise exception '%', repeat('x', 5000000); end $$` }
    const outcome = { status: 'rejected', code: 'P0001', result: `${'x'.repeat(2047)}…` }
    for (let i = 0; i < 2; i++) expect(await target.execute(command, raise)).toEqual(outcome)
    const long = handler(() => Promise.reject(new Rejected('c'.repeat(5_000), `${'x'.repeat(2046)}😀😀`)))
    expect(await target.execute(testCommand(lab, 1), long)).toEqual({
      status: 'rejected',
      code: `${'c'.repeat(2047)}…`,
      result: `${'x'.repeat(2046)}…`,
    })
  })

  it('and cannot be stored is one command that failed, in the log, not the end of all', async () => {
    const url = await database('trigger')
    const log = new LogLines()
    await using target = openPostgresTarget({ url, clock, log })
    await target.prepare()
    await using sql = await connect(url)
    await sql.query(`alter table sheetflow.commands add check ("user" <> 'mallory')`)
    await expect(target.execute(testCommand(lab, 1, { user: 'mallory' }), NOTHING)).rejects.toMatchObject({
      code: 'command/failed',
      details: { sqlState: '23514' },
    })
    expect(log.lines).toMatchObject([{ event: 'command/failed', fields: { sqlState: '23514' } }])
    expect(await target.execute(testCommand(lab, 1), NOTHING)).toMatchObject({ status: 'done' })
  })

  it('waits for a database that takes no writes, which says so; no handler runs', async () => {
    const url = await database('standby')
    const log = new LogLines()
    {
      await using target = openPostgresTarget({ url, clock })
      await target.prepare()
    }
    await using sql = await connect(url)
    await sql.query('alter database standby set default_transaction_read_only = on')
    await using target = openPostgresTarget({ url, clock, log })
    await expect(target.execute(testCommand(lab, 1), NOTHING)).rejects.toMatchObject({
      code: 'source/unreachable',
      retry: 'later',
      details: { sqlState: '25006' },
      fix: expect.stringContaining('primary') as string,
    })
    expect(log.lines).toEqual([])
  })

  it('of parameters without one type is the failure that docs/commands.md tells, and what it says to write is done', async () => {
    await using target = openPostgresTarget({ url: await database('typed'), clock })
    await target.prepare()
    const outcome = (sql: string): Promise<unknown> =>
      target.execute(testCommand(lab, 1, { payload: { id: 5 }, claims: { groups: ['a', 'b'] } }), { ...NOTHING, sql })
    const table = 'create temp table t(i int, t text, j jsonb) on commit drop; '
    expect(await outcome(`${table} insert into t values (:id, :id)`)).toEqual({ status: 'failed', code: '42P08' })
    expect(await outcome(`${table} insert into t(j) values (:user.groups)`)).toEqual({ status: 'failed', code: '22P02' })
    expect(await outcome(`${table} insert into t values (:id::int, :id::text, to_jsonb(:user.groups::text[])) returning *`)).toEqual({
      status: 'done',
      result: { rows: [{ i: 5, t: '5', j: '["a", "b"]' }] },
    })
  })
})
