import { must } from '@sheetflow/core/assert'
import type { RowChange } from '@sheetflow/core/message'
import { definitionOf } from '@sheetflow/formula/functions/catalogue'
import type { Evaluation } from '@sheetflow/formula/functions/definition'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'
import { Checkpoints } from './checkpoint.ts'

/** Functions with a bug: here LEN of a text fails inside, which no formula can ask for. */

const INT = { type: 'int' } as const
const ORDERS = 'shop!public.orders'
const BAD = 'secret text'

const table = { columns: { id: INT, total: INT, note: { type: 'text' } } } as const
const GRAPH = boundGraph({
  tables: { [ORDERS]: table },
  sheets: {
    's.sized': { rows: '=shop!orders', columns: { size: '=LEN([@note])', twice: '=2*[@total]', safe: '=IFERROR([@size], -1)' } },
    's.long': { rows: '=FILTER(shop!orders, LEN(shop!orders[note])>3)', columns: {} },
    's.sum': { rows: '=shop!orders', columns: { all: '=SUM(sized[twice])' } },
  },
})

beforeEach(() => {
  const definition = must(definitionOf('LEN')) as { evaluation: Exclude<Evaluation, { mode: 'bound' | 'lazy' }> }
  const { make } = definition.evaluation
  vi.spyOn(definition.evaluation, 'make').mockImplementation((context) => {
    const run = make(context) as (...args: readonly unknown[]) => unknown
    return ((...args: readonly unknown[]) => {
      if (args[0] === BAD) throw new TypeError(`cannot read properties of ${BAD}`)
      return run(...args)
    }) as ReturnType<typeof make>
  })
})
afterEach(() => vi.restoreAllMocks())

function started(): GraphBench {
  const bench = new GraphBench({ a: GRAPH, b: GRAPH })
  bench.start('a', GRAPH)
  return bench
}

const order = (op: 'c' | 'u', id: number, note: string): RowChange => [op, [id], [id, 5, note], null]
const sized = (bench: GraphBench): unknown[] => bench.reader.rows('s.sized').map((row) => row.slice(3))

describe('a formula that fails inside', () => {
  it('is an error of its cell, of which others read as of any; all other cells and rows are right, and nothing stops', () => {
    const bench = started()
    bench.rows([ORDERS, order('c', 1, BAD), order('c', 2, 'long enough')])
    const failed = { e: '#CALC!', of: 'size' }
    expect(sized(bench)).toEqual([
      [failed, 10, -1],
      [11, 10, 11],
    ])
    expect(bench.reader.rows('s.long').map(([id]) => id)).toEqual([2])
    expect(bench.reader.rows('s.sum').map((row) => row.at(-1))).toEqual([20, 20])
    bench.rows([ORDERS, order('u', 1, 'abc')])
    expect(sized(bench)[0]).toEqual([3, 10, 3])
  })

  it('is a letter, one a formula, with sheet, column, first row and place, and no word of the row; its views are not stale: they will not become others', () => {
    const bench = started()
    const output = bench.rows([ORDERS, order('c', 1, BAD), order('c', 2, BAD)])
    expect(output.letters?.open).toMatchObject([
      { id: 's.sized.size', source: null, table: 's.sized', column: 'size', key: [1], code: 'engine/formula-failed', times: 2 },
      { id: 's.long', table: 's.long', column: null, key: [1], times: 2, reason: 'a function of the formula failed: TypeError' },
    ])
    expect(output.letters?.open[0]?.stack).toMatch(/^\s+at /)
    expect(JSON.stringify(output.letters)).not.toContain(BAD)
    expect(new Set([...bench.reader.views.values()].map(({ status }) => status))).toEqual(new Set(['ready']))
    expect(bench.graph.wants()).toEqual([])
    bench.rows([ORDERS, order('c', 3, BAD)])
    expect(bench.graph.letters.open[0]).toMatchObject({ key: [1], times: 3 })
    // A step without a fault says nothing of it.
    expect(bench.rows([ORDERS, order('c', 4, 'fine')]).letters).toBeNull()
  })

  it('its letter closes by hand', () => {
    const bench = started()
    bench.rows([ORDERS, order('c', 1, BAD)])
    const { letters } = bench.inbox({ v: 1, kind: 'letter', action: 'drop', ids: ['s.sized.size', 's.long'] })
    expect(letters).toMatchObject({ open: [], closed: [{ state: 'dropped' }, { state: 'dropped' }] })
    expect(bench.rows([ORDERS, order('c', 2, BAD)]).letters?.open).toMatchObject([
      { id: 's.sized.size', key: [2], times: 1 },
      { id: 's.long' },
    ])
  })

  it('its letter closes with the next deployment, and comes again if the formula fails there', () => {
    const bench = started()
    bench.rows([ORDERS, order('c', 1, BAD), order('c', 2, 'fine')])
    bench.rows([ORDERS, order('u', 1, 'fine, too')])
    bench.deploy('b')
    expect(bench.graph.letters.save()).toMatchObject({ open: [], closed: [{ state: 'gone' }, { state: 'gone' }] })
    bench.rows([ORDERS, order('u', 1, BAD)])
    expect(bench.graph.letters.open.map(({ id }) => id)).toEqual(['s.sized.size', 's.long'])
  })

  it('a state that is filled from its rows again fails where it failed, and counts nothing of it twice', async () => {
    const bench = started()
    bench.rows([ORDERS, order('c', 1, BAD), order('c', 2, 'fine')])
    const again = new GraphBench({ a: GRAPH }, bench.reader)
    const delta = must(new Checkpoints(bench.graph).take({}, { epoch: 1, offset: 1 }, ''))
    await new Checkpoints(again.graph).restore({
      head: delta.head,
      async *pages() {
        yield* delta.pages
      },
    })
    expect(again.graph.letters.save()).toEqual(bench.graph.letters.save())
    expect(again.rows([ORDERS, order('c', 3, 'fine')]).letters).toBeNull()
    expect(sized(again)[0]).toEqual([{ e: '#CALC!', of: 'size' }, 10, -1])
  })
})
