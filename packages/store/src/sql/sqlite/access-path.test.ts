import type { RowJson } from '@sheetflow/core/message'
import { ALWAYS } from '@sheetflow/core/predicate'
import type { QueryPlan } from '@sheetflow/core/query-plan'
import { filled, plan, sheet, transaction, VIEW } from '@sheetflow/testkit/kits/view-store-lab'
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queryStatement } from '../query-sql.ts'
import { Catalogue } from './catalogue.ts'
import { SQLITE } from './dialect.ts'
import { defineFunctions } from './functions.ts'
import { openSqliteViews } from './view-store.ts'

/** How SQLite finds the rows: what a person indexes must be served by the index, or pages of big views would read them whole. */

const PARENT = 'kit.parents'
const NARROW = 'kit.narrow'
const WIDE = 'kit.wide'
const WIDER = 'kit.wider'
const NOTES = Array.from({ length: 8 }, (_, i) => `note${i}`)
const folder = mkdtempSync(join(tmpdir(), 'sheetflow-access-'))
const file = join(folder, 'views.db')
let db: DatabaseSync

beforeAll(async () => {
  await using store = openSqliteViews(file)
  const columns = { id: 'bigint', customer: 'int', total: { type: 'decimal', p: 12, s: 2 }, note: 'text' } as const
  await store.ensure(sheet(VIEW, 1, columns, { index: ['total', 'note'] }))
  await store.ensure(sheet(NARROW, 1, { id: 'int', note: 'text' }, { index: ['note'] }))
  // The list is announced after its child: the child's table gets the index at its swap.
  await store.ensure(sheet(PARENT, 1, { id: 'int', raw: 'json' }, { lists: { open: { view: VIEW, on: [['customer', 'id']] } } }))
  const notes = Object.fromEntries(NOTES.map((name) => [name, 'text' as const]))
  await store.ensure(sheet(WIDE, 1, { id: 'bigint', group: 'int', ...notes }, { index: ['group', 'note1'] }))
  await store.ensure(sheet(WIDER, 1, { id: 'bigint', raw: 'json', ...notes }))
  const rows = Array.from({ length: 3_000 }, (_, i): RowJson => [String(i), i % 100, `${i}.00`, `n${i}`])
  const changes = [
    filled(1, rows),
    filled(1, [[1, null]], PARENT),
    filled(1, [[1, null]], NARROW),
    filled(1, [], WIDE),
    filled(1, [], WIDER),
  ]
  await store.apply('S', [transaction(1, changes)])
  db = new DatabaseSync(file, { readOnly: true })
  defineFunctions(db)
})

afterAll(() => {
  db.close()
  rmSync(folder, { recursive: true })
})

/** The steps of SQLite's own plan. */
function steps(more: Partial<QueryPlan>): string {
  const catalogue = new Catalogue(db)
  catalogue.views()
  const { text, values } = queryStatement(
    SQLITE,
    (view, generation) => catalogue.table(view, generation),
    plan(1, ['id'], { limit: 50, ...more }),
  )
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values)
  return rows.map((row) => String(row['detail'])).join('; ')
}

describe('access paths', () => {
  test.each([
    ['by key', { where: { op: 'eq', column: 'id', value: '7' } }, /SEARCH t0 USING PRIMARY KEY \(c0=\?\)/],
    ['by several keys', { where: { op: 'in', column: 'id', values: ['7', '8'] } }, /SEARCH t0 USING PRIMARY KEY \(c0=\?\)/],
    ['equality', { where: { op: 'eq', column: 'note', value: 'n7' } }, /SEARCH t0 USING COVERING INDEX v\d+_3 \(c3=\?\)/],
    [
      'range',
      { where: { op: 'between', column: 'total', low: '5.00', high: '9.00' } },
      /SEARCH t0 USING COVERING INDEX v\d+_2 \(c2>\? AND c2<\?\)/,
    ],
    ['prefix', { where: { op: 'prefix', column: 'note', value: 'n12' } }, /SEARCH t0 USING COVERING INDEX v\d+_3 \(c3>\? AND c3<\?\)/],
    ['Blank', { where: { op: 'blank', column: 'note' } }, /SEARCH t0 USING COVERING INDEX v\d+_3 \(c3=\?\)/],
  ] as const)('%s', (_name, more, expected) => {
    expect(steps(more)).toMatch(expected)
  })

  test('an order by an indexed column reads the index, without sorting more than ties', () => {
    expect(steps({ order: [{ column: 'total', direction: 'asc' }] })).toMatch(/SCAN t0 USING COVERING INDEX v\d+_2/)
    expect(steps({ order: [{ column: 'total', direction: 'asc' }] })).not.toMatch(/TEMP B-TREE FOR ORDER BY/)
    expect(steps({ order: [{ column: 'total', direction: 'desc' }] })).toMatch(/SCAN t0 USING COVERING INDEX v\d+_2/)
    expect(steps({ where: ALWAYS, view: NARROW, order: [{ column: 'note', direction: 'asc' }] })).not.toMatch(/TEMP B-TREE/)
  })

  test('of wide rows only the keys are sorted, and the rows found by them in that order', () => {
    const order = [{ column: 'note0', direction: 'desc' as const }]
    const sorted = steps({ view: WIDE, columns: NOTES, where: { op: 'eq', column: 'group', value: 7 }, order })
    expect(sorted).toMatch(
      /SEARCH t0 USING INDEX v\d+_1 \(c1=\?\); USE TEMP B-TREE FOR ORDER BY; SCAN h2; SEARCH r1 USING PRIMARY KEY \(c0=\?\)$/,
    )
    expect(steps({ view: WIDER, columns: NOTES, order })).toMatch(/SCAN h2; SEARCH r1 USING INTEGER PRIMARY KEY \(rowid=\?\)$/)
    // Where an index has the order, the keys come out of it alone.
    expect(steps({ view: WIDE, columns: NOTES, order: [{ column: 'note1', direction: 'asc' }] })).toMatch(
      /SCAN t0 USING COVERING INDEX v\d+_3; SCAN h2/,
    )
    // What is in the order of the key, or short, is read at once.
    expect(steps({ view: WIDE, columns: NOTES, order: [] })).toMatch(/SCAN r1$/)
    expect(steps({ view: WIDE, columns: NOTES.slice(0, 5), order })).toMatch(/SCAN r1$/)
  })

  test('a page goes on where the last one ended', () => {
    const order = [{ column: 'total', direction: 'asc' as const }]
    expect(steps({ order, after: { order: ['100.00'], key: ['100'] } })).toMatch(/SEARCH t0 USING COVERING INDEX v\d+_2 \(c2>\?\)/)
    expect(steps({ after: { order: [], key: ['100'] } })).toMatch(/SEARCH t0 USING PRIMARY KEY \(c0>\?\)/)
  })

  test('a nested list looks its rows up', () => {
    const nested = [{ as: 'open', on: [['customer', 'id'] as const], plan: plan(1, ['id'], { order: [] }) }]
    expect(steps({ view: PARENT, nested })).toMatch(/SEARCH t2 USING COVERING INDEX v\d+_1 \(c1=\?\)/)
  })
})
