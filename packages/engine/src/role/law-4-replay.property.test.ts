import { must } from '@sheetflow/core/assert'
import type { RowChange } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { deployment } from '../testing/graph-bench.ts'
import { breakingBus, RoleBench } from '../testing/role-bench.ts'
import { anyTransaction } from '../testing/shop-history.ts'
import type { TableChange } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'
import { SourceWriter } from '../testing/source-writer.ts'
import { World } from '../testing/world.ts'

const RUNS = runs(12, 150)
const GRAPH = boundGraph(SHOP)
const SOURCES = ['shop', 'crm']

/** A life: what is written while it runs, and how it ends. */
const life = fc.record({
  transactions: fc.array(anyTransaction, { minLength: 1, maxLength: 8 }),
  /** Ends by being killed in its `appends`-th append, of which `kept` messages are stored; 0: it is stopped. */
  appends: fc.nat(5),
  kept: fc.nat(3),
})

describe('laws 4 and 5: a replay converges, and nothing is published twice or half', () => {
  it.each([
    ['with checkpoints', true, {}],
    ['from the beginning of the streams', false, {}],
    ['with checkpoints, transactions entering in parts', true, { partRows: 1 }],
    ['from the beginning of the streams, transactions entering in parts', false, { partRows: 1 }],
  ])('restarts at random points, %s', async (_, withCheckpoints, parts) => {
    const property = fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), async (lives) => {
      const bus = new MemoryBus()
      const world = new World(GRAPH)
      const writers = new Map(SOURCES.map((source) => [source, new SourceWriter(bus, source)]))
      for (const source of SOURCES) {
        await must(writers.get(source)).load(GRAPH.tables.filter((table) => table.source === source).map((table) => table.schema))
      }
      const stateStore = withCheckpoints ? memoryStateStore() : null
      const role = new RoleBench({ bus, sources: SOURCES, graphs: { a: GRAPH }, stateStore, checkpointRows: 5, ...parts })
      await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
      for (const { transactions, appends, kept } of lives) {
        role.start(appends === 0 ? bus : breakingBus(bus, 'SF_GRAPH_g', appends, kept))
        for (const changes of transactions) {
          world.apply(changes)
          await write(must(writers.get(sourceOf(changes))), changes)
          await turns(5)
        }
        await role.stop()
      }
      role.start()
      const reader = await role.untilRead([...writers.values()])
      await role.stop()
      world.expectRead(reader)
    })
    await expect(fc.assert(property, { numRuns: RUNS })).resolves.toBeUndefined()
  })
})

function sourceOf(changes: readonly TableChange[]): string {
  return must(changes[0])[0].split('!')[0] ?? ''
}

async function write(writer: SourceWriter, changes: readonly TableChange[]): Promise<void> {
  await writer.rows(changes.map(([table, ...rows]): [string, number, RowChange[]] => [table.split('!')[1] ?? '', 1, rows]))
}

/** Lets the role do something. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
