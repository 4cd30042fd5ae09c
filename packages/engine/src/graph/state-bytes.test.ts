import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { collectGarbage } from '@sheetflow/testkit/garbage'
import { expect, test } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const ROWS = 40_000

/** Bytes that rows take, by what the engine says and by what the process holds. */
async function bytesOf(key: 'int' | 'text', columns: Readonly<Record<string, string>>) {
  const table = { columns: { id: { type: key }, total: { type: 'int' }, note: { type: 'text' } } } as const
  const bound = boundGraph({ tables: { 'shop!public.orders': table }, sheets: { 's.orders': { rows: '=shop!orders', columns } } })
  const bench = new GraphBench({ a: bound })
  bench.start('a', bound)
  await collectGarbage()
  const [said, held] = [bench.graph.stateBytes().total, heldBytes()]
  for (let from = 0; from < ROWS; from += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, i): readonly [number | string, number, string] => {
      const id = from + i
      // As from a message: nothing shares the letters of another text.
      return [
        key === 'int' ? id : Buffer.from(`key ${id}`).toString(),
        id % 5_000,
        Buffer.from(`a note of some length, the ${id}th`).toString(),
      ]
    })
    const changes = rows.map((row) => ['c', [row[0]], row, null] as const)
    bench.graph.source('shop', {
      kind: 'rows',
      offset: 0,
      message: { v: 1, tx: 't', first: 0, table: 'public.orders', schema: 1, rows: changes },
    })
    bench.graph.commit('2026-11-23T10:00:00.000000Z', [], {})
  }
  await collectGarbage()
  return { said: bench.graph.stateBytes().total - said, held: heldBytes() - held, parts: bench.graph.stateBytes().parts, bench }
}

function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test.each([
  ['rows with keys that are numbers', 'int', {}],
  ['rows with keys that are texts', 'text', {}],
  ['indexes', 'int', { same: '=COUNTIFS(shop!orders[note], [@note])', rank: '=COUNTIFS(shop!orders[total], ">"&[@total])' }],
] as const)('law 12: what a state takes is known within a factor of two: %s', async (_, key, columns) => {
  const { said, held, bench } = await bytesOf(key, columns)
  expect(bench.graph.tables.get('shop!public.orders')?.rows.count).toBe(ROWS)
  expect(said / held, `${said} said, ${held} held`).toBeGreaterThan(0.5)
  expect(said / held, `${said} said, ${held} held`).toBeLessThan(2)
})

test('what takes how much is named, the largest first', async () => {
  const { parts } = await bytesOf('int', { same: '=COUNTIFS(shop!orders[note], [@note])' })
  expect(new Set(parts.map(({ of }) => of))).toEqual(
    new Set(['table shop!public.orders', 'sheet s.orders', 'aggregate shop!public.orders by [note]', 'texts']),
  )
  expect(parts.map(({ bytes }) => bytes)).toEqual(parts.map(({ bytes }) => bytes).toSorted((a, b) => b - a))
})
