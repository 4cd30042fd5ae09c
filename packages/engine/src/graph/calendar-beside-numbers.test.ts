import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { RowChange } from '@sheetflow/core/message'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const INT = { type: 'int' } as const
const T = 'shop!public.t'
const MOMENTS = 'shop!public.moments'
const ASKERS = 'shop!public.askers'

/** Rows with a day, a time and a number, and rows that ask for one by a number or a day. */
function started(formula: string) {
  const graph = boundGraph({
    tables: {
      [T]: { columns: { id: INT, day: { type: 'date' }, time: { type: 'time' }, n: INT } },
      [ASKERS]: { columns: { id: INT, serial: { type: 'double' }, on: { type: 'date' } } },
    },
    sheets: { 's.askers': { rows: '=shop!askers', columns: { found: formula }, keep: ['found'] } },
  })
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  return (table: string, ...rows: RowChange[]): unknown[] =>
    (bench.rows([table, ...rows]).views[0]?.rows ?? []).map(([, key, after]) => [key?.[0], after?.at(-1)])
}

const row = (id: number, day: string, time: string, n: number): RowChange => ['c', [id], [id, day, `${time}:00.000000`, n], null]
const asker = (id: number, serial: number, on = '2026-11-05'): RowChange => ['c', [id], [id, serial, on], null]
const ROWS = [row(1, '2026-11-03', '06:00', 46_329), row(2, '2026-11-05', '12:30', 46_331), row(3, '2026-11-20', '23:00', 46_346)]

describe('dates and times meet numbers by their serial numbers', () => {
  it.each<readonly [string, readonly unknown[]]>([
    ['COUNTIFS(shop!t[day], [@serial])', ['1', '0', '0', '0']],
    ['COUNTIFS(shop!t[day], "<="&[@serial])', ['2', '2', '0', '0']],
    ['COUNTIFS(shop!t[day], ">"&[@serial], shop!t[n], ">="&[@on])', ['1', '1', '2', '2']],
    ['SUMIFS(shop!t[id], shop!t[time], ">="&[@serial])', ['0', '0', '5', '0']],
    ['COUNTIFS(shop!t[time], [@serial])', ['0', '0', '0', '0']],
    ['COUNTIFS(shop!t[n], [@on])', ['1', '1', '1', '1']],
    ['COUNTIFS(shop!t[n], "<"&[@on])', ['1', '1', '1', '1']],
    ['XLOOKUP([@serial], shop!t[day], shop!t[id], 0)', [2, 0, 0, 0]],
    ['XLOOKUP([@serial], shop!t[day], shop!t[id], 0, -1)', [2, 2, 0, 0]],
    ['XLOOKUP([@serial], shop!t[day], shop!t[id], 0, 1)', [2, 3, 1, 1]],
    ['XLOOKUP([@serial], shop!t[time], shop!t[id], 0, -1)', [3, 3, 1, 3]],
    ['XLOOKUP([@on], shop!t[n], shop!t[id], 0)', [2, 2, 2, 2]],
    ['COUNTIFS(shop!t[day], "<46331")', ['1', '1', '1', '1']],
    ['COUNTIFS(shop!t[time], ">=12:30")', ['2', '2', '2', '2']],
    ['COUNTIFS(shop!t[n], "<=11/5/2026")', ['2', '2', '2', '2']],
  ])('%s', (formula, wanted) => {
    const tell = started(`=${formula}`)
    tell(T, ...ROWS)
    const got = tell(ASKERS, asker(1, 46_331), asker(2, 46_331.5), asker(3, 0.5), asker(4, 20_762)).map((one) => (one as unknown[])[1])
    expect(got.map(String)).toEqual(wanted.map(String))
  })

  it('a day that comes, moves or goes changes what was asked for its number, and nothing else', () => {
    const tell = started('=COUNTIFS(shop!t[day], [@serial])')
    tell(ASKERS, asker(1, 46_331), asker(2, 46_332), asker(3, 20_762))
    const count = (changes: readonly unknown[]): unknown => changes.map((one) => (one as unknown[]).map(Number))
    expect(count(tell(T, ROWS[1] as RowChange))).toEqual([[1, 1]])
    expect(count(tell(T, ['u', [2], [2, '2026-11-06', '12:30:00.000000', 46_331], null]))).toEqual([
      [1, 0],
      [2, 1],
    ])
    expect(count(tell(T, ['d', [2], null, null]))).toEqual([[2, 0]])
  })

  it('so do those who asked for the last day before theirs', () => {
    const tell = started('=XLOOKUP([@serial], shop!t[day], shop!t[id], -1, -1)')
    tell(ASKERS, asker(1, 46_331), asker(2, 46_331.5), asker(3, 46_340), asker(4, 20_762))
    expect(tell(T, ROWS[0] as RowChange)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ])
    expect(tell(T, ['c', [5], [5, '2026-11-06', '00:00:00.000000', 1], null])).toEqual([[3, 5]])
    expect(tell(T, ROWS[1] as RowChange)).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  it('MERGE pairs days with numbers and moments, which come and go', () => {
    const graph = boundGraph({
      tables: {
        [T]: { columns: { id: INT, day: { type: 'date' }, time: { type: 'time' }, n: INT } },
        [MOMENTS]: { columns: { id: INT, at: { type: 'timestamp' }, serial: { type: 'double' } } },
      },
      sheets: {
        's.by_moment': { rows: '=MERGE(shop!t, shop!moments, shop!t[day]=shop!moments[at])' },
        's.by_number': { rows: '=MERGE(shop!t, shop!moments, shop!t[day]=shop!moments[serial])' },
        's.by_time': { rows: '=MERGE(shop!t, shop!moments, shop!t[time]=shop!moments[serial])' },
      },
    })
    const bench = new GraphBench({ a: graph })
    bench.start('a', graph)
    const tell = (table: string, ...rows: RowChange[]): unknown =>
      bench.rows([table, ...rows]).views.map(({ view, rows: changed }) => [view, changed.map(([op, key]) => [op, ...(key ?? [])])])
    const moment = (id: number, at: string, serial: number): RowChange => ['c', [id], [id, `${at}:00.000000`, serial], null]
    tell(T, ...ROWS)
    expect(
      tell(MOMENTS, moment(1, '2026-11-05T00:00', 46_346), moment(2, '2026-11-05T12:00', 20_762), moment(3, '2026-11-01T00:00', 0.25)),
    ).toEqual([
      ['s.by_moment', [['c', 2, 1]]],
      ['s.by_number', [['c', 3, 1]]],
      ['s.by_time', [['c', 1, 3]]],
    ])
    expect(tell(MOMENTS, ['d', [1], null, null])).toEqual([
      ['s.by_moment', [['d', 2, 1]]],
      ['s.by_number', [['d', 3, 1]]],
    ])
  })
})
