import { SheetflowError } from '@sheetflow/core/errors'
import type { KeyJson, RowChange } from '@sheetflow/core/message'
import { must } from '@sheetflow/core/assert'
import type { BoundTable } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { Checkpoints } from '../graph/checkpoint.ts'
import { GraphBench } from '../testing/graph-bench.ts'

const INT = { type: 'int' } as const
const ORDERS = 'shop!public.orders'
const GRAPH = boundGraph({
  tables: {
    [ORDERS]: { columns: { id: INT, total: { type: 'decimal', p: 12, s: 2 }, status: { type: 'text' } } },
    'shop!public.notes': { columns: { id: INT, text: { type: 'text' } } },
  },
  sheets: {
    's.open': { rows: '=FILTER(shop!orders, shop!orders[status]="open")', columns: {} },
    's.notes': { rows: '=shop!notes', columns: {} },
  },
})

const open = (id: number, total: unknown = '5.00'): RowChange => ['c', [id], [id, total, 'open'] as never, null]
const husk = (key: readonly unknown[]): RowChange => ['u', key as KeyJson, [], null]

function started(): GraphBench {
  const bench = new GraphBench({ a: GRAPH })
  bench.start('a', GRAPH)
  return bench
}

function dead(bench: GraphBench, table: string | null, source: string | null = 'shop') {
  bench.graph.source(source, { kind: 'dead', offset: 7, table, error: new SheetflowError('core/bad-message', 'is not JSON') })
  return bench.commit()
}

const status = (bench: GraphBench, view = 's.open'): string | undefined => bench.reader.views.get(view)?.status

describe('what cannot be read', () => {
  it.each([
    ['a row without its cells', husk([1]), 'core/bad-message'],
    ['a row with a cell too few', ['u', [1], [1, '6.00'], null] as RowChange, 'core/bad-message'],
  ])('%s does not enter: the row stays as it was, its views are stale, the source is asked for it', (_, bad, code) => {
    const bench = started()
    bench.rows([ORDERS, open(1), open(2)])
    const output = bench.rows([ORDERS, bad, ['u', [2], [2, '7.00', 'open'], null]])
    expect(output.views).toMatchObject([
      { view: 's.open', control: { status: 'stale' }, rows: [['u', [2], [2, '7.00', 'open'], expect.anything()]] },
    ])
    expect(output.letters?.open).toMatchObject([{ state: 'open', source: 'shop', table: 'public.orders', key: [1], code, times: 1 }])
    expect(bench.reader.rows('s.open')[0]).toEqual([1, '5.00', 'open'])
    expect(bench.graph.wants()).toMatchObject([{ kind: 'reread', source: 'shop', table: 'public.orders', keys: [['1']] }])
    expect(status(bench, 's.notes')).toBe('ready')
  })

  it('a cell of another type is #VALUE!, the others of its row are right', () => {
    const bench = started()
    const output = bench.rows([ORDERS, ['c', [1], [1, { x: 1 } as never, 'open'], null]])
    expect(bench.reader.rows('s.open')).toEqual([[1, { e: '#VALUE!' }, 'open']])
    expect(output.letters?.open).toMatchObject([
      { key: [1], column: 'total', code: 'core/bad-value', reason: 'the cell of total is no decimal' },
    ])
    expect(status(bench)).toBe('stale')
  })

  it('a cell error that the source sent is none', () => {
    const bench = started()
    bench.rows([ORDERS, ['c', [1], [1, { e: '#VALUE!', of: 'total' }, 'open'], null]])
    expect(bench.graph.letters.size).toBe(0)
    expect(status(bench)).toBe('ready')
  })

  it.each([
    ['another type', ['1']],
    ['too many parts', [1, 2]],
    ['no part', []],
    ['Blank where the table has none', [null]],
  ])('a key of %s: any row may be meant, so the table is read again', (_, key) => {
    const bench = started()
    bench.rows([ORDERS, ['d', key, null, null]])
    expect(bench.graph.letters.open).toMatchObject([{ key: null }])
    expect(bench.graph.wants()).toMatchObject([{ kind: 'resnapshot', source: 'shop', tables: ['public.orders'] }])
  })

  it('a key that is another than the cells say is no key', () => {
    const bench = started()
    bench.rows([ORDERS, ['u', [1], [2, '5.00', 'open'], null]])
    expect(bench.graph.letters.open).toMatchObject([{ key: null }])
    expect(bench.reader.rows('s.open')).toEqual([])
  })

  it('a whole message: the table is read again, and a run that was under way then is not enough', () => {
    const bench = started()
    bench.control('shop', { kind: 'start', run: 2, tables: ['public.orders'] })
    const output = dead(bench, 'public.orders')
    expect(output.letters?.open).toMatchObject([{ id: 'shop-7', key: null, stream: 'SF_SRC_shop', offset: 7, reason: 'is not JSON' }])
    bench.control('shop', { kind: 'loaded', run: 2, tables: ['public.orders'] })
    expect(status(bench)).toBe('stale')
    bench.control('shop', { kind: 'start', run: 3, tables: ['public.orders'] })
    bench.control('shop', { kind: 'loaded', run: 3, tables: ['public.orders'] })
    expect(status(bench)).toBe('ready')
    expect(bench.graph.letters.save().closed).toMatchObject([{ state: 'healed' }])
  })

  it('of a table that nobody reads is passed over; of the inbox it is kept, and no view is stale for it', () => {
    const bench = started()
    expect(dead(bench, 'public.other').letters).toBeNull()
    const output = dead(bench, null, null)
    expect(output.letters?.open).toMatchObject([{ id: 'inbox-7', source: null, stream: 'SF_IN_GRAPH_g' }])
    expect([status(bench), status(bench, 's.notes'), bench.graph.wants()]).toEqual(['ready', 'ready', []])
    bench.inbox({ v: 1, kind: 'letter', action: 'drop', ids: ['inbox-7'] })
    expect(bench.graph.letters.size).toBe(0)
  })

  it('rows of a schema that is not on the bus do not stop the graph', () => {
    const bench = started()
    bench.graph.source('shop', {
      kind: 'rows',
      offset: 9,
      message: { v: 1, tx: 't', first: 0, table: 'public.orders', schema: 8, rows: [open(1)] },
    })
    expect(bench.commit().letters?.open).toMatchObject([{ key: null, reason: 'rows are of schema 8, which is not on the bus' }])
    expect(status(bench)).toBe('stale')
  })
})

it('a row whose key cannot be read parts the rows beside it: the one behind it takes no cells from the one before it', () => {
  const bench = started()
  bench.rows([ORDERS, open(1, '1.00'), open(2, '2.00')])
  bench.rows([ORDERS, ['d', [1], null, null], ['d', [{ x: 1 }] as never, null, null], ['c', [3], [3, { '~': 1 }, 'open'], null]])
  expect(bench.reader.rows('s.open')).toEqual([[2, '2.00', 'open']])
  expect(bench.graph.letters.open.map(({ key }) => key)).toEqual([null, [3]])
})

describe('a letter is closed', () => {
  const poisoned = (): GraphBench => {
    const bench = started()
    bench.rows([ORDERS, open(1), open(2)])
    bench.rows([ORDERS, husk([1])])
    expect(status(bench)).toBe('stale')
    return bench
  }

  it.each([
    ['read again', ['r', [1], [1, '6.00', 'open'], null]],
    ['changed as a whole', ['u', [1], [1, '6.00', 'paid'], null]],
    ['deleted', ['d', [1], null, null]],
    ['emptied with its table', ['t', null, null, null]],
  ] as [string, RowChange][])('when its row is %s', (_, change) => {
    const bench = poisoned()
    const output = bench.rows([ORDERS, change])
    expect(output.views[0]?.control).toMatchObject({ status: 'ready' })
    expect(output.letters).toMatchObject({ open: [], closed: [{ state: 'healed', key: [1] }], total: 1 })
    expect(bench.graph.wants()).toEqual([])
  })

  it('not by a change that leaves a cell as it was, nor by one of another row', () => {
    const bench = poisoned()
    bench.rows([ORDERS, ['u', [1], [1, { '~': 1 }, 'open'], null], ['u', [2], [2, '1.00', 'open'], null]])
    expect(status(bench)).toBe('stale')
  })

  it('and opened for the row into which doubtful cells move', () => {
    const bench = poisoned()
    bench.rows([ORDERS, ['d', [1], null, null], ['c', [9], [9, { '~': 1 }, 'open'], null]])
    expect(bench.graph.letters.open).toMatchObject([{ key: [9] }])
    expect(status(bench)).toBe('stale')
  })

  it('and opened for a row whose base was set aside', () => {
    const bench = poisoned()
    bench.rows([ORDERS, husk([5])])
    bench.rows([ORDERS, husk([5]), ['d', [5], null, null], ['c', [6], [6, { '~': 1 }, 'open'], null]])
    expect(bench.graph.letters.open.map(({ key }) => key)).toEqual([[1], [6]])
  })

  it('and none is opened for what another table leaves unchanged, read or not: it has no letter that could be the cause', () => {
    const bench = poisoned()
    const [, { schema }] = GRAPH.tables as readonly [unknown, BoundTable]
    bench.schema('shop', { ...schema, table: 'public.unread' })
    for (const table of ['shop!public.notes', 'shop!public.unread']) bench.rows([table, ['u', [1], [1, { '~': 1 }], null]])
    expect(bench.graph.letters.open.map(({ table }) => table)).toEqual(['public.orders'])
    expect([status(bench), status(bench, 's.notes')]).toEqual(['stale', 'ready'])
    // Its row is missed all the same.
    expect(bench.graph.wants()).toMatchObject([{ table: 'public.notes' }, { table: 'public.orders' }])
  })

  it('by drop, as the row is; retry asks once more', () => {
    const bench = poisoned()
    const { id } = must(bench.graph.letters.open[0])
    const [first] = bench.graph.wants()
    bench.inbox({ v: 1, kind: 'letter', action: 'retry', ids: [id, 'unknown'] })
    const [second] = bench.graph.wants()
    expect(second).toMatchObject({ kind: 'reread', keys: [['1']] })
    expect(second?.id).not.toBe(first?.id)
    expect(bench.inbox({ v: 1, kind: 'letter', action: 'drop', ids: [id] }).letters?.closed).toMatchObject([{ id, state: 'dropped' }])
    expect([status(bench), bench.graph.wants()]).toEqual(['ready', []])
    expect(bench.reader.rows('s.open')[0]).toEqual([1, '5.00', 'open'])
  })
})

it('an answer that is as bad asks again, three times, and then waits for somebody', () => {
  const bench = started()
  const asked = new Set<string>()
  for (let i = 0; i < 9; i++) {
    bench.rows([ORDERS, ['r', [1], [1, { x: 1 } as never, 'open'], null]])
    for (const { id } of bench.graph.wants()) asked.add(id)
  }
  expect(bench.graph.letters.open).toMatchObject([{ times: 9, asks: 3 }])
  expect(asked.size).toBe(3)
})

it('law 12: many letters of a table become one', () => {
  const bench = started()
  for (let i = 0; i < 500; i++) bench.rows([ORDERS, husk([i])])
  expect(bench.graph.letters.size).toBeLessThanOrEqual(128)
  expect(bench.graph.letters.open.some(({ key }) => key === null)).toBe(true)
  expect(JSON.stringify(bench.graph.letters.save()).length).toBeLessThan(500_000)
})

it('a checkpoint holds them, and the marks of their tables', async () => {
  const bench = started()
  bench.rows([ORDERS, open(1), husk([2])])
  const delta = must(new Checkpoints(bench.graph).take({}, { epoch: 1, offset: 1 }, ''))
  const again = new GraphBench({ a: GRAPH }, bench.reader)
  await new Checkpoints(again.graph).restore({
    head: delta.head,
    async *pages() {
      yield* delta.pages
    },
  })
  expect(again.graph.letters.save()).toEqual(bench.graph.letters.save())
  again.rows([ORDERS, ['r', [2], [2, '1.00', 'open'], null]])
  expect([status(again), again.graph.letters.size]).toEqual(['ready', 0])
})
