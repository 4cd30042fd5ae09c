import { must } from '@sheetflow/core/assert'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { runs } from '@sheetflow/testkit/runs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GraphBench, NOW } from '../testing/graph-bench.ts'
import { expectEveryStep, expectFilled, expectWhateverCuts, leavesNothing } from '../testing/law-2.ts'
import { RECURSIVE } from '../testing/recursive-sketch.ts'
import { anyTransaction, fullTransaction, oneCellTransaction } from '../testing/shop-history.ts'
import { Checkpoints } from './checkpoint.ts'

const RUNS = runs(100, 2_000)
const LONGEST = 20

const changes = fc.array(fc.oneof(anyTransaction, oneCellTransaction), { minLength: 1, maxLength: LONGEST - 1 })
const history = fc.oneof(
  changes,
  fc.tuple(fullTransaction, changes).map(([first, others]) => [first, ...others]),
)
const cuts = fc.array(fc.boolean(), { minLength: LONGEST, maxLength: LONGEST })

describe('columns that read themselves', () => {
  const graph = boundGraph(RECURSIVE)

  it('are what a recomputation says, after every step (law 2)', () => {
    const property = fc.property(history, (transactions) => expectEveryStep(graph, transactions))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('are the same whatever the cuts between steps (law 3)', () => {
    const property = fc.property(history, cuts, (transactions, cut) => expectWhateverCuts(graph, transactions, cut))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('leave nothing of what comes and goes inside of one step', () => {
    const property = fc.property(history, (transactions) => leavesNothing(graph, transactions))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('are right in a deployment that is filled from rows that are there', () => {
    const other = boundGraph({ ...RECURSIVE, timeZone: 'Europe/Vienna' })
    const property = fc.property(history, fc.nat(LONGEST), (transactions, at) => expectFilled(graph, other, transactions, at))
    expect(() => fc.assert(property, { numRuns: Math.ceil(RUNS / 2) })).not.toThrow()
  })

  it('go on from a checkpoint exactly as if there had been none', async () => {
    const property = fc.asyncProperty(history, cuts, async (transactions, saves) => {
      const bench = new GraphBench({ a: graph })
      bench.start('a', graph)
      const checkpoints = new Checkpoints(bench.graph)
      const store = memoryStateStore()
      let restored = new GraphBench({ a: graph })
      restored.start('a', graph)
      for (const [i, one] of transactions.entries()) {
        if (saves[i] === true) {
          await store.save(must(checkpoints.take({}, { epoch: 1, offset: 1 }, NOW)))
          const next = new GraphBench({ a: graph }, restored.reader)
          await new Checkpoints(next.graph).restore(must(await store.load()))
          restored = next
        }
        expect(JSON.stringify(restored.rows(...one).views)).toBe(JSON.stringify(bench.rows(...one).views))
      }
    })
    await expect(fc.assert(property, { numRuns: Math.ceil(RUNS / 2) })).resolves.toBeUndefined()
  })
})
