import type { RowChange } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { SheetSketch } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const
const ORDERS = 'shop!public.orders'
const CUSTOMERS = 'shop!public.customers'

/** A shop with one sheet, and what each transaction tells the readers of that sheet. */
function shop(sheet: SheetSketch): {
  readonly bench: GraphBench
  readonly tell: (table: string, ...rows: RowChange[]) => readonly RowChange[]
} {
  const graph = boundGraph({
    tables: {
      [ORDERS]: { columns: { id: INT, customer: INT, total: INT, status: TEXT } },
      [CUSTOMERS]: { columns: { id: INT, name: TEXT } },
    },
    sheets: { 's.sheet': sheet },
  })
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  return { bench, tell: (table, ...rows) => bench.rows([table, ...rows]).views[0]?.rows ?? [] }
}

const order = (id: number, customer: number | null, total: number | null, status: string | null | { e: string }): RowChange => [
  'c',
  [id],
  [id, customer, total, status],
  null,
]
const customer = (id: number, name: string): RowChange => ['c', [id], [id, name], null]
const gone = (id: number): RowChange => ['d', [id], null, null]

describe('UNIQUE', () => {
  it('has a row as long as one row below has the value', () => {
    const { tell } = shop({ rows: '=UNIQUE(shop!orders[status])' })
    expect(tell(ORDERS, order(1, 1, 1, 'open'), order(2, 1, 1, 'open'))).toEqual([['c', ['open'], ['open'], null]])
    expect(tell(ORDERS, gone(1))).toEqual([])
    expect(tell(ORDERS, gone(2))).toEqual([['d', ['open'], null, ['open']]])
  })

  it('shows a value as in the row with the smallest key: another form is another key', () => {
    const { tell } = shop({ rows: '=UNIQUE(shop!orders[status])' })
    tell(ORDERS, order(2, 1, 1, 'open'))
    expect(tell(ORDERS, order(3, 1, 1, 'OPEN'))).toEqual([])
    expect(tell(ORDERS, order(1, 1, 1, 'Open'))).toEqual([
      ['c', ['Open'], ['Open'], null],
      ['d', ['open'], null, ['open']],
    ])
    expect(tell(ORDERS, gone(1), gone(2))).toEqual([
      ['c', ['OPEN'], ['OPEN'], null],
      ['d', ['Open'], null, ['Open']],
    ])
  })

  it('keeps Blank and "" apart, and counts rows with an error out', () => {
    const { bench, tell } = shop({ rows: '=UNIQUE(shop!orders[status])' })
    expect(tell(ORDERS, order(1, 1, 1, null), order(2, 1, 1, ''), order(3, 1, 1, { e: '#N/A' }))).toEqual([
      ['c', [null], [null], null],
      ['c', [''], [''], null],
    ])
    expect(bench.graph.describe().find((one) => one.kind === 'distinct')).toMatchObject({ size: 2, skipped: 1 })
  })
})

describe('GROUPBY', () => {
  const sheet = { rows: '=GROUPBY(shop!orders[status])', columns: { orders: '=ROWS([id])', sum: '=SUM([total])', most: '=MAX([total])' } }

  it('aggregates the rows of each group; a row that moves changes two', () => {
    const { tell } = shop(sheet)
    expect(tell(ORDERS, order(1, 1, 5, 'open'), order(2, 1, 7, 'OPEN'), order(3, 1, 2, 'paid'))).toEqual([
      ['c', ['open'], ['open', 2, 12, 7], null],
      ['c', ['paid'], ['paid', 1, 2, 2], null],
    ])
    expect(tell(ORDERS, ['u', [2], [2, 1, 7, 'paid'], null])).toEqual([
      ['u', ['open'], ['open', 1, 5, 5], ['open', 2, 12, 7]],
      ['u', ['paid'], ['paid', 2, 9, 7], ['paid', 1, 2, 2]],
    ])
  })

  it('a group whose rows go and come in one transaction is the same group', () => {
    const { tell } = shop(sheet)
    tell(ORDERS, order(1, 1, 5, 'open'))
    expect(tell(ORDERS, gone(1), order(2, 1, 5, 'open'))).toEqual([])
  })

  it('an error among the values is the sum of its group alone, until it is gone', () => {
    const { tell } = shop({ rows: '=GROUPBY(shop!orders[customer])', columns: { first: '=MIN([status])' } })
    tell(ORDERS, order(1, 1, 5, 'b'), order(2, 2, 5, 'a'))
    const broken = { e: '#N/A', of: 'first' }
    expect(tell(ORDERS, order(3, 1, 5, { e: '#N/A' }))).toEqual([['u', [1], [1, broken], [1, 'b']]])
    expect(tell(ORDERS, gone(3))).toEqual([['u', [1], [1, 'b'], [1, broken]]])
  })
})

describe('TAKE', () => {
  const sheet = { rows: '=TAKE(SORTBY(shop!orders, shop!orders[total], -1), 2)', keep: ['total'] }

  it('has the first rows, and the next one when one of them goes', () => {
    const { tell } = shop(sheet)
    tell(ORDERS, order(1, 1, 10, 'a'), order(2, 1, 20, 'a'), order(3, 1, 30, 'a'), order(4, 1, 5, 'a'))
    expect(tell(ORDERS, gone(3))).toEqual([
      ['c', [1], [1, 10], null],
      ['d', [3], null, [3, 30]],
    ])
    expect(tell(ORDERS, gone(1), gone(2))).toEqual([
      ['d', [1], null, [1, 10]],
      ['d', [2], null, [2, 20]],
      ['c', [4], [4, 5], null],
    ])
  })

  it('of equal rows the one with the smaller key is first; Blank is last in both directions', () => {
    const { tell } = shop(sheet)
    expect(tell(ORDERS, order(3, 1, 10, 'a'), order(2, 1, null, 'a'), order(1, 1, 10, 'a'), order(4, 1, 10, 'a'))).toEqual([
      ['c', [1], [1, 10], null],
      ['c', [3], [3, 10], null],
    ])
    const up = shop({ ...sheet, rows: '=TAKE(SORTBY(shop!orders, shop!orders[total]), -1)' })
    expect(up.tell(ORDERS, order(1, 1, 10, 'a'), order(2, 1, null, 'a'))).toEqual([['c', [2], [2, null], null]])
  })

  it('a row that changes and stays among the first is an update; one that others overtake leaves', () => {
    const { tell } = shop(sheet)
    tell(ORDERS, order(1, 1, 10, 'a'), order(2, 1, 20, 'a'), order(3, 1, 5, 'a'))
    expect(tell(ORDERS, ['u', [1], [1, 1, 25, 'a'], null])).toEqual([['u', [1], [1, 25], [1, 10]]])
    expect(tell(ORDERS, ['u', [3], [3, 1, 22, 'a'], null])).toEqual([
      ['d', [2], null, [2, 20]],
      ['c', [3], [3, 22], null],
    ])
  })

  it('where the first column of the order is the same the second one decides, also when it alone changes', () => {
    const { tell } = shop({ ...sheet, rows: '=TAKE(SORTBY(shop!orders, shop!orders[status], 1, shop!orders[total], -1), 1)' })
    expect(tell(ORDERS, order(1, 1, 10, 'a'), order(2, 1, 20, 'a'), order(3, 1, 30, 'b'))).toEqual([['c', [2], [2, 20], null]])
    expect(tell(ORDERS, ['u', [1], [1, 1, 25, 'a'], null])).toEqual([
      ['c', [1], [1, 25], null],
      ['d', [2], null, [2, 20]],
    ])
  })

  it('stands around and inside of FILTER', () => {
    const { tell } = shop({
      ...sheet,
      rows: '=FILTER(TAKE(SORTBY(FILTER(shop!orders, shop!orders[status]="a"), shop!orders[total]), 2), shop!orders[total]>1)',
    })
    expect(tell(ORDERS, order(1, 1, 1, 'a'), order(2, 1, 2, 'b'), order(3, 1, 3, 'a'), order(4, 1, 4, 'a'))).toEqual([
      ['c', [3], [3, 3], null],
    ])
    expect(tell(ORDERS, ['u', [1], [1, 1, 1, 'b'], null])).toEqual([['c', [4], [4, 4], null]])
  })
})

describe('DROP', () => {
  it('leaves the first of an order out; when one of them goes the next one goes too', () => {
    const { tell } = shop({ rows: '=DROP(SORTBY(shop!orders, shop!orders[total], -1), 2)', keep: ['id', 'total'] })
    expect(tell(ORDERS, order(1, 1, 10, ''), order(2, 1, 20, ''), order(3, 1, 30, ''), order(4, 1, 5, ''))).toEqual([
      ['c', [1], [1, 10], null],
      ['c', [4], [4, 5], null],
    ])
    expect(tell(ORDERS, gone(3))).toEqual([['d', [1], null, [1, 10]]])
    expect(tell(ORDERS, order(5, 1, 15, ''))).toEqual([['c', [1], [1, 10], null]])
  })

  it('of a negative count the last', () => {
    const { tell } = shop({ rows: '=DROP(SORTBY(shop!orders, shop!orders[total]), -1)', keep: ['id'] })
    expect(tell(ORDERS, order(1, 1, 10, ''), order(2, 1, 20, ''))).toEqual([['c', [1], [1], null]])
    expect(tell(ORDERS, gone(2))).toEqual([['d', [1], null, [1]]])
  })
})

describe('VSTACK', () => {
  const sheet = {
    rows: '=VSTACK(shop!orders, shop!customers)',
    map: { word: { [ORDERS]: 'status', [CUSTOMERS]: 'name' } },
    keep: ['word', 'total'],
  }

  it('knows rows by table and key, and fills what a table lacks with Blank', () => {
    const { tell } = shop(sheet)
    expect(tell(ORDERS, order(1, 1, 5, 'open'))).toEqual([['c', [ORDERS, 1], [ORDERS, 'open', 1, 5], null]])
    expect(tell(CUSTOMERS, customer(1, 'Anna'))).toEqual([['c', [CUSTOMERS, 1], [CUSTOMERS, 'Anna', 1, null], null]])
    expect(tell(ORDERS, gone(1))).toEqual([['d', [ORDERS, 1], null, [ORDERS, 'open', 1, 5]]])
  })

  it('tells nothing of a change in a column that it does not have', () => {
    const { tell } = shop(sheet)
    tell(ORDERS, order(1, 1, 5, 'open'))
    expect(tell(ORDERS, order(1, 2, 5, 'open'))).toEqual([])
  })
})

describe('MERGE', () => {
  const on = 'shop!customers[id]=shop!orders[customer]'
  const inner = { rows: `=MERGE(shop!customers, shop!orders, ${on})`, keep: ['name', 'total'] }
  const left = { ...inner, rows: `=MERGE(shop!customers, shop!orders, ${on}, "left")` }

  it('has every pair, with the keys of both', () => {
    const { tell } = shop(inner)
    tell(CUSTOMERS, customer(1, 'Anna'))
    expect(tell(ORDERS, order(10, 1, 5, 'x'), order(11, 1, 6, 'x'), order(12, 2, 7, 'x'))).toEqual([
      ['c', [1, 10], [1, 'Anna', 10, 5], null],
      ['c', [1, 11], [1, 'Anna', 11, 6], null],
    ])
    expect(tell(CUSTOMERS, customer(1, 'Ann'))).toEqual([
      ['u', [1, 10], [1, 'Ann', 10, 5], [1, 'Anna', 10, 5]],
      ['u', [1, 11], [1, 'Ann', 11, 6], [1, 'Anna', 11, 6]],
    ])
    expect(tell(ORDERS, ['u', [11], [11, 2, 6, 'x'], null])).toEqual([['d', [1, 11], null, [1, 'Ann', 11, 6]]])
  })

  it('"left": who has no partner is there alone, until one comes', () => {
    const { tell } = shop(left)
    expect(tell(CUSTOMERS, customer(1, 'Anna'))).toEqual([['c', [1, null], [1, 'Anna', null, null], null]])
    expect(tell(ORDERS, order(10, 1, 5, 'x'))).toEqual([
      ['d', [1, null], null, [1, 'Anna', null, null]],
      ['c', [1, 10], [1, 'Anna', 10, 5], null],
    ])
    expect(tell(ORDERS, gone(10))).toEqual([
      ['c', [1, null], [1, 'Anna', null, null], null],
      ['d', [1, 10], null, [1, 'Anna', 10, 5]],
    ])
  })

  it('Blank has no partner', () => {
    const { tell } = shop(inner)
    tell(CUSTOMERS, customer(1, 'Anna'))
    expect(tell(ORDERS, order(10, null, 5, 'x'))).toEqual([])
  })
})

describe('rows that are made of others', () => {
  const forms: readonly (readonly [kind: string, rows: string])[] = [
    ['distinct', '=UNIQUE(shop!orders[status])'],
    ['distinct', '=GROUPBY(shop!orders[customer], shop!orders[status])'],
    ['top', '=TAKE(SORTBY(shop!orders, shop!orders[total]), 1)'],
    ['stack', '=VSTACK(shop!orders, shop!customers)'],
    ['merge', '=MERGE(shop!orders, shop!customers, shop!orders[customer]=shop!customers[id], "left")'],
  ]

  it.each(forms)('law 12: hold nothing when all rows are gone: %s %s', (kind, rows) => {
    const { bench, tell } = shop({ rows })
    const held = (): number | undefined => bench.graph.describe().find((one) => one.kind === kind)?.size
    tell(ORDERS, order(1, 1, 1, 'a'), order(2, 1, 2, 'A'), order(3, 2, 3, 'b'))
    tell(CUSTOMERS, customer(1, 'Anna'))
    expect(held()).toBeGreaterThan(1)
    tell(CUSTOMERS, gone(1))
    tell(ORDERS, ['t', null, null, null])
    expect(held()).toBe(0)
  })
})
