import type { TableSchema } from '@sheetflow/core/schema'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { expect, it } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { GraphBench } from '../testing/graph-bench.ts'

const A = 'shop!public.a'
const B = 'shop!public.b'
const INT = { type: 'int' } as const

const BOTH = boundGraph({
  tables: { [A]: { columns: { id: INT, v: { type: 'text' } } }, [B]: { columns: { id: INT, w: INT } } },
  sheets: { 's.a': { rows: '=shop!a' }, 's.b': { rows: '=shop!b' } },
})

/** The tables have ids of their source's own: 1 and 2. */
const BOUND = { ...BOTH, tables: BOTH.tables.map((one, i) => ({ ...one, schema: { ...one.schema, id: String(i + 1) } })) }

function schemaOf(table: number, name: string): TableSchema {
  return { ...must(BOUND.tables[table]).schema, table: name, schema: 2 }
}

it('tables that exchange their names: each change is told once, with the row that was there before', () => {
  const bench = new GraphBench({ a: BOUND })
  bench.start('a', BOUND)
  bench.rows([A, ['c', [1], [1, 'x'], null]], [B, ['c', [1], [1, 5], null]])
  // As capture writes it: what stands in the way of a new name is dropped first.
  bench.control('shop', { kind: 'drop', table: 'public.b' })
  bench.control('shop', { kind: 'rename', table: 'public.a', to: 'public.b' })
  bench.schema('shop', schemaOf(0, 'public.b'))
  bench.schema('shop', schemaOf(1, 'public.a'))
  expect(bench.reader.rows('s.a')).toEqual([[1, 'x']])
  expect(bench.reader.rows('s.b')).toMatchObject([[1, { e: '#REF!' }]])
  // The first one goes on under its new name; nothing is told of the other any more.
  const told = (): unknown => bench.rows([B, ['u', [1], [1, 'y'], null]]).views.map(({ view, rows }) => [view, rows])
  expect(told()).toEqual([['s.a', [['u', [1], [1, 'y'], [1, 'x']]]]])
  expect(told()).toEqual([])
})

it('drop and rename within one step: what is told of the dropped table is told once', () => {
  const bench = new GraphBench({ a: BOUND })
  bench.start('a', BOUND)
  bench.rows([A, ['c', [1], [1, 'x'], null]], [B, ['c', [1], [1, 5], null]])
  const head = { v: 1, tx: 't', first: 0, state: { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} } } as const
  bench.graph.source('shop', { kind: 'control', offset: 0, message: { ...head, kind: 'drop', table: 'public.b' } })
  bench.graph.source('shop', { kind: 'control', offset: 0, message: { ...head, kind: 'rename', table: 'public.a', to: 'public.b' } })
  const [first, second] = [bench.commit(), bench.rows([B, ['c', [2], [2, 'y'], null]])]
  expect(first.views.map(({ view, rows }) => [view, rows.length])).toEqual([['s.b', 1]])
  expect(second.views.map(({ view }) => view)).toEqual(['s.a'])
})
