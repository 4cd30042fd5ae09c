import type { RowChange, RowJson } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'
import type { TableChange } from '../testing/shop-history.ts'

const INT = { type: 'int' } as const
const ITEMS = 'shop!public.items'

const put = (...row: RowJson): RowChange => ['c', row.slice(0, 1), row, null]
const gone = (id: number): RowChange => ['d', [id], null, null]

function started(sheets: GraphSketch['sheets']): GraphBench {
  const graph = boundGraph({ tables: { [ITEMS]: { columns: { id: INT, name: { type: 'text' }, price: INT, pieces: INT } } }, sheets })
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  return bench
}

/** Key and last column of what a step changed. */
function told(bench: GraphBench, ...changes: readonly TableChange[]): unknown[] {
  const rows = bench.rows(...changes).views.flatMap((view) => view.rows)
  return rows.map(([, key, after]) => [key?.[0], after?.at(-1)])
}

describe('whole columns as arrays', () => {
  it('have the rows in the order of the key, whenever they came', () => {
    const bench = started({ 's.s_values': { columns: { names: '=TEXTJOIN("-", FALSE, shop!items[name])' } } })
    bench.rows([ITEMS, put(3, 'c', 1, 1), put(1, 'a', 1, 1)])
    expect(bench.reader.rows('s.s_values')).toEqual([['a-c']])
    bench.rows([ITEMS, put(2, null, 1, 1)])
    expect(bench.reader.rows('s.s_values')).toEqual([['a--c']])
    bench.rows([ITEMS, gone(1), put(4, 'd', 1, 1)])
    expect(bench.reader.rows('s.s_values')).toEqual([['-c-d']])
  })

  it('a column that the array does not hold moves nothing', () => {
    const bench = started({ 's.s_values': { columns: { cash: '=SUMPRODUCT(shop!items[price], shop!items[pieces])' } } })
    bench.rows([ITEMS, put(1, 'a', 2, 3), put(2, 'b', 5, 1)])
    expect(bench.reader.rows('s.s_values')).toEqual([[11]])
    expect(told(bench, [ITEMS, put(1, 'z', 2, 3)])).toEqual([])
    expect(told(bench, [ITEMS, put(1, 'z', 2, 4)])).toEqual([[undefined, 13]])
  })

  it('a table without rows is an array without cells', () => {
    const bench = started({
      's.s_values': {
        columns: {
          names: '=TEXTJOIN("-", FALSE, shop!items[name])',
          cash: '=SUMPRODUCT(shop!items[price])',
          mean: '=AVERAGE(shop!items[price]*1)',
        },
      },
    })
    expect(bench.reader.rows('s.s_values')).toEqual([['', 0, { e: '#DIV/0!', of: 'mean' }]])
  })

  it('of the own sheet are read when its columns are computed', () => {
    const bench = started({
      's.items': { rows: '=shop!items', columns: { worth: '=[@price]*[@pieces]', rest: '=SUMPRODUCT(--([worth]>[@worth]))' } },
    })
    expect(told(bench, [ITEMS, put(1, 'a', 2, 3), put(2, 'b', 5, 1), put(3, 'c', 1, 1)])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
    expect(told(bench, [ITEMS, put(3, 'c', 10, 1)])).toEqual([
      [1, 1],
      [2, 2],
      [3, 0],
    ])
  })

  it('what a LAMBDA makes of them follows each change', () => {
    const bench = started({
      's.s_values': { columns: { longest: '=REDUCE("", shop!items[name], LAMBDA(best, x, IF(LEN(x)>LEN(best), x, best)))' } },
    })
    bench.rows([ITEMS, put(1, 'nail', 1, 1), put(2, 'screw', 1, 1)])
    expect(bench.reader.rows('s.s_values')).toEqual([['screw']])
    bench.rows([ITEMS, gone(2)])
    expect(bench.reader.rows('s.s_values')).toEqual([['nail']])
  })

  it('names of LET that are each used twice do not make the planning of a formula explode', () => {
    const names = Array.from({ length: 60 }, (_, i) => `n${i + 1}_, MOD(n${i}_+n${i}_, 7)`).join(', ')
    const bench = started({
      's.items': {
        rows: '=shop!items',
        columns: { row: `=LET(n0_, [@price], ${names}, n60_)`, whole: `=LET(n0_, SUM(shop!items[price]*1), ${names}, n60_+[@id])` },
      },
    })
    // 2 to the 60th is 1 modulo 7.
    expect(told(bench, [ITEMS, put(1, 'a', 3, 1)])).toEqual([[1, 4]])
  })
})
