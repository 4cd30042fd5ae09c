import { must } from '@sheetflow/core/assert'
import { boundGraph, tableSchema } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { deployment, GraphBench, NOW } from '../testing/graph-bench.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const
const ORDERS = 'shop!public.orders'

function sketch(
  sheets: GraphSketch['sheets'],
  columns: GraphSketch['tables'][string]['columns'] = { id: INT, total: INT, status: TEXT, note: TEXT },
): GraphSketch {
  return { tables: { [ORDERS]: { columns } }, sheets }
}

const OPEN = boundGraph(
  sketch({
    's.open': { rows: '=FILTER(shop!orders, shop!orders[status]="open")', columns: { double: '=[@total]*2' }, keep: ['total', 'double'] },
  }),
)
const [TABLE] = OPEN.tables
const SCHEMA = must(TABLE).schema

const open = (id: number, total: number): ['c', [number], [number, number, string, string], null] => [
  'c',
  [id],
  [id, total, 'open', 'n'],
  null,
]
const run = (kind: 'start' | 'loaded', number: number) => ({ kind, run: number, tables: ['public.orders'] }) as const

function started(): GraphBench {
  const bench = new GraphBench({ a: OPEN })
  bench.start('a', OPEN)
  return bench
}

describe('a graph', () => {
  it('publishes nothing of a view before its tables are loaded, then all of it at once', () => {
    const bench = new GraphBench({ a: OPEN })
    bench.schema('shop', SCHEMA)
    bench.control('shop', run('start', 1))
    bench.deploy('a')
    bench.rows([ORDERS, ['r', [1], [1, 5, 'open', 'n'], null]])
    expect(bench.reader.views.has('s.open')).toBe(false)
    const output = bench.control('shop', run('loaded', 1))
    expect(output.views).toMatchObject([
      { view: 's.open', control: { generation: 1, status: 'ready' }, rows: [['c', [1], [1, 5, 10], null]] },
    ])
  })

  it('law 12: rows of a large step are made as they are read, from the state before and after it', () => {
    const bench = started()
    const many = Array.from({ length: 100_001 }, (_, id) => id)
    expect(bench.rows([ORDERS, ...many.map((id) => open(id, 1))]).views[0]?.rows).toHaveLength(100_001)
    bench.enter([ORDERS, ...many.map((id) => ['u', [id], [id, 2, 'open', 'n'], null] as const)])
    const inputs = { SF_SRC_shop: { epoch: 1, offset: 99 } }
    const output = bench.graph.commit(NOW, [], inputs)
    expect(Array.isArray(output.views[0]?.rows)).toBe(false)
    const [first] = output.views[0]?.rows ?? []
    expect(first).toEqual(['u', [0], [0, 2, 4], [0, 1, 2]])
    bench.reader.apply(output)
    expect(bench.rows([ORDERS, ['d', [100_000], null, null]]).views[0]?.rows).toEqual([['d', [100_000], null, [100_000, 2, 4]]])
    expect(bench.reader.rows('s.open')).toHaveLength(100_000)
  })

  it('enters, stays and leaves as create, update and delete; what readers do not see leaves nothing', () => {
    const bench = started()
    expect(bench.rows([ORDERS, open(1, 5)]).views[0]?.rows).toEqual([['c', [1], [1, 5, 10], null]])
    expect(bench.rows([ORDERS, ['u', [1], [1, 6, 'open', 'n'], null]]).views[0]?.rows).toEqual([['u', [1], [1, 6, 12], [1, 5, 10]]])
    expect(bench.rows([ORDERS, ['u', [1], [1, 6, 'open', 'other'], null]]).views).toEqual([])
    expect(bench.rows([ORDERS, ['u', [1], [1, 6, 'paid', 'n'], null]]).views[0]?.rows).toEqual([['d', [1], null, [1, 6, 12]]])
    expect(bench.rows([ORDERS, open(2, 1)], [ORDERS, ['d', [2], null, null]]).views).toEqual([])
  })

  it('fills unchanged cells from its own copy, also over a changed key', () => {
    const bench = started()
    bench.rows([ORDERS, open(1, 5)])
    bench.rows([ORDERS, ['u', [1], [1, { '~': 1 }, 'open', { '~': 1 }], null]])
    const moved = bench.rows([ORDERS, ['d', [1], null, null], ['c', [9], [9, { '~': 1 }, 'open', { '~': 1 }], null]])
    expect(moved.views[0]?.rows).toEqual([
      ['d', [1], null, [1, 5, 10]],
      ['c', [9], [9, 5, 10], null],
    ])
  })

  it('wants a row read again whose unchanged cells have no base, until it comes', () => {
    const bench = started()
    bench.rows([ORDERS, ['u', [7], [7, { '~': 1 }, 'open', 'n'], null]])
    expect(bench.graph.wants()).toMatchObject([{ kind: 'reread', source: 'shop', table: 'public.orders', keys: [['7']] }])
    expect(bench.reader.rows('s.open')).toEqual([])
    bench.rows([ORDERS, ['r', [7], [7, 3, 'open', 'n'], null]])
    expect(bench.graph.wants()).toEqual([])
    expect(bench.reader.rows('s.open')).toEqual([[7, 3, 6]])
  })

  it('ignores a row without a base before the table is loaded', () => {
    const bench = new GraphBench({ a: OPEN })
    bench.schema('shop', SCHEMA)
    bench.control('shop', run('start', 1))
    bench.deploy('a')
    bench.rows([ORDERS, ['u', [7], [7, { '~': 1 }, 'open', 'n'], null]])
    expect(bench.graph.wants()).toEqual([])
  })

  it('a later run makes views stale; what it did not set has vanished', () => {
    const bench = started()
    bench.rows([ORDERS, open(1, 5), open(2, 6), open(3, 7)])
    expect(bench.control('shop', run('start', 2)).views).toMatchObject([{ control: { generation: 1, status: 'stale' }, rows: [] }])
    bench.rows([ORDERS, ['r', [1], [1, 5, 'open', 'n'], null], ['u', [3], [3, 8, 'open', 'n'], null]])
    const loaded = bench.control('shop', run('loaded', 2))
    expect(loaded.views).toMatchObject([{ control: { generation: 1, status: 'ready' }, rows: [['d', [2], null, [2, 6, 12]]] }])
  })

  it('after a new epoch nothing is published until it is loaded, then a new generation', () => {
    const bench = started()
    bench.rows([ORDERS, open(1, 5)])
    const epoch = bench.control('shop', { kind: 'epoch', epoch: 2, reason: 'slot lost', from: null })
    expect(epoch.views).toMatchObject([{ control: { generation: 1, status: 'stale' }, rows: [] }])
    bench.control('shop', run('start', 2))
    expect(bench.rows([ORDERS, ['r', [4], [4, 1, 'open', 'n'], null]]).views).toEqual([])
    expect(bench.control('shop', run('loaded', 2)).views).toMatchObject([
      { control: { generation: 2 }, rows: [['c', [4], [4, 1, 2], null]] },
    ])
  })

  it('a dropped column is #REF!, exactly where it is read', () => {
    const bench = started()
    bench.rows([ORDERS, open(1, 5)])
    const { columns } = SCHEMA
    bench.schema('shop', { ...SCHEMA, schema: 2, columns: columns.filter((column) => column.name !== 'total') })
    expect(bench.reader.rows('s.open')).toEqual([[1, { e: '#REF!', of: 'total' }, { e: '#REF!', of: 'total' }]])
    bench.rows([ORDERS, ['c', [2], [2, 'open', 'n'], null]])
    expect(bench.reader.rows('s.open')[1]).toEqual([2, { e: '#REF!', of: 'total' }, { e: '#REF!', of: 'total' }])
  })

  it('a retyped column is #VALUE! until a deployment reads the new one, which the run has filled', () => {
    const wide = boundGraph(
      sketch(
        {
          's.open': {
            rows: '=FILTER(shop!orders, shop!orders[status]="open")',
            columns: { double: '=[@total]*2' },
            keep: ['total', 'double'],
          },
        },
        { id: INT, total: { type: 'decimal' }, status: TEXT, note: TEXT },
      ),
    )
    const bench = new GraphBench({ a: OPEN, b: wide })
    bench.start('a', OPEN)
    bench.rows([ORDERS, open(1, 5)])
    bench.schema('shop', tableSchema('public.orders', { columns: { id: INT, total: { type: 'decimal' }, status: TEXT, note: TEXT } }, 2))
    expect(bench.reader.rows('s.open')).toEqual([[1, { e: '#VALUE!', of: 'total' }, { e: '#VALUE!', of: 'total' }]])
    bench.control('shop', run('start', 2))
    bench.rows([ORDERS, ['r', [1], [1, '5.5', 'open', 'n'], null]])
    bench.deploy('b')
    expect(bench.graph.active?.deployment.version).toBe('a')
    bench.control('shop', run('loaded', 2))
    bench.wanted()
    expect(bench.reader.rows('s.open')).toEqual([[1, '5.5', '11']])
  })

  it('a deployment that needs a column which was not kept waits for a snapshot, while the old one serves', () => {
    const noted = boundGraph(sketch({ 's.notes': { rows: '=shop!orders', keep: ['note'] } }))
    const bench = new GraphBench({ a: OPEN, b: noted })
    bench.start('a', OPEN)
    bench.rows([ORDERS, open(1, 5)])
    bench.deploy('b')
    expect(bench.graph.wants()).toMatchObject([{ kind: 'resnapshot', source: 'shop', tables: ['public.orders'] }])
    expect(bench.rows([ORDERS, open(2, 6)]).views).toMatchObject([{ view: 's.open' }])
    bench.control('shop', run('start', 2))
    expect(bench.graph.wants()).toEqual([])
    bench.rows([ORDERS, ['r', [1], [1, 5, 'open', 'n'], null], ['r', [2], [2, 6, 'open', 'm'], null]])
    bench.control('shop', run('loaded', 2))
    bench.wanted()
    expect(bench.reader.rows('s.notes')).toEqual([
      [1, 'n'],
      [2, 'm'],
    ])
    // The view that is no more has no rows and no reader.
    expect(bench.reader.views.get('s.open')).toMatchObject({ generation: 2, rows: new Map() })
    expect(bench.reader.views.get('s.open')?.schema.read).toBeUndefined()
  })

  it('publishes again what a store asks for', () => {
    const bench = started()
    bench.rows([ORDERS, open(1, 5)])
    const output = bench.inbox({ v: 1, kind: 'refill', views: ['s.open'] })
    expect(output.views).toMatchObject([
      { view: 's.open', control: { generation: 2, status: 'ready' }, rows: [['c', [1], [1, 5, 10], null]] },
    ])
  })

  it('tries a deployment again when the table that it misses becomes known', () => {
    const bench = new GraphBench({ a: OPEN })
    bench.deploy('a')
    expect(bench.graph.problem).toMatchObject({ version: 'a', problems: [`no table ${ORDERS}`] })
    bench.schema('shop', SCHEMA)
    expect(bench.graph.problem).toBeNull()
    expect(bench.graph.prepared?.deployment).toEqual({ v: 1, kind: 'deploy', ...deployment('a') })
  })

  it('activates a deployment that was told to before it could be prepared', () => {
    const bench = new GraphBench({ a: OPEN })
    bench.deploy('a')
    bench.inbox({ v: 1, kind: 'activate', version: 'a' })
    bench.schema('shop', SCHEMA)
    bench.control('shop', run('start', 1))
    expect(bench.graph.active?.deployment.version).toBe('a')
  })

  it('takes edits into a sheet that has rows of its own', () => {
    const rates = boundGraph(
      sketch({ 's.rates': { rows: { columns: { country: TEXT, rate: INT }, data: [['PL', 23]] }, columns: { twice: '=[@rate]*2' } } }),
    )
    const bench = new GraphBench({ a: rates })
    bench.start('a', rates)
    expect(bench.reader.rows('s.rates')).toEqual([['PL', 23, 46]])
    bench.inbox({
      v: 1,
      kind: 'edit',
      sheet: 's.rates',
      changes: [
        ['c', ['DE'], ['DE', 19], null],
        ['d', ['PL'], null, null],
      ],
    })
    expect(bench.reader.rows('s.rates')).toEqual([['DE', 19, 38]])
  })
})
