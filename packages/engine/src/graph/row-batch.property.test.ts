import { must } from '@sheetflow/core/assert'
import type { RowChange } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { DELETE, PUT } from '../state/row-batch.ts'
import { GraphBench } from '../testing/graph-bench.ts'
import { anyTransaction } from '../testing/shop-history.ts'
import type { TableChange } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'

const GRAPH = boundGraph(SHOP)

/** The same transaction without what a batch cannot say: rows with cells unsent, and tables emptied. */
function whole(changes: readonly TableChange[]): readonly TableChange[] {
  return changes.map(([table, ...rows]): TableChange => [table, ...rows.filter(isWhole)])
}

function isWhole([op, , after]: RowChange): boolean {
  return op !== 't' && !(after ?? []).some((cell) => JSON.stringify(cell) === '{"~":1}')
}

/** Gives changes to the graph as cells. */
function enterCells(bench: GraphBench, changes: readonly TableChange[]): void {
  for (const [table, ...rows] of changes) {
    const batch = bench.graph.batch(table)
    for (const [op, key, after] of rows) {
      const i = batch.add(op === 'd' ? DELETE : PUT)
      const cells = op === 'd' ? must(key) : must(after)
      const lanes = op === 'd' ? batch.keyLanes : batch.lanes
      for (const [at, lane] of lanes.entries()) lane.setJson(i, cells[at] ?? null)
    }
    bench.graph.rows(table, batch)
    batch.release()
  }
}

describe('changes that enter as cells', () => {
  it('do what the same changes as JSON do, in every step', () => {
    const property = fc.property(fc.array(anyTransaction, { minLength: 1, maxLength: 12 }), (history) => {
      const [texts, cells] = [new GraphBench({ a: GRAPH }), new GraphBench({ a: GRAPH })]
      for (const bench of [texts, cells]) bench.start('a', GRAPH)
      for (const changes of history.map(whole)) {
        enterCells(cells, changes)
        expect(cells.commit()).toEqual(texts.rows(...changes))
      }
    })
    expect(() => fc.assert(property, { numRuns: 60 })).not.toThrow()
  })
})
