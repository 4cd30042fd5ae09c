import type { RowChange } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { SheetSketch } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const
const PARTS = 'shop!public.parts'

/** Parts that are built into each other, and a sheet of them. */
function parts(columns: Readonly<Record<string, string>>, types: SheetSketch['types'] = { total: INT }) {
  const graph = boundGraph({
    tables: { [PARTS]: { columns: { id: INT, parent: INT, cost: INT, name: TEXT } } },
    sheets: { 's.parts': { rows: '=shop!parts', types, columns, keep: ['id', ...Object.keys(columns)] } },
  })
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  return {
    /** What a transaction tells readers: key and new cells of each changed row. */
    tell: (...rows: RowChange[]): unknown[] =>
      (bench.rows([PARTS, ...rows]).views[0]?.rows ?? []).map(([, key, after]) => [...(key ?? []), ...(after?.slice(1) ?? ['gone'])]),
    rows: (): unknown[] => bench.reader.rows('s.parts').toSorted((a, b) => Number(a[0]) - Number(b[0])),
    bench,
  }
}

const part = (id: number, parent: number | null, cost: number, name = ''): RowChange => ['c', [id], [id, parent, cost, name], null]
const change = (id: number, parent: number | null, cost: number, name = ''): RowChange => ['u', [id], [id, parent, cost, name], null]
const gone = (id: number): RowChange => ['d', [id], null, null]
const circular = (of: string): unknown => ({ e: '#CIRC!', of })

const FROM_ROOT = { total: '=[@cost]+IFNA(XLOOKUP([@parent], [id], [total]), 0)' }
const FROM_LEAVES = { total: '=[@cost]+SUMIFS([total], [parent], [@id])' }

describe('a column that reads the row above (XLOOKUP)', () => {
  it('adds up from the root, whatever the order in which rows come', () => {
    const { tell } = parts(FROM_ROOT)
    expect(tell(part(3, 2, 30), part(2, 1, 20))).toEqual([
      [2, 20],
      [3, 50],
    ])
    expect(tell(part(1, null, 1))).toEqual([
      [1, 1],
      [2, 21],
      [3, 51],
    ])
  })

  it('a change reaches the rows below and no others', () => {
    const { tell } = parts(FROM_ROOT)
    tell(part(1, null, 1), part(2, 1, 2), part(3, 1, 3), part(4, 3, 4), part(5, 4, 5))
    expect(tell(change(3, 1, 10))).toEqual([
      [3, 11],
      [4, 15],
      [5, 20],
    ])
  })

  it('a part that is moved takes what is below along; the last above that goes leaves roots', () => {
    const { tell } = parts(FROM_ROOT)
    tell(part(1, null, 100), part(2, null, 200), part(3, 1, 3), part(4, 3, 4))
    expect(tell(change(3, 2, 3))).toEqual([
      [3, 203],
      [4, 207],
    ])
    expect(tell(gone(2))).toEqual([
      [2, 'gone'],
      [3, 3],
      [4, 7],
    ])
  })

  it('a result that stays the same ends the wave', () => {
    const { bench, tell } = parts(
      { ...FROM_ROOT, level: '=IF([@cost]>5, 1, 0)+IFNA(XLOOKUP([@parent], [id], [level]), 0)*0' },
      { total: INT, level: INT },
    )
    tell(part(1, null, 10), part(2, 1, 1), part(3, 2, 1))
    expect(tell(change(1, null, 20))).toEqual([
      [1, 20, 1],
      [2, 21, 0],
      [3, 22, 0],
    ])
    expect(bench.graph.describe().filter((one) => one.kind === 'recursion')).toMatchObject([
      { on: 's.parts[total]', size: 3 },
      { on: 's.parts[level]', size: 3 },
    ])
  })

  it('is one loop: a chain as long as a stack is deep', () => {
    const { tell } = parts(FROM_ROOT)
    const LENGTH = 15_000
    tell(...Array.from({ length: LENGTH }, (_, i) => part(i + 1, i === 0 ? null : i, 1)))
    expect(tell(change(1, null, 2)).at(-1)).toEqual([LENGTH, LENGTH + 1])
    // Closed to a circle, and open again.
    expect(tell(change(1, LENGTH, 2)).at(-1)).toEqual([LENGTH, circular('total')])
    expect(tell(change(1, null, 1)).at(-1)).toEqual([LENGTH, LENGTH])
  })
})

describe('a column that sums itself up (SUMIFS)', () => {
  it('rolls up from the leaves: one new leaf changes those above it', () => {
    const { tell } = parts(FROM_LEAVES)
    tell(part(1, null, 1), part(2, 1, 2), part(3, 1, 3), part(4, 3, 4))
    expect(tell(part(5, 4, 10))).toEqual([
      [1, 20],
      [3, 17],
      [4, 14],
      [5, 10],
    ])
    expect(tell(gone(4))).toEqual([
      [1, 6],
      [3, 3],
      [4, 'gone'],
    ])
    // What comes back finds its own leaves below it.
    expect(tell(part(4, 2, 4))).toEqual([
      [1, 20],
      [2, 16],
      [4, 14],
    ])
  })

  it('an error below is an error above, and gone with it', () => {
    const { rows, tell } = parts({ total: '=10/[@cost]*0+[@cost]+SUMIFS([total], [parent], [@id])' }, { total: { type: 'decimal' } })
    tell(part(1, null, 1), part(2, 1, 0), part(3, 1, 5))
    expect(rows()).toEqual([
      [1, { e: '#DIV/0!', of: 'total' }],
      [2, { e: '#DIV/0!', of: 'total' }],
      [3, '5'],
    ])
    expect(tell(change(2, 1, 2))).toEqual([
      [1, '8'],
      [2, '2'],
    ])
  })

  it('finds the greatest among the rows of the group', () => {
    const { tell } = parts({ total: '=MAX([@cost], MAXIFS([total], [parent], [@id]))' })
    tell(part(1, null, 1), part(2, 1, 9), part(3, 1, 7))
    expect(tell(change(2, 1, 2))).toEqual([
      [1, 7],
      [2, 2],
    ])
  })

  it('reads rows by a pattern of the row, where texts are asked for', () => {
    const { tell } = parts({ total: '=[@cost]+IF([@cost]>9, SUMIFS([total], [name], [@name]&"?"), 0)' })
    expect(tell(part(1, null, 10, 'a'), part(2, null, 1, 'ab'), part(3, null, 2, 'ac'))).toEqual([
      [1, 13],
      [2, 1],
      [3, 2],
    ])
    expect(tell(change(3, null, 2, 'b'))).toEqual([[1, 11]])
  })

  it('a pattern tells an empty text from Blank, which one equality means both', () => {
    const { tell } = parts({ total: '=[@cost]+IF([@cost]>9, SUMIFS([total], [name], [@name]&"*", [id], "<9"), 0)' })
    const blank: RowChange = ['u', [1], [1, null, 1, null], null]
    expect(tell(part(1, null, 1), part(9, null, 10))).toEqual([
      [1, 1],
      [9, 11],
    ])
    expect(tell(blank)).toEqual([[9, 10]])
    expect(tell(change(1, null, 1))).toEqual([[9, 11]])
  })
})

describe('a column that reads the row before (XLOOKUP, next smaller)', () => {
  const BALANCE = { total: '=[@cost]+XLOOKUP([@id]-1, [id], [total], 0, -1)' }

  it('is a running balance, also where numbers are missing', () => {
    const { tell } = parts(BALANCE)
    expect(tell(part(10, null, 5), part(30, null, 7))).toEqual([
      [10, 5],
      [30, 12],
    ])
    expect(tell(part(20, null, 100))).toEqual([
      [20, 105],
      [30, 112],
    ])
    expect(tell(gone(10))).toEqual([
      [10, 'gone'],
      [20, 100],
      [30, 107],
    ])
  })
})

describe('circles', () => {
  it('#CIRC! on the rows of the circle; a row that reads one has an error, and may catch it', () => {
    const { rows, tell } = parts(
      {
        total: '=[@cost]+XLOOKUP([@parent], [id], [total], 0)',
        caught: '=IFERROR(XLOOKUP([@parent], [id], [caught], 0), -1)',
      },
      { total: INT, caught: INT },
    )
    tell(part(1, 2, 1), part(2, 1, 2), part(3, 2, 3), part(4, null, 4))
    expect(rows()).toEqual([
      [1, circular('total'), circular('caught')],
      [2, circular('total'), circular('caught')],
      [3, circular('total'), -1],
      [4, 4, 0],
    ])
    expect(tell(change(2, 4, 2))).toEqual([
      [1, 7, 0],
      [2, 6, 0],
      [3, 9, 0],
    ])
  })

  it('a row that left a circle for another one is in none, though it reads the same error as before', () => {
    const { rows, tell } = parts({ total: '=IFERROR(XLOOKUP([@parent], [id], [total], 0), -1)' })
    tell(part(1, 2, 0), part(2, 1, 0))
    tell(change(2, 2, 0))
    expect(rows()).toEqual([
      [1, -1],
      [2, circular('total')],
    ])
  })

  it('a branch that is not taken is none: the root may be its own parent', () => {
    const { rows, tell } = parts({ total: '=IF([@parent]=[@id], [@cost], [@cost]+XLOOKUP([@parent], [id], [total]))' })
    tell(part(1, 1, 1), part(2, 1, 2), part(3, 2, 3))
    expect(rows()).toEqual([
      [1, 1],
      [2, 3],
      [3, 6],
    ])
    expect(tell(change(1, 3, 1))).toEqual([1, 2, 3].map((id) => [id, circular('total')]))
    expect(tell(change(1, 1, 1))).toEqual([
      [1, 1],
      [2, 3],
      [3, 6],
    ])
  })

  it('all rows that a sum waits for are in it, whichever of them comes first', () => {
    const { rows, tell } = parts({
      total: '=IF([@name]="sum", SUMIFS([total], [parent], [@id]), IFERROR(XLOOKUP([@parent], [id], [total]), 0))',
    })
    tell(part(1, null, 0, 'sum'), part(2, 1, 0), part(3, 1, 0))
    expect(rows()).toEqual([1, 2, 3].map((id) => [id, circular('total')]))
  })

  it('goes through several columns', () => {
    const { rows, tell } = parts(
      {
        total: '=[@cost]+XLOOKUP([@parent], [id], [twice], 0)',
        twice: '=[@total]*2',
      },
      { total: INT, twice: INT },
    )
    tell(part(1, null, 1), part(2, 1, 1), part(3, 3, 1))
    expect(rows()).toEqual([
      [1, 1, 2],
      [2, 3, 6],
      [3, circular('total'), circular('twice')],
    ])
  })
})
