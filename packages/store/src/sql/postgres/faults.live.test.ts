import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import {
  ask,
  created,
  deleted,
  filled,
  orders,
  plan,
  rows,
  sheet,
  STREAM,
  transaction,
  updated,
  VIEW,
} from '@sheetflow/testkit/kits/view-store-lab'
import { checkModel, modelTransaction, prepareModel } from '@sheetflow/testkit/kits/view-store-model'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { isSheetflowError } from '@sheetflow/core/errors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roomIn } from './btree-room.ts'
import { checkPostgresViews } from './checks.ts'
import type { PostgresStoreOptions } from './connection.ts'
import { openPostgresViews, openPostgresViewsReadOnly } from './view-store.ts'
import { ViewTable } from './view-table.ts'

/** What happens to a store when its server, its role or another session does what it should not. */

let server: LivePostgres
let schemas = 0

beforeAll(async () => {
  server = await LivePostgres.start()
})

afterAll(async () => {
  await server.end()
})

function place(): PostgresStoreOptions {
  return { url: server.url('postgres'), schema: `fault_${++schemas}`, connections: 3 }
}

/** The error that it ends with. */
async function failure(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => (isSheetflowError(error) ? error.toJSON() : error),
  )
}

const A: RowJson = ['1', 7, '9.50', 'first']
const B: RowJson = ['2', 7, '1.00', null]

async function withTwo(at: PostgresStoreOptions): Promise<ViewStore> {
  const store = await openPostgresViews(at)
  await store.ensure(orders(1))
  await store.apply(STREAM, [transaction(1, [filled(1, [A, B])])])
  return store
}

describe('a server that goes away', () => {
  test('readers and the writer go on after kill -9: every answer is a prefix, what is lost is applied again', async () => {
    const at = place()
    await using store = await openPostgresViews(at)
    await prepareModel(store, 1)
    await store.apply(STREAM, [modelTransaction(1)])
    const readers = await Promise.all(Array.from({ length: 3 }, () => openPostgresViewsReadOnly(at)))
    const stop = new AbortController()
    const seen = readers.map(() => new Set<number>())
    const reading = readers.map(async (reader, i) => {
      while (!stop.signal.aborted) {
        const offset = await checkModel(reader).catch((error: unknown) => {
          if (isSheetflowError(error, 'query/not-ready') || isSheetflowError(error, 'store/unavailable')) return null
          throw error
        })
        if (offset !== null) seen[i]?.add(offset)
        // The server needs its share of the machine.
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })
    const writing = (async () => {
      const ends = new Set<string>()
      while (!stop.signal.aborted) {
        try {
          // As a follower does: each life begins at what is stored.
          for (let n = (await store.position(STREAM))?.offset ?? 0; !stop.signal.aborted; n++) {
            await prepareModel(store, n + 1)
            await store.apply(STREAM, [modelTransaction(n + 1)])
          }
        } catch (error) {
          if (!isSheetflowError(error, 'store/unavailable')) throw error
          ends.add(error.code)
        }
      }
      return ends
    })()
    const grown = async (): Promise<void> => {
      const before = seen.map(({ size }) => size)
      await expect.poll(() => seen.every(({ size }, i) => size > (before[i] ?? 0)), { timeout: 120_000 }).toBe(true)
    }
    await grown()
    await server.crash()
    await grown()
    await server.crash()
    await grown()
    stop.abort()
    expect([...(await writing)]).toEqual(['store/unavailable'])
    await Promise.all(reading)
    await checkModel(store)
    for (const reader of readers) await reader[Symbol.asyncDispose]()
  })

  test('one that is not there is store/unavailable, to be tried again', async () => {
    const nowhere = { url: 'postgres://nobody:x@127.0.0.1:1/none', schema: 'x' }
    expect(await failure(openPostgresViews(nowhere))).toMatchObject({ code: 'store/unavailable', retry: 'later' })
    expect(await failure(openPostgresViewsReadOnly(nowhere))).toMatchObject({ code: 'store/unavailable', retry: 'later' })
    expect(await checkPostgresViews(nowhere)).toMatchObject([{ name: 'reach', status: 'fail' }])
  })

  test('a store that no writer has made yet is waited for', async () => {
    expect(await failure(openPostgresViewsReadOnly(place()))).toMatchObject({ code: 'store/unavailable', retry: 'later' })
  })
})

describe('a store that is not what its writer left', () => {
  test('one that was restored to an earlier position takes no change that would leave a gap', async () => {
    const at = place()
    await using store = await withTwo(at)
    await store.apply(STREAM, [transaction(2, [rows(1, [deleted(A)])])])
    await store.apply(STREAM, [transaction(3, [rows(1, [deleted(B)])])])
    await using beside = await connect(at.url)
    await beside.query(`update ${at.schema}.sf_stream set "offset" = 1, tx = '1-1'`)
    const third = transaction(4, [rows(1, [created(A)])])
    expect(await failure(store.apply(STREAM, [third]))).toMatchObject({ code: 'store/unavailable', retry: 'now' })
    // A new life begins at what is stored.
    expect((await store.position(STREAM))?.offset).toBe(1)
    await store.apply(STREAM, [transaction(2, [rows(1, [created(B)])])])
    expect(await ask(store, plan(1, ['id']))).toEqual([{ id: '2' }])
  })

  test('tables that somebody dropped are not made anew under a running writer', async () => {
    const at = place()
    await using store = await withTwo(at)
    await using beside = await connect(at.url)
    await beside.query(`drop schema ${at.schema} cascade`)
    expect(await failure(store.apply(STREAM, [transaction(2, [])]))).toMatchObject({ code: 'store/not-ready', retry: 'never' })
  })

  test('one of a newer format is refused by writers and readers', async () => {
    const at = place()
    await using first = await withTwo(at)
    await first.tidy()
    await using beside = await connect(at.url)
    await beside.query(`update ${at.schema}.sf_store set format = 99`)
    expect(await failure(openPostgresViews(at))).toMatchObject({ code: 'core/unknown-format' })
    expect(await failure(openPostgresViewsReadOnly(at))).toMatchObject({ code: 'core/unknown-format' })
  })
})

describe('a role that may not', () => {
  async function roleIn(name: string, more: Partial<URL> = {}): Promise<PostgresStoreOptions> {
    const url = new URL(await server.database())
    await using admin = await connect(url.href)
    await admin.query(`create role ${name} login password 'right'`)
    Object.assign(url, { username: name, password: 'right', ...more })
    return { url: url.href, schema: 'views' }
  }

  test('make its schema says so; with a schema of its own it needs nothing else', async () => {
    const at = await roleIn('modest')
    expect(await failure(openPostgresViews(at))).toMatchObject({
      code: 'store/not-ready',
      retry: 'never',
      fix: expect.stringContaining('doctor') as string,
    })
    const [refused] = (await checkPostgresViews(at)).filter(({ status }) => status === 'fail')
    expect(refused).toMatchObject({
      name: 'schema',
      fix: expect.stringContaining('CREATE SCHEMA "views" AUTHORIZATION "modest";') as string,
    })
    const own = new URL(at.url)
    Object.assign(own, { username: 'postgres', password: 'postgres' })
    await using admin = await connect(own.href)
    // The very text that was printed.
    await admin.query(refused?.fix ?? '')
    await using store = await withTwo(at)
    expect(await ask(store, plan(1, ['id']))).toEqual([{ id: '1' }, { id: '2' }])
    expect((await checkPostgresViews(at)).filter(({ status }) => status !== 'ok')).toMatchObject([{ name: 'fsync' }])
    await using reader = await openPostgresViewsReadOnly(at)
    expect(await ask(reader, plan(1, ['note']))).toEqual([{ note: 'first' }, { note: null }])
  })

  test('log in says which part of the URL is wrong', async () => {
    const at = await roleIn('locked_out', { password: 'wrong' })
    expect(await failure(openPostgresViews(at))).toMatchObject({ code: 'store/not-ready', details: { sqlState: '28P01' } })
    const lost = { url: at.url.replace('wrong', 'right').replace(/\/t\d+$/, '/nowhere'), schema: 'views' }
    expect(await failure(openPostgresViews(lost))).toMatchObject({ code: 'store/not-ready', details: { sqlState: '3D000' } })
  })

  test('store Unicode, because its database is of another encoding', async () => {
    await using admin = await connect(server.url('postgres'))
    await admin.query("create database latin encoding 'LATIN1' locale 'C' template template0")
    const at = { url: server.url('latin'), schema: 'views' }
    expect(await failure(openPostgresViews(at))).toMatchObject({
      code: 'store/not-ready',
      fix: expect.stringContaining("ENCODING 'UTF8'") as string,
    })
    expect((await checkPostgresViews(at)).filter(({ status }) => status === 'fail')).toMatchObject([{ name: 'encoding' }])
  })
})

describe('other sessions', () => {
  test('a reader in an old generation is waited for, then the table goes', async () => {
    const at = place()
    await using store = await withTwo(at)
    await using beside = await connect(at.url)
    await beside.query(`begin; select from ${at.schema}.v1`)
    await store.ensure(orders(2))
    await store.apply(STREAM, [transaction(2, [filled(2, [B])])])
    expect(await failure(store.tidy())).toMatchObject({ code: 'store/unavailable', retry: 'later', details: { sqlState: '55P03' } })
    await store.apply(STREAM, [transaction(3, [rows(2, [created(A)])])])
    await beside.query('commit')
    expect([await store.tidy(), await store.tidy()]).toEqual([true, false])
    expect(await ask(store, plan(2, ['id']))).toEqual([{ id: '1' }, { id: '2' }])
    const left = await beside.query(`select from pg_tables where schemaname = $1 and tablename like 'v%'`, [at.schema])
    expect(left.rowCount).toBe(1)
  })

  test('a connection that an administrator ends is made again', async () => {
    const at = place()
    await using store = await withTwo(at)
    await using beside = await connect(at.url)
    await beside.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'sheetflow %'`)
    expect(await ask(store, plan(1, ['id']))).toEqual([{ id: '1' }, { id: '2' }])
    // What was noticed before is no failure, what was not is one to try again.
    expect([null, expect.objectContaining({ code: 'store/unavailable' })]).toContainEqual(
      await failure(store.apply(STREAM, [transaction(2, [])])),
    )
    await store.apply(STREAM, [transaction(2, [rows(1, [deleted(A)])]), transaction(3, [rows(1, [deleted(B)])])])
    expect((await store.position(STREAM))?.offset).toBe(3)
  })

  test('how long transactions may take here (Postgres 17 has a setting for it) ends none of a store, which fills large views in one', async (context) => {
    const at = place()
    await using beside = await connect(at.url)
    const known = await beside.query(`select from pg_settings where name = 'transaction_timeout'`)
    if (known.rowCount === 0) context.skip('this server has no such setting')
    await using store = await withTwo({ ...at, url: `${at.url}?options=-c%20transaction_timeout%3D300` })
    await beside.query(`begin; lock table ${at.schema}.v1 in access exclusive mode`)
    let isOver = false
    const applied = failure(store.apply(STREAM, [transaction(2, [rows(1, [deleted(A)])])])).finally(() => (isOver = true))
    const waiting = `select from pg_stat_activity where application_name = 'sheetflow writer' and wait_event_type = 'Lock' and now() - xact_start > interval '400 ms'`
    // A session that is in a transaction would see the same again and again.
    await using looking = await connect(at.url)
    await expect.poll(async () => isOver || (await looking.query(waiting)).rowCount === 1, { timeout: 9_000 }).toBe(true)
    await beside.query('commit')
    expect(await applied).toBeNull()
  })
})

/** Bytes that no database presses together. */
function noise(bytes: number, seed: number): string {
  let state = seed + 1
  const sign = (): string => String.fromCharCode(33 + ((state = (state * 48_271) % 2_147_483_647) % 90))
  return Array.from({ length: bytes }, sign).join('')
}

function digits(count: number): string {
  return `7${noise(count - 1, 5).replaceAll(/[^]/g, (sign) => String(sign.charCodeAt(0) % 10))}`
}

describe('values at the bounds of Postgres', () => {
  const LONG =
    'long text '.repeat(10) + Array.from({ length: 4_000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('')

  test('a text that no index can hold is stored, found and ordered all the same', async () => {
    const at = place()
    await using store = await openPostgresViews(at)
    const columns = { id: 'int', note: 'text' } as const
    await store.ensure(sheet(VIEW, 1, columns, { index: ['note'] }))
    await store.apply(STREAM, [transaction(1, [filled(1, [[1, 'b']])])])
    await store.apply(STREAM, [transaction(2, [rows(1, [created([2, LONG]), updated([1, 'b'], [1, 'z'])])])])
    const order = [{ column: 'note', direction: 'asc' as const }]
    const found = async (generation: number): Promise<unknown> => [
      await ask(store, plan(generation, ['id'], { order })),
      await ask(store, plan(generation, ['id'], { where: { op: 'eq', column: 'note', value: LONG } })),
    ]
    expect(await found(1)).toEqual([[{ id: 2 }, { id: 1 }], [{ id: 2 }]])
    // The same in a generation that has it from the start, and in one whose long text went.
    await store.ensure(sheet(VIEW, 2, columns, { index: ['note'] }))
    await store.apply(STREAM, [
      transaction(3, [
        filled(2, [
          [1, 'z'],
          [2, LONG],
        ]),
      ]),
    ])
    expect(await found(2)).toEqual([[{ id: 2 }, { id: 1 }], [{ id: 2 }]])
  })

  test.each([
    [1, 0],
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 0],
  ])('%i texts and %i numbers as the key, all as long as an index holds, keep it; one byte more and it goes', async (texts, numbers) => {
    const at = place()
    await using store = await openPostgresViews(at)
    await using beside = await connect(at.url)
    const names = [...Array.from({ length: texts }, (_, i) => `t${i}`), ...Array.from({ length: numbers }, (_, i) => `n${i}`)]
    const types = names.map((name) => [name, name.startsWith('t') ? ('text' as const) : ('decimal' as const)] as const)
    const schema = sheet(
      VIEW,
      1,
      { ...Object.fromEntries(types), at: 'timestamptz', note: 'text' },
      { key: [...names, 'at'], index: ['note'] },
    )
    await store.ensure(schema)
    const table = new ViewTable(at.schema, 1, schema)
    const room = roomIn(table, must(table.indexColumns([table.position('note')])))
    const row = (more: number): RowJson => [
      ...types.map(([, type], i) => (type === 'text' ? noise(room + (i === 0 ? more : 0), i) : digits(2 * (room - 8)))),
      '2026-11-26T19:00:00.123456Z',
      noise(room, 9),
    ]
    const change = (more: number): RowChange => ['c', row(more).slice(0, -1), row(more), null]
    const indexes = async (): Promise<unknown> =>
      (
        await beside.query<{ name: string }>(`select indexname as name from pg_indexes where schemaname = $1 and tablename = 'v1'`, [
          at.schema,
        ])
      ).rows
        .map(({ name }) => name)
        .toSorted()
    await store.apply(STREAM, [transaction(1, [{ view: VIEW, generation: 1, swap: true, status: 'ready', rows: [change(0)] }])])
    expect(await indexes()).toEqual([`v1_${names.length + 1}`, 'v1_pkey'])
    await store.apply(STREAM, [transaction(2, [rows(1, [change(1), change(1)])])])
    expect(await indexes()).toEqual([`v1_${names.length + 1}`, 'v1_hash_0', 'v1_rest'])
    expect(await ask(store, plan(1, ['note']))).toHaveLength(2)
  })

  test('more rows than one statement takes, more fields than one function does', async () => {
    await using store = await openPostgresViews(place())
    const names = Array.from({ length: 120 }, (_, i) => `n${i}`)
    const columns = { id: 'int' as const, ...Object.fromEntries(names.map((name) => [name, 'int' as const])) }
    await store.ensure(sheet(VIEW, 1, columns))
    const all = Array.from({ length: 6_000 }, (_, i): RowJson => [i, ...names.map(() => (i === 5_999 ? 1 : null))])
    await store.apply(STREAM, [transaction(1, [filled(1, all)])])
    const last = await ask(store, plan(1, ['id', ...names], { where: { op: 'ge', column: 'id', value: 5_999 } }))
    expect(last).toEqual([{ id: 5_999, ...Object.fromEntries(names.map((name) => [name, 1])) }])
    expect(await ask(store, plan(1, ['id'], { limit: 20_000 }))).toHaveLength(6_000)
  })

  test('names and texts are never a part of a statement', async () => {
    const at = place()
    await using store = await openPostgresViews(at)
    const evil = `'; DROP SCHEMA ${at.schema} CASCADE; --\\' " $1 $$`
    const view = `kit.${evil}`
    await store.ensure(sheet(view, 1, { [evil]: 'text', n: 'int' }, { index: ['n'], search: [evil], about: evil }))
    await store.apply(evil, [transaction(1, [filled(1, [[evil, 1]], view)])])
    const where = { op: 'in', column: evil, values: [evil] } as const
    expect(await ask(store, plan(1, [evil], { view, where, key: true }))).toEqual([{ [evil]: evil, _key: [evil] }])
    expect(await ask(store, { view, generation: 1, text: evil, where, columns: [evil], limit: 1 })).toEqual([{ [evil]: evil }])
    expect(await store.position(evil)).toMatchObject({ offset: 1 })
  })
})
