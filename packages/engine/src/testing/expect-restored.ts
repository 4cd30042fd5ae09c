import { must } from '@sheetflow/core/assert'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { expect } from 'vitest'
import { Checkpoints } from '../graph/checkpoint.ts'
import { GraphBench, NOW } from './graph-bench.ts'
import type { TableChange } from './shop-history.ts'

/** A graph that is saved and restored before those transactions whose place in `saves` is true gives, byte by byte, what one gives that never was. */
export async function expectRestored(
  graph: BoundGraph,
  transactions: readonly (readonly TableChange[])[],
  saves: readonly boolean[],
): Promise<void> {
  const bench = new GraphBench({ a: graph })
  bench.start('a', graph)
  const checkpoints = new Checkpoints(bench.graph)
  const store = memoryStateStore()
  let restored = new GraphBench({ a: graph })
  restored.start('a', graph)
  for (const [i, changes] of transactions.entries()) {
    if (saves[i] === true) {
      await store.save(must(checkpoints.take({}, { epoch: 1, offset: 1 }, NOW)))
      const next = new GraphBench({ a: graph }, restored.reader)
      await new Checkpoints(next.graph).restore(must(await store.load()))
      restored = next
    }
    expect(JSON.stringify(restored.rows(...changes).views)).toBe(JSON.stringify(bench.rows(...changes).views))
  }
}
