import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'
import type { TableChange } from '../testing/shop-history.ts'

const INT = { type: 'int' } as const
const DATE = { type: 'date' } as const
const MONEY = { type: 'decimal', p: 12, s: 2 } as const
const PAYMENTS = 'shop!public.payments'
const PERIODS = 'shop!public.periods'

/** Payments, and periods that ask about them. */
function started(sheets: GraphSketch['sheets']): GraphBench {
  const graph = boundGraph({
    tables: {
      [PAYMENTS]: { columns: { id: INT, account: INT, day: DATE, amount: MONEY } },
      [PERIODS]: { columns: { id: INT, account: INT, from: DATE, to: DATE } },
    },
    sheets,
  })
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  return bench
}

const NA = { e: '#N/A', of: 'bank' } as const
const DIV0 = { e: '#DIV/0!', of: 'bank' } as const
const put = (row: RowJson): RowChange => ['c', row.slice(0, 1), row, null]
const day = (n: number): string => `2026-11-${String(n).padStart(2, '0')}`
const payment = (id: number, account: number, on: number, amount: JsonValue): RowChange => put([id, account, day(on), amount])
const period = (id: number, account: number, from: number, to: number): RowChange => put([id, account, day(from), day(to)])
const gone = (id: number): RowChange => ['d', [id], null, null]

/** Key and last column of what a step changed. */
function told(bench: GraphBench, ...changes: readonly TableChange[]): unknown[] {
  const rows = bench.rows(...changes).views.flatMap((view) => view.rows)
  return rows.map(([, key, after]) => [key?.[0], after?.at(-1)])
}

describe('bounds that differ from row to row', () => {
  const sum =
    'SUMIFS(shop!payments[amount], shop!payments[account], [@account], shop!payments[day], ">="&[@from], shop!payments[day], "<"&[@to])'
  const sums = { 's.periods': { rows: '=shop!periods', columns: { paid: `=${sum}` } } }

  it('a row moves the periods that it lies in, and no other', () => {
    const bench = started(sums)
    bench.rows([PERIODS, period(1, 7, 1, 10), period(2, 7, 5, 20), period(3, 7, 20, 30), period(4, 8, 1, 30)])
    expect(told(bench, [PAYMENTS, payment(1, 7, 6, '9.50')])).toEqual([
      [1, '9.5'],
      [2, '9.5'],
    ])
    // It was paid later: out of one period, into another; the lower end belongs to a period, the upper one does not.
    expect(told(bench, [PAYMENTS, payment(1, 7, 20, '9.50')])).toEqual([
      [1, '0'],
      [2, '0'],
      [3, '9.5'],
    ])
  })

  it('nothing is left of what came and went, however small', () => {
    const bench = started(sums)
    bench.rows([PERIODS, period(1, 7, 1, 30)])
    const amounts = Array.from({ length: 500 }, (_, i) => payment(i + 1, 7, 1 + (i % 29), `${i}.${String(i % 100).padStart(2, '0')}`))
    bench.rows([PAYMENTS, ...amounts])
    expect(told(bench, [PAYMENTS, ...amounts.map((_, i) => gone(i + 1))])).toEqual([[1, '0']])
  })

  it('an error in a row within the bounds is the sum, of several the one of the smallest key', () => {
    const bench = started(sums)
    bench.rows([PERIODS, period(1, 7, 1, 10)])
    bench.rows([PAYMENTS, payment(1, 7, 20, NA), payment(2, 7, 5, '1.00')])
    expect(told(bench, [PAYMENTS, payment(3, 7, 9, DIV0)])).toEqual([[1, DIV0]])
    expect(told(bench, [PAYMENTS, payment(1, 7, 1, NA)])).toEqual([[1, NA]])
    expect(told(bench, [PAYMENTS, gone(1), gone(3)])).toEqual([[1, '1']])
  })

  it('a second bounded column is looked at row by row within the range of the first', () => {
    const both = 'COUNTIFS(shop!payments[day], ">="&[@from], shop!payments[amount], ">"&[@account])'
    const bench = started({ 's.periods': { rows: '=shop!periods', columns: { many: `=${both}` } } })
    bench.rows([PERIODS, period(1, 5, 10, 20)])
    bench.rows([PAYMENTS, payment(1, 0, 9, '9.00'), payment(2, 0, 10, '5.00'), payment(3, 0, 11, '5.01')])
    expect(told(bench, [PAYMENTS, payment(2, 0, 10, '6.00')])).toEqual([[1, 2]])
  })
})

describe('the next smaller or larger key', () => {
  const price = (mode: -1 | 1): GraphBench =>
    started({
      's.periods': {
        rows: '=shop!periods',
        columns: { price: `=XLOOKUP([@from], shop!payments[day], shop!payments[amount], -1, ${mode})` },
      },
    })

  it('a price counts from its day on: a new one moves those alone who ask for a day in its gap', () => {
    const bench = price(-1)
    bench.rows([PERIODS, period(1, 0, 1, 1), period(2, 0, 10, 10), period(3, 0, 15, 15), period(4, 0, 25, 25)])
    expect(told(bench, [PAYMENTS, payment(1, 0, 10, '1.00'), payment(2, 0, 20, '2.00')])).toEqual([
      [2, '1'],
      [3, '1'],
      [4, '2'],
    ])
    expect(told(bench, [PAYMENTS, payment(3, 0, 12, '1.50')])).toEqual([[3, '1.5']])
    // Taken back: the one before it counts again. Before the first there is none.
    expect(told(bench, [PAYMENTS, gone(3)])).toEqual([[3, '1']])
    expect(told(bench, [PAYMENTS, gone(1)])).toEqual([
      [2, '-1'],
      [3, '-1'],
    ])
  })

  it('of equal keys the row with the smallest primary key is found', () => {
    const bench = price(-1)
    bench.rows([PERIODS, period(1, 0, 15, 15)])
    bench.rows([PAYMENTS, payment(5, 0, 10, '5.00')])
    expect(told(bench, [PAYMENTS, payment(3, 0, 10, '3.00')])).toEqual([[1, '3']])
    expect(told(bench, [PAYMENTS, payment(4, 0, 10, '4.00')])).toEqual([])
  })

  it('upwards the gap lies before the key', () => {
    const bench = price(1)
    bench.rows([PERIODS, period(1, 0, 1, 1), period(2, 0, 15, 15), period(3, 0, 25, 25)])
    expect(told(bench, [PAYMENTS, payment(1, 0, 20, '2.00')])).toEqual([
      [1, '2'],
      [2, '2'],
    ])
    expect(told(bench, [PAYMENTS, payment(2, 0, 15, '1.50')])).toEqual([
      [1, '1.5'],
      [2, '1.5'],
    ])
  })
})

describe('aggregates over the own sheet', () => {
  it('two of them over the same groups, each with an index of its own, do not mix up their groups', () => {
    const of = 'IFS([amount], [account], [@id]'
    const bench = started({ 's.payments': { rows: '=shop!payments', columns: { sum: `=SUM${of})`, mean: `=IFERROR(AVERAGE${of}), 0)` } } })
    // Nobody has account 1 or 2 yet, but they are asked for.
    bench.rows([PAYMENTS, payment(1, 9, 1, '1.00'), payment(2, 9, 1, '2.00')])
    bench.rows([PAYMENTS, payment(3, 8, 1, '3.00'), payment(4, 7, 1, '4.00')])
    expect(told(bench, [PAYMENTS, payment(5, 2, 1, '5.00'), payment(6, 1, 1, '6.00')])).toEqual([
      [1, '6'],
      [2, '5'],
      [5, '0'],
      [6, '0'],
    ])
  })
})

describe('the order of a group', () => {
  it('in a sheet of GROUPBY [x] is the column of the rows of the group', () => {
    const columns = {
      blanks: '=COUNTBLANK([amount])',
      spread: '=VAR.P([amount])',
      second: '=IFERROR(LARGE([amount], 2), 0)',
      middle: '=MEDIAN([amount])',
    }
    const bench = started({ 's.accounts': { rows: '=GROUPBY(shop!payments[account])', columns } })
    const rows = (...changes: RowChange[]): unknown => bench.rows([PAYMENTS, ...changes]).views[0]?.rows.map(([, , after]) => after)
    expect(rows(payment(1, 7, 1, '1.00'), payment(2, 7, 1, '2.00'), payment(3, 8, 1, '5.00'))).toEqual([
      [7, 0, '0.25', '1', '1.5'],
      [8, 0, '0', '0', '5'],
    ])
    // Only the group that the row is in moves.
    expect(rows(payment(4, 7, 1, '9.00'), payment(5, 7, 1, null))).toEqual([[7, 1, '12.6666666666667', '2', '2']])
  })
})

describe('the order of a whole column', () => {
  it('ranks move where a value passes, and nowhere else', () => {
    const bench = started({ 's.payments': { rows: '=shop!payments', columns: { place: '=RANK([@amount], [amount])' } } })
    bench.rows([PAYMENTS, payment(1, 0, 1, '10.00'), payment(2, 0, 1, '20.00'), payment(3, 0, 1, '30.00'), payment(4, 0, 1, '40.00')])
    // From last to third: only who it passed has another place.
    expect(told(bench, [PAYMENTS, payment(1, 0, 1, '25.00')])).toEqual([
      [1, 3],
      [2, 4],
    ])
    // Equal ones share a place.
    expect(told(bench, [PAYMENTS, payment(2, 0, 1, '25.00')])).toEqual([[2, 3]])
  })

  it('middles, parts and spreads follow every change', () => {
    const bench = started({
      's.values': {
        columns: {
          middle: '=MEDIAN(shop!payments[amount])',
          third: '=LARGE(shop!payments[amount], 3)',
          part: '=PERCENTILE.INC(shop!payments[amount], 0.9)',
          spread: '=STDEV.S(shop!payments[amount])',
        },
      },
    })
    const row = (...changes: RowChange[]): unknown => bench.rows([PAYMENTS, ...changes]).views[0]?.rows[0]?.[2]
    expect(row(payment(1, 0, 1, '1.00'), payment(2, 0, 1, '2.00'), payment(3, 0, 1, '4.00'))).toEqual(['2', '1', '3.6', '1.52752523165195'])
    expect(row(payment(4, 0, 1, '10.00'))).toEqual(['3', '2', '8.2', '4.03112887414927'])
    // An error is the answer of all of them, until it is gone.
    expect(row(payment(2, 0, 1, NA))).toEqual(Array.from({ length: 4 }, () => NA))
    expect(row(gone(1), gone(2), gone(3), gone(4))).toEqual([
      { e: '#NUM!', of: 'middle' },
      { e: '#NUM!', of: 'third' },
      { e: '#NUM!', of: 'part' },
      { e: '#DIV/0!', of: 'spread' },
    ])
  })
})
