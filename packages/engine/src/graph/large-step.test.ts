import type { RowChange } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { expect, test } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

/** More than a block of before-images, and fewer than are made as they are read: the bench compares each form of each row. */
const ROWS = 70_000
const ORDERS = 'shop!public.orders'
const GRAPH = boundGraph({
  tables: {
    [ORDERS]: { columns: { id: { type: 'int' }, customer: { type: 'int' }, total: { type: 'decimal' }, status: { type: 'text' } } },
    'shop!public.customers': { columns: { id: { type: 'int' }, name: { type: 'text' } } },
  },
  sheets: {
    's.open': {
      rows: '=FILTER(shop!orders, shop!orders[status]="open")',
      keep: ['id', 'total'],
      columns: { name: '=XLOOKUP([@customer], shop!customers[id], shop!customers[name], "?")', double: '=[@total]*2' },
    },
    's.customers': {
      rows: '=shop!customers',
      columns: {
        spent: '=SUMIFS(shop!orders[total], shop!orders[customer], [@id])',
        most: '=MAXIFS(shop!orders[total], shop!orders[customer], [@id])',
      },
    },
  },
})

/** Order `i`, in a step that adds `more` to its total; every third is shipped in the second step. */
function order(op: 'c' | 'u' | 'd', i: number, more: number): RowChange {
  // Not in the order of their slots.
  const id = (i * 7_919) % ROWS
  const status = more > 0 && id % 3 === 0 ? 'shipped' : 'open'
  return [op, [id], op === 'd' ? null : [id, id % 10, `${id + more}.50`, status], null]
}

test('rows that change in one step of very many are, to readers and indexes, what they were before and are now', () => {
  const bench = new GraphBench({ a: GRAPH })
  bench.start('a', GRAPH)
  bench.rows(['shop!public.customers', ...Array.from({ length: 10 }, (_, i): RowChange => ['c', [i], [i, `Customer ${i}`], null])])
  const step = (op: 'c' | 'u' | 'd', more: number): void => {
    for (let i = 0; i < ROWS; i += 10_000) bench.enter([ORDERS, ...Array.from({ length: 10_000 }, (_, k) => order(op, i + k, more))])
    bench.commit()
  }
  const numbers = (): readonly (readonly number[])[] => bench.reader.rows('s.customers').map((row) => row.slice(-2).map(Number))
  const expected = (more: number): readonly (readonly number[])[] =>
    Array.from({ length: 10 }, (_, customer) => {
      const ids = Array.from({ length: ROWS / 10 }, (_id, k) => 10 * k + customer)
      return [ids.reduce((sum, id) => sum + id + more + 0.5, 0), (ids.at(-1) ?? 0) + more + 0.5]
    })
  step('c', 0)
  expect(numbers()).toEqual(expected(0))
  step('u', 1)
  expect(numbers()).toEqual(expected(1))
  const shipped = Math.ceil(ROWS / 3)
  expect(bench.reader.rows('s.open')).toHaveLength(ROWS - shipped)
  expect(bench.reader.rows('s.open')[0]).toEqual([1, '2.50'])
  step('d', 0)
  expect([bench.reader.rows('s.open'), new Set(numbers().flat())]).toEqual([[], new Set([0])])
}, 300_000)
