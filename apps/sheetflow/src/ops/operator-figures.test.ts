import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RowChange } from '@sheetflow/core/message'
import { GraphBench } from '@sheetflow/engine/testing/graph-bench'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FiguresWriter, readFigures } from './operator-figures.ts'

const GRAPH = boundGraph({
  tables: { 'shop!public.orders': { columns: { id: { type: 'int' }, customer: { type: 'text' } } } },
  sheets: { 's.orders': { rows: '=shop!orders', columns: { others: '=COUNTIFS(shop!orders[customer], [@customer])' } } },
})
const order = (id: number, customer: string): RowChange => ['c', [id], [id, customer], null]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sheetflow-figures-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('figures of operators', () => {
  it('are written beside the checkpoint and read again', async () => {
    const bench = new GraphBench({ v1: GRAPH })
    bench.start('v1', GRAPH)
    const file = path.join(folder, 'g.operators.json')
    const heard: unknown[] = []
    const writer = new FiguresWriter(file, bench.graph, (state) => heard.push(state))
    bench.rows(['shop!public.orders', order(1, 'Ann'), order(2, 'Ann')])
    bench.rows(['shop!public.orders', order(3, 'Ann')])
    expect(writer.writeIfDue()).toBe(true)
    // Not again at once: that would cost the graph its time.
    expect(writer.writeIfDue()).toBe(false)
    await vi.waitFor(async () => expect(await readFigures(file)).not.toBeNull(), { timeout: 30_000 })
    const figures = await readFigures(file)
    expect(figures).toMatchObject({ v: 1, deployment: 'v1', state: bench.graph.stateBytes() })
    expect(heard).toEqual([figures?.state])
    expect(figures?.operators.find((one) => one.kind === 'aggregate')).toMatchObject({
      on: 'shop!public.orders by [customer]',
      askedBy: ['s.orders[others]'],
      size: 1,
      rowsIn: 3,
      rowsOut: 2,
      worst: { rows: 2, key: 'ann' },
    })
  })

  it('of another version, or none, are none', async () => {
    const file = path.join(folder, 'g.operators.json')
    expect(await readFigures(file)).toBeNull()
    writeFileSync(file, '{"v":2}')
    expect(await readFigures(file)).toBeNull()
    writeFileSync(file, '{"v":')
    expect(await readFigures(file)).toBeNull()
  })
})
