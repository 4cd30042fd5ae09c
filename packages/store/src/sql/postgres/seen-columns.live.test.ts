import type { RowJson } from '@sheetflow/core/message'
import { ask, created, filled, orders, plan, rows, STREAM, transaction } from '@sheetflow/testkit/kits/view-store-lab'
import { connect, LivePostgres, type TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PostgresStoreOptions } from './connection.ts'
import { openPostgresViews, openPostgresViewsReadOnly } from './view-store.ts'

let server: LivePostgres
let db: TestClient
let schemas = 0

beforeAll(async () => {
  server = await LivePostgres.start()
  db = await connect(server.url('postgres'))
})

afterAll(async () => {
  await db.end()
  await server.end()
})

function place(): PostgresStoreOptions {
  return { url: server.url('postgres'), schema: `seen_${++schemas}`, connections: 2 }
}

const A: RowJson = ['1', 7, '9.50', 'first']
const ODD: RowJson = ['2', { e: '#N/A' }, '1.00', null]
const ALL = plan(1, ['id', 'customer', 'total', 'note'])

const content = async (reader: Parameters<typeof ask>[0]): Promise<unknown> => (await ask(reader, ALL)).map((row) => Object.values(row))

/** What the catalogue says of each table, in the order in which they were made. */
async function apart({ schema }: PostgresStoreOptions): Promise<unknown> {
  return (await db.query<{ apart: string | null }>(`select apart from ${schema}.sf_table order by id`)).rows.map((row) => row.apart)
}

describe('what columns have seen', () => {
  test('the catalogue knows of errors once there are some, until the table is emptied', async () => {
    const at = place()
    await using store = await openPostgresViews(at)
    await store.ensure(orders(1))
    await store.apply(STREAM, [transaction(1, [filled(1, [A])])])
    expect(await apart(at)).toEqual(['[]'])
    await store.apply(STREAM, [transaction(2, [rows(1, [created(ODD)])])])
    expect(await apart(at)).toEqual(['[1]'])
    await store.apply(STREAM, [transaction(3, [rows(1, [['t', null, null, null], created(A)])])])
    expect(await apart(at)).toEqual(['[]'])
    expect(await content(store)).toEqual([A])
  })

  test('an older store is read as it is, and migrated when it is opened for writing', async () => {
    const at = place()
    {
      await using store = await openPostgresViews(at)
      await store.ensure(orders(1))
      await store.ensure(orders(2))
      await store.apply(STREAM, [transaction(1, [filled(1, [A, ODD])])])
    }
    // What a program of the version before would have left.
    await db.query(`alter table ${at.schema}.sf_table drop column apart; update ${at.schema}.sf_store set format = 1`)
    // Who serves is upgraded first.
    await using reader = await openPostgresViewsReadOnly(at)
    expect(await content(reader)).toEqual([A, ODD])
    await using store = await openPostgresViews(at)
    expect(await content(reader)).toEqual([A, ODD])
    expect(await apart(at)).toEqual([null, null])
    expect((await db.query(`select format from ${at.schema}.sf_store`)).rows).toEqual([{ format: 2 }])
    const more: RowJson = ['3', 1, { e: '#REF!' }, { b: 'cd'.repeat(32), n: 300_000 }]
    await store.apply(STREAM, [transaction(2, [rows(1, [created(more)])])])
    for (const who of [reader, store]) expect(await content(who)).toEqual([A, ODD, more])
    expect(await apart(at)).toEqual([null, null])
    await store.apply(STREAM, [transaction(3, [filled(2, [A])])])
    await store.apply(STREAM, [transaction(4, [filled(2, [A])])])
    // Filled anew in a table of its own, it is known.
    expect(await apart(at)).toEqual([null, null, '[]'])
    for (const who of [reader, store]) expect(await ask(who, { ...ALL, generation: 2 })).toHaveLength(1)
  })
})
