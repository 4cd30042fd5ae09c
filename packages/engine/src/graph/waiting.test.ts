import type { TableSchema } from '@sheetflow/core/schema'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { expect, it } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { deployment, GraphBench, NOW } from '../testing/graph-bench.ts'
import { Checkpoints } from './checkpoint.ts'

const ORDERS = 'shop!public.orders'
const INT = { type: 'int' } as const

const NARROW = boundGraph({ tables: { [ORDERS]: { columns: { id: INT, a: INT } } }, sheets: { 's.orders': { rows: '=shop!orders' } } })
const WIDE = boundGraph({
  tables: { [ORDERS]: { columns: { id: INT, a: INT, b: INT } } },
  sheets: { 's.orders': { rows: '=shop!orders' } },
})

function schema(number: number, id = '7'): TableSchema {
  return { ...must((number === 1 ? NARROW : WIDE).tables[0]).schema, schema: number, id }
}

/** One that runs over the first schema, and another one that was made for the second, told before that has come. */
function early(tableId = '7'): GraphBench {
  const bench = new GraphBench({ a: NARROW, b: WIDE })
  bench.start('a', NARROW)
  bench.schema('shop', schema(1))
  bench.rows([ORDERS, ['c', [1], [1, 5], null]])
  bench.inbox({ v: 1, kind: 'deploy', ...deployment('b'), tableIds: { [ORDERS]: tableId }, schemas: { [ORDERS]: 2 } })
  return bench
}

it('a deployment waits for the schemas that it was made for: the inbox may be ahead of its sources', () => {
  const bench = early()
  expect(bench.graph.prepared).toBeNull()
  expect(bench.graph.problem?.problems).toEqual([`schema 2 of ${ORDERS} has not come yet`])
  bench.schema('shop', schema(2))
  expect(bench.graph.problem).toBeNull()
  bench.control('shop', { kind: 'start', run: 2, tables: ['public.orders'] })
  bench.rows([ORDERS, ['r', [1], [1, 5, 6], null]])
  bench.control('shop', { kind: 'loaded', run: 2, tables: ['public.orders'] })
  bench.wanted()
  expect(bench.reader.rows('s.orders')).toEqual([[1, 5, 6]])
})

it('waits over a restart, too, and takes a later one', async () => {
  const bench = early()
  const store = memoryStateStore()
  await store.save(must(new Checkpoints(bench.graph).take({}, { epoch: 1, offset: 1 }, NOW)))
  const next = new GraphBench({ a: NARROW, b: WIDE }, bench.reader)
  await new Checkpoints(next.graph).restore(must(await store.load()))
  expect(next.graph.prepared).toBeNull()
  next.schema('shop', schema(3))
  expect(next.graph.prepared?.deployment.version).toBe('b')
})

it('waits for its own table: one of another table that has the name is not enough', () => {
  const bench = early('8')
  bench.schema('shop', schema(2))
  expect(bench.graph.prepared).toBeNull()
  bench.schema('shop', schema(3, '8'))
  expect(bench.graph.prepared?.deployment.version).toBe('b')
})
