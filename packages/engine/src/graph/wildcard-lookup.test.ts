import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { RowChange } from '@sheetflow/core/message'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const
const PARTS = 'shop!public.parts'
const ASKERS = 'shop!public.askers'

/** Parts with names, and rows that ask for one by a pattern. */
function started(formula: string) {
  const graph = boundGraph({
    tables: { [PARTS]: { columns: { id: INT, name: TEXT, price: INT } }, [ASKERS]: { columns: { id: INT, like: TEXT } } },
    sheets: { 's.askers': { rows: '=shop!askers', columns: { found: formula }, keep: ['found'] } },
  })
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  return (table: string, ...rows: RowChange[]): unknown[] =>
    (bench.rows([table, ...rows]).views[0]?.rows ?? []).map(([, key, after]) => [key?.[0], after?.at(-1)])
}

const part = (id: number, name: string | null, price: number): RowChange => ['c', [id], [id, name, price], null]
const asker = (id: number, like: string): RowChange => ['c', [id], [id, like], null]

describe('XLOOKUP with wildcards in the search', () => {
  it('finds the row with the smallest key of those that fit, letter case aside; ~ takes a wildcard as it is', () => {
    const tell = started('=XLOOKUP([@like], shop!parts[name], shop!parts[price], -1, 2)')
    tell(PARTS, part(2, 'Bolt M8', 8), part(3, 'bolt M6', 6), part(4, 'nut', 1), part(5, 'a*b', 5), part(6, null, 7))
    expect(tell(ASKERS, asker(1, 'bolt*'), asker(2, '*m6'), asker(3, 'n?t'), asker(4, 'a~*b'), asker(5, 'NUT'), asker(6, 'n?'))).toEqual([
      [1, 8],
      [2, 6],
      [3, 1],
      [4, 5],
      [5, 1],
      [6, -1],
    ])
  })

  it('a text that comes, goes or changes calls those whose pattern it fits, and a new result those who found it', () => {
    const tell = started('=XLOOKUP([@like]&"*", shop!parts[name], shop!parts[price], -1, 2)')
    tell(ASKERS, asker(1, 'bo'), asker(2, 'nu'))
    expect(tell(PARTS, part(5, 'bolt', 5))).toEqual([[1, 5]])
    expect(tell(PARTS, part(3, 'board', 3))).toEqual([[1, 3]])
    expect(tell(PARTS, ['u', [3], [3, 'board', 4], null])).toEqual([[1, 4]])
    expect(tell(PARTS, ['u', [3], [3, 'nut', 4], null])).toEqual([
      [1, 5],
      [2, 4],
    ])
    expect(tell(PARTS, ['d', [5], null, null])).toEqual([[1, -1]])
  })

  it('a pattern that is the same for all rows is looked for once', () => {
    const tell = started('=XLOOKUP("b?l*", shop!parts[name], shop!parts[price], -1, 2)')
    expect(tell(ASKERS, asker(1, ''), asker(2, ''))).toEqual([
      [1, -1],
      [2, -1],
    ])
    expect(tell(PARTS, part(1, 'bolt', 9), part(2, 'ball', 2))).toEqual([
      [1, 9],
      [2, 9],
    ])
  })
})
