import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { CommandHandler } from '@sheetflow/core/ports/target'
import { startFaultProxy } from '@sheetflow/testkit/fault-proxy'
import { testCommand } from '@sheetflow/testkit/kits/target-kit'
import { chosenBinaries } from '@sheetflow/testkit/postgres/majors'
import { startEmbeddedPostgres, temporaryDataDir, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { connect } from '@sheetflow/testkit/postgres/live-postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

async function database(name: string): Promise<string> {
  await using sql = await connect(server.url)
  await sql.query(`create database ${name}`)
  const url = server.url.replace(/postgres$/, name)
  await using inside = await connect(url)
  await inside.query('create table o(id int primary key, n int); insert into o values (1, 0)')
  return url
}

const ADD: CommandHandler = { name: 'add', sql: 'update o set n = n + 1 returning n' }

describe('the time of a command at Postgres', () => {
  it('that is over at COMMIT: only asking again tells, and it was done', async () => {
    const url = await database('committing')
    await using sql = await connect(url)
    await sql.query(`create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(1); return null; end';
      create constraint trigger slow after update on o deferrable initially deferred for each row execute function slow()`)
    {
      await using target = openPostgresTarget({ url, clock })
      await target.prepare()
    }
    await using target = openPostgresTarget({ url, clock, answerMs: 200 })
    const command = testCommand(lab, 1)
    await expect(target.execute(command, ADD)).rejects.toMatchObject({ code: 'source/unreachable', retry: 'later' })
    const again = async (): Promise<unknown> => {
      for (;;) {
        try {
          return await target.execute(command, ADD)
        } catch (error) {
          if (!isSheetflowError(error) || error.retry === 'never') throw error
        }
      }
    }
    expect(await again()).toEqual({ status: 'done', result: { rows: [{ n: 1 }] } })
    expect((await sql.query('select n from o')).rows).toEqual([{ n: 1 }])
  })

  it('ends at the server too when the network swallows everything: others go on', async () => {
    const url = new URL(await database('held'))
    await using proxy = await startFaultProxy(server.port)
    await using direct = openPostgresTarget({ url: url.href, clock })
    await direct.prepare()
    Object.assign(url, { hostname: '127.0.0.1', port: String(proxy.port) })
    await using target = openPostgresTarget({ url: url.href, clock })
    const command = testCommand(lab, 1)
    const held = Promise.withResolvers<void>()
    const loses: CommandHandler = {
      name: 'add',

      timeoutMs: 200,
      run: async ({ db }) => {
        await db.query('update o set n = n + 1')
        proxy.hold()
        held.resolve()
        await db.query('select 1')
        return undefined
      },
    }
    const lost = target.execute(command, loses)
    lost.catch(() => {})
    await held.promise
    const [same, other] = await Promise.all([direct.execute(command, ADD), direct.execute(testCommand(lab, 1), ADD)])
    expect([same.status, other.status]).toEqual(['done', 'done'])
    await expect(lost).rejects.toMatchObject({ code: 'source/unreachable', retry: 'later' })
  })

  it('is watched by the server, which looks for us every few seconds; less, where the business says less', async () => {
    const url = await database('watched')
    const names = ['tcp_keepalives_idle', 'tcp_keepalives_count', 'tcp_user_timeout', 'idle_in_transaction_session_timeout', 'datestyle']
    const show = {
      name: 'show',

      sql: `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`,
    }
    const settings = async (): Promise<unknown> => {
      await using target = openPostgresTarget({ url, clock })
      await target.prepare()
      const { result } = await target.execute(testCommand(lab, 1), show)
      return (result as unknown as { rows: unknown[] }).rows[0]
    }
    const ours = {
      tcp_keepalives_idle: '15',
      tcp_keepalives_count: '3',
      tcp_user_timeout: '30000',
      idle_in_transaction_session_timeout: '35s',
      datestyle: 'ISO, YMD',
    }
    expect(await settings()).toEqual(ours)
    await using sql = await connect(url)
    await sql.query(
      `alter database watched set tcp_user_timeout = '2s'; alter database watched set idle_in_transaction_session_timeout = '9s'`,
    )
    expect(await settings()).toEqual({ ...ours, tcp_user_timeout: '2000', idle_in_transaction_session_timeout: '9s' })
  })
})
