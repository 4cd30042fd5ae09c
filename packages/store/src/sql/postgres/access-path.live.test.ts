import type { RowJson } from '@sheetflow/core/message'
import type { QueryPlan } from '@sheetflow/core/query-plan'
import { filled, plan, sheet, transaction, VIEW } from '@sheetflow/testkit/kits/view-store-lab'
import { connect, LivePostgres, type TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queryStatement } from '../query-sql.ts'
import { CatalogueReader } from './catalogue.ts'
import { POSTGRES } from './dialect.ts'
import { openPostgresViews } from './view-store.ts'

/** How Postgres finds the rows: what a person indexes must be served by the index, or pages of big views would read them whole. */

const SCHEMA = 'paths'
const PARENT = 'kit.parents'
const LONG = 'kit.long'
let server: LivePostgres
let db: TestClient

beforeAll(async () => {
  server = await LivePostgres.start()
  const url = server.url('postgres')
  await using store = await openPostgresViews({ url, schema: SCHEMA })
  const columns = { id: 'bigint', customer: 'int', total: { type: 'decimal', p: 12, s: 2 }, note: 'text' } as const
  await store.ensure(sheet(VIEW, 1, columns, { index: ['total', 'note'], search: ['note'] }))
  // The list is announced after its child: the child's table gets the index at its swap.
  await store.ensure(sheet(PARENT, 1, { id: 'int', raw: 'json' }, { lists: { open: { view: VIEW, on: [['customer', 'id']] } } }))
  const rows = Array.from({ length: 20_000 }, (_, i): RowJson => [String(i), i % 1_000, `${i}.00`, `n${i}`])
  const parents = Array.from({ length: 1_000 }, (_, i): RowJson => [i, null])
  await store.ensure(sheet(LONG, 1, { id: 'text', n: 'int' }, { index: ['n'] }))
  const long = Array.from({ length: 20_000 }, (_, i): RowJson => [`${i === 7 ? unpacked(3_000) : ''}${i}`, i % 1_000])
  await store.apply('S', [transaction(1, [filled(1, rows), filled(1, parents, PARENT), filled(1, long, LONG)])])
  db = await connect(url)
  await db.query('set search_path to pg_catalog')
})

afterAll(async () => {
  await db.end()
  await server.end()
})

/** A text that is as long in an index as it is. */
function unpacked(letters: number): string {
  return Array.from({ length: letters }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('')
}

/** The nodes of Postgres' own plan. */
async function steps(more: Partial<QueryPlan>): Promise<string> {
  const reader = new CatalogueReader(SCHEMA)
  const catalogue = reader.read((await db.query<object>(reader.sql)).rows.map(numbers))
  const { text, values } = queryStatement(
    POSTGRES,
    (view, generation) => catalogue.table(view, generation),
    plan(1, ['id'], { limit: 50, ...more }),
  )
  const { rows } = await db.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, [...values])
  // The bound below errors has very many digits.
  return rows.map((row) => row['QUERY PLAN'].trim().replaceAll(/\d{50,}/g, '…')).join('; ')
}

/** As our own connections read them. */
function numbers(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, /^(generation|epoch|offset|id)$/.test(name) ? Number(value) : value]),
  )
}

describe('access paths', () => {
  test.each([
    ['by key', { where: { op: 'eq', column: 'id', value: '7' } }, /Index Only Scan using v\d+_pkey .*Index Cond: \(c0 = '7'::numeric\)/],
    ['by several keys', { where: { op: 'in', column: 'id', values: ['7', '8'] } }, /v\d+_pkey .*Index Cond: \(c0 = ANY/],
    ['equality', { where: { op: 'eq', column: 'note', value: 'n7' } }, /v\d+_3 .*Index Cond: \(c3 = 'n7'::text\)/],
    ['range', { where: { op: 'between', column: 'total', low: '5.00', high: '9.00' } }, /v\d+_2 .*Index Cond: \(\(c2 >= 5\.00\) AND /],
    [
      'prefix',
      { where: { op: 'prefix', column: 'note', value: 'n1234' } },
      /v\d+_3 .*Index Cond: \(\(c3 >= 'n1234'::text\) AND \(c3 < 'n1235'::text\)\)/,
    ],
    ['Blank', { where: { op: 'blank', column: 'note' } }, /v\d+_3 .*Index Cond: \(c3 = ''::text\)/],
  ] as const)('%s', async (_name, more, expected) => {
    expect(await steps(more)).toMatch(expected)
  })

  test('an order by an indexed column reads the index, without sorting more than ties', async () => {
    const ascending = await steps({ order: [{ column: 'total', direction: 'asc' }] })
    expect(ascending).toMatch(/Index (Only )?Scan using v\d+_2/)
    expect(ascending).not.toMatch(/Sort/)
    expect(await steps({ order: [{ column: 'total', direction: 'desc' }] })).toMatch(
      /Incremental Sort.*Index (Only )?Scan Backward using v\d+_2/,
    )
  })

  test('a page goes on where the last one ended', async () => {
    const order = [{ column: 'total', direction: 'asc' as const }]
    expect(await steps({ order, after: { order: ['15000.00'], key: ['15000'] } })).toMatch(/v\d+_2 .*Index Cond: \(c2 >= 15000\.00\)/)
    expect(await steps({ after: { order: [], key: ['15000'] } })).toMatch(/v\d+_pkey .*Index Cond: \(c0 > '15000'::numeric\)/)
  })

  test('where a key is too long for a B-tree, rows are found by its hash, and by indexes that do without it', async () => {
    const path = await steps({ view: LONG, where: { op: 'eq', column: 'id', value: '8' } })
    expect(path).toMatch(/v\d+_hash_0.*Index Cond: \(c0 = '8'::text\)/)
    expect(await steps({ view: LONG, where: { op: 'in', column: 'id', values: ['8', '9'] } })).toMatch(/v\d+_hash_0/)
    expect(await steps({ view: LONG, where: { op: 'eq', column: 'n', value: 7 } })).toMatch(/v\d+_1\b.*Index Cond: \(c1 = /)
    expect(await steps({ view: LONG, order: [{ column: 'n', direction: 'asc' }] })).toMatch(/Incremental Sort.*using v\d+_1\b/)
  })

  test('a nested list looks its rows up', async () => {
    const nested = [{ as: 'open', on: [['customer', 'id'] as const], plan: plan(1, ['id'], { order: [] }) }]
    expect(await steps({ view: PARENT, nested })).toMatch(/on v\d+_1\b.*Index Cond: \(c1 = t0\.c0\)/)
  })
})
