import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { expect, it, vi } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { Pool } from '../state/pool.ts'
import { deployment, GraphBench, NOW } from '../testing/graph-bench.ts'
import { Checkpoints } from './checkpoint.ts'

const LINES = 'shop!public.lines'
const INT = { type: 'int' } as const

function keyedBy(key: number): BoundGraph {
  return boundGraph({
    tables: { [LINES]: { columns: { id: INT, line: INT, note: { type: 'text' } }, key } },
    sheets: { 's.lines': { rows: '=shop!lines' } },
  })
}

/** A deployment over a table whose key is another now: nothing enters the table that it reads any more. */
function replaced(): GraphBench {
  const [before, after] = [keyedBy(1), keyedBy(2)]
  const bench = new GraphBench({ a: before, b: after })
  bench.start('a', before)
  bench.rows([LINES, ['c', [1], [1, 1, 'one'], null]])
  bench.schema('shop', { ...must(after.tables[0]).schema, schema: 2 })
  return bench
}

it('a table whose key is another now is in no checkpoint until the deployment that reads it has gone', () => {
  const bench = replaced()
  const checkpoint = (): unknown => new Checkpoints(bench.graph).take({}, { epoch: 1, offset: 1 }, NOW)
  expect(checkpoint()).toBeNull()
  bench.inbox({ v: 1, kind: 'deploy', ...deployment('b') })
  expect(bench.graph.prepared?.deployment.version).toBe('b')
  expect(checkpoint()).toBeNull()
  expect(bench.reader.rows('s.lines')).toEqual([[1, 1, 'one']])
  bench.control('shop', { kind: 'start', run: 2, tables: ['public.lines'] })
  bench.rows([LINES, ['r', [1, 1], [1, 1, 'one'], null], ['r', [1, 2], [1, 2, 'two'], null]])
  bench.control('shop', { kind: 'loaded', run: 2, tables: ['public.lines'] })
  bench.wanted()
  expect(bench.reader.rows('s.lines')).toHaveLength(2)
  expect(checkpoint()).not.toBeNull()
})

it('a table that has the name of another one is none of those who read that: its columns have numbers of their own', () => {
  const known = (id: string): BoundGraph => ({
    ...keyedBy(1),
    tables: keyedBy(1).tables.map((one) => ({ ...one, schema: { ...one.schema, id } })),
  })
  const bench = new GraphBench({ a: known('1'), b: known('2') })
  bench.start('a', known('1'))
  bench.rows([LINES, ['c', [1], [1, 1, 'one'], null]])
  bench.schema('shop', { ...must(known('2').tables[0]).schema, schema: 2 })
  bench.control('shop', { kind: 'start', run: 2, tables: ['public.lines'] })
  expect(bench.rows([LINES, ['r', [1], [1, 2, 'secret'], null]]).views).toEqual([])
  bench.inbox({ v: 1, kind: 'deploy', ...deployment('b') })
  bench.control('shop', { kind: 'loaded', run: 2, tables: ['public.lines'] })
  for (const want of bench.graph.wants()) expect(want.kind).toBe('resnapshot')
  bench.control('shop', { kind: 'start', run: 3, tables: ['public.lines'] })
  bench.rows([LINES, ['r', [1], [1, 2, 'secret'], null]])
  bench.control('shop', { kind: 'loaded', run: 3, tables: ['public.lines'] })
  expect(bench.reader.rows('s.lines')).toEqual([[1, 1, 'one']])
  bench.wanted()
  expect(bench.reader.rows('s.lines')).toEqual([[1, 2, 'secret']])
})

it('one that nobody reads is in the way of no checkpoint', () => {
  const bound = boundGraph({ tables: {}, sheets: { 's.own': { rows: { columns: { n: INT }, data: [] } } } })
  const bench = new GraphBench({ a: bound })
  bench.start('a', bound)
  const { schema } = must(keyedBy(1).tables[0])
  bench.schema('shop', schema)
  bench.schema('shop', { ...must(keyedBy(2).tables[0]).schema, schema: 2 })
  bench.schema('shop', { ...schema, table: 'public.others' })
  bench.control('shop', { kind: 'rename', table: 'public.others', to: 'public.lines' })
  expect(new Checkpoints(bench.graph).take({}, { epoch: 1, offset: 1 }, NOW)).not.toBeNull()
})

it('law 12: then it leaves the pool of texts', () => {
  const [registered, released] = [vi.spyOn(Pool.prototype, 'register'), vi.spyOn(Pool.prototype, 'release')]
  const lanes = (): number => registered.mock.calls.length - released.mock.calls.length
  const bench = new GraphBench({ a: keyedBy(1) })
  bench.start('a', keyedBy(1))
  const alone = lanes()
  registered.mockClear()
  released.mockClear()
  const other = replaced()
  other.deploy('b')
  other.control('shop', { kind: 'loaded', run: 2, tables: ['public.lines'] })
  other.wanted()
  expect(other.graph.active?.deployment.version).toBe('b')
  const left = lanes()
  vi.restoreAllMocks()
  expect(left).toBe(alone)
})
