import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'
import { anyTransaction, fullTransaction } from '../testing/shop-history.ts'
import type { TableChange } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'
import { World } from '../testing/world.ts'

const GRAPH = boundGraph(SHOP)

/** Without rows that have cells unsent: a snapshot has none, and a row without a base is not taken. */
function whole(changes: readonly TableChange[]): readonly TableChange[] {
  return changes.map(([table, ...rows]): TableChange => [table, ...rows.filter((row) => !JSON.stringify(row).includes('{"~":1}'))])
}

describe('a deployment that comes before the first rows', () => {
  it('is filled when its tables are loaded, one after the other, and right in every step from then on', () => {
    const snapshot = fc.array(fc.oneof(anyTransaction, fullTransaction), { minLength: 1, maxLength: 8 })
    const later = fc.array(anyTransaction, { minLength: 1, maxLength: 6 })
    const property = fc.property(snapshot, later, fc.boolean(), (first, then, crmFirst) => {
      const bench = new GraphBench({ a: GRAPH })
      const world = new World(GRAPH)
      for (const { source, schema } of GRAPH.tables) bench.schema(source, schema)
      for (const { source, schema } of GRAPH.tables) bench.control(source, { kind: 'start', run: 1, tables: [schema.table] })
      bench.deploy('a')
      const enter = (changes: readonly TableChange[]): void => {
        bench.rows(...changes)
        world.apply(changes)
      }
      const loaded = (source: string): void => {
        for (const { schema } of GRAPH.tables.filter((table) => table.source === source)) {
          bench.control(source, { kind: 'loaded', run: 1, tables: [schema.table] })
        }
      }
      for (const [i, changes] of first.entries()) {
        enter(whole(changes))
        if (i === 0) loaded(crmFirst ? 'crm' : 'shop')
      }
      loaded(crmFirst ? 'shop' : 'crm')
      world.expectRead(bench.reader)
      for (const changes of then) {
        enter(whole(changes))
        world.expectRead(bench.reader)
      }
    })
    expect(() => fc.assert(property, { numRuns: runs(40, 1_000) })).not.toThrow()
  })
})
