import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { collectGarbage } from '@sheetflow/testkit/garbage'
import { expect, test } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const ROWS = 300
const NOTE_BYTES = 100_000
const MIB = 1024 * 1024

const COLUMNS = { id: { type: 'int' }, total: { type: 'int' }, note: { type: 'text' } } as const

/** Bytes that the state takes after rows with long notes came in. */
async function stateBytes(sheet: {
  readonly rows: string
  readonly keep?: readonly string[]
  readonly columns?: Readonly<Record<string, string>>
}): Promise<number> {
  const bound = boundGraph({ tables: { 'shop!public.orders': { columns: COLUMNS } }, sheets: { 's.orders': sheet } })
  const bench = new GraphBench({ a: bound })
  bench.start('a', bound)
  await collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let id = 1; id <= ROWS; id++) {
    // Each its own text, as it comes from a parsed message.
    bench.graph.source('shop', {
      kind: 'rows',
      offset: 0,
      message: {
        v: 1,
        tx: 't',
        first: 0,
        table: 'public.orders',
        schema: 1,
        rows: [['c', [id], [id, id, `${id}`.repeat(NOTE_BYTES / `${id}`.length)], null]],
      },
    })
    bench.graph.commit('2026-11-23T10:00:00.000000Z', [], {})
  }
  await collectGarbage()
  const bytes = process.memoryUsage().heapUsed - before
  expect(bench.graph.tables.get('shop!public.orders')).toBeDefined()
  return bytes
}

test('law 12: state holds the columns that formulas use or sheets publish, and no others', async () => {
  const unused = await stateBytes({ rows: '=shop!orders', keep: ['total'], columns: { double: '=[@total]*2' } })
  expect(unused).toBeLessThan(5 * MIB)
  // The measure can tell: a sheet that publishes the notes keeps them.
  const used = await stateBytes({ rows: '=shop!orders', keep: ['total', 'note'] })
  expect(used).toBeGreaterThan(20 * MIB)
})
