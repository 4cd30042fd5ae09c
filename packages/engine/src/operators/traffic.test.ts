import { must } from '@sheetflow/core/assert'
import type { RowChange } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'
import { joinKeys, keyText } from '../structures/match-key.ts'
import type { RunningOperator } from './relation.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const
const ORDERS = 'shop!public.orders'
const CUSTOMERS = 'shop!public.customers'

const GRAPH = boundGraph({
  tables: {
    [ORDERS]: { columns: { id: INT, customer: INT, total: INT } },
    [CUSTOMERS]: { columns: { id: INT, name: TEXT } },
  },
  sheets: {
    's.orders': { rows: `=shop!orders`, columns: { name: '=XLOOKUP([@customer], shop!customers[id], shop!customers[name])' } },
    's.customers': {
      rows: `=FILTER(shop!customers, shop!customers[name]<>"x")`,
      columns: { big: '=SUMIFS(shop!orders[total], shop!orders[customer], [@id])>100' },
    },
  },
})

function shop(): { readonly bench: GraphBench; readonly operator: (kind: string, on: string) => RunningOperator } {
  const bench = new GraphBench({ a: GRAPH })
  bench.start('a', GRAPH)
  const operator = (kind: string, on: string): RunningOperator =>
    must(bench.graph.describe().find((one) => one.kind === kind && one.on.startsWith(on)))
  return { bench, operator }
}

const order = (id: number, customer: number, total: number): RowChange => ['c', [id], [id, customer, total], null]
const customer = (id: number, name: string): RowChange => ['c', [id], [id, name], null]

describe('what has gone through operators', () => {
  it('is counted: rows in, rows out, rows whose results stayed the same', () => {
    const { bench, operator } = shop()
    bench.rows([CUSTOMERS, customer(1, 'Ann'), customer(2, 'x')])
    bench.rows([ORDERS, order(10, 1, 40), order(11, 1, 50)])
    expect(operator('map', 's.customers').traffic).toMatchObject({ rowsOut: 1, suppressed: 1 })
    bench.rows([ORDERS, order(12, 1, 60)])
    expect(operator('map', 's.customers').traffic).toMatchObject({ rowsOut: 2, suppressed: 1 })
    expect(operator('sheet', 's.customers')).toMatchObject({ size: 1, traffic: { rowsIn: 2 } })
    expect(operator('aggregate', ORDERS)).toMatchObject({ traffic: { rowsIn: 3, rowsOut: 2 } })
    expect(operator('aggregate', ORDERS).bytes).toBeGreaterThan(0)
  })

  it('the key that has called most rows at once is known, as long as somebody has it', () => {
    const { bench, operator } = shop()
    const worst = (): unknown => operator('lookup', CUSTOMERS).worst
    bench.rows([ORDERS, order(10, 7, 1), order(11, 7, 1), order(12, 7, 1), order(13, 8, 1)])
    expect(worst()).toBeUndefined()
    bench.rows([CUSTOMERS, customer(8, 'Eve')])
    expect(worst()).toEqual({ rows: 1, key: '8' })
    bench.rows([CUSTOMERS, customer(7, 'Ann')])
    expect(worst()).toEqual({ rows: 3, key: '7' })
    bench.rows([CUSTOMERS, customer(8, 'Eva')])
    expect(worst()).toEqual({ rows: 3, key: '7' })
    bench.rows([CUSTOMERS, ['d', [7], null, null]], [ORDERS, ['d', [10], null, null], ['d', [11], null, null], ['d', [12], null, null]])
    expect(worst()).toEqual({ rows: 3, key: null })
  })

  it('is timed by the watch that the host gives, in one of so many small steps', () => {
    const { bench, operator } = shop()
    let now = 0
    bench.graph.times.watch = () => (now += 1)
    for (let id = 1; id <= 64; id++) bench.rows([ORDERS, order(id, 1, 1)])
    expect(operator('aggregate', ORDERS).traffic?.ms).toBe(64)
  })
})

describe('a key for people', () => {
  it.each([
    [7, [INT], '7'],
    [20454, [{ type: 'date' }] as const, '2026-01-01'],
    ['ann', [TEXT], 'ann'],
    ['2:ab', [TEXT], '2:ab'],
    ['', [TEXT], 'Blank'],
    [joinKeys([7, 'a:b', '']), [INT, TEXT, TEXT], '7, a:b, Blank'],
    ['\0b1', [{ type: 'bool' }] as const, '1'],
  ])('%j', (key, types, text) => {
    expect(keyText(key, types)).toBe(text)
  })
})
