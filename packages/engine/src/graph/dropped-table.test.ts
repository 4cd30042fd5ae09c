import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const ORDERS = 'shop!public.orders'

const BOUND = boundGraph({
  tables: { [ORDERS]: { columns: { id: { type: 'int' }, total: { type: 'int' } } } },
  sheets: {
    's.orders': { rows: '=shop!orders', columns: { double: '=[@total]*2' } },
    's.large': { rows: '=FILTER(shop!orders, shop!orders[id]>1)' },
  },
})

it('a table that is dropped at its source keeps the keys of its rows; every other cell is #REF!', () => {
  const bench = new GraphBench({ a: BOUND })
  bench.start('a', BOUND)
  bench.rows([ORDERS, ['c', [1], [1, 5], null], ['c', [2], [2, 6], null]])
  const gone = { e: '#REF!', of: 'total' }
  const { views } = bench.control('shop', { kind: 'drop', table: 'public.orders' })
  expect(views.flatMap(({ view, rows }) => rows.map(([op, key]) => [view, op, key]))).toEqual([
    ['s.large', 'u', [2]],
    ['s.orders', 'u', [1]],
    ['s.orders', 'u', [2]],
  ])
  expect(bench.reader.rows('s.orders')).toMatchObject([
    [1, gone, { e: '#REF!' }],
    [2, gone, { e: '#REF!' }],
  ])
  expect(bench.reader.rows('s.large')).toEqual([[2, gone]])
})
