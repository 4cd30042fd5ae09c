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

test('law 12: a program that is no more leaves no fields in the records of the rows', () => {
  const bound = boundGraph({
    tables: { 'shop!public.orders': { columns: COLUMNS } },
    sheets: {
      's.orders': {
        rows: '=shop!orders',
        keep: ['total'],
        columns: {
          same: '=SUMIFS(shop!orders[total], shop!orders[total], [@total])',
          below: '=COUNTIFS(shop!orders[total], [@total], shop!orders[id], "<>"&[@id])',
          of: '=XLOOKUP([@total], shop!orders[id], shop!orders[total], 0)',
        },
      },
      's.totals': { rows: '=UNIQUE(shop!orders[total])' },
    },
  })
  const versions = Array.from({ length: 6 }, (_, i) => `v${i}`)
  const bench = new GraphBench(Object.fromEntries(versions.map((version) => [version, bound])))
  const widths = versions.map((version, i) => {
    if (i === 0) bench.start(version, bound)
    else bench.deploy(version)
    bench.rows(['shop!public.orders', ['c', [i], [i, i, 'n'], null]])
    expect(bench.graph.active?.deployment.version).toBe(version)
    return bench.graph.tables.get('shop!public.orders')?.rows.records.stride
  })
  // The second deployment runs beside the first one for a while; those behind it find its places free.
  expect(new Set(widths.slice(1)).size).toBe(1)
})
