import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, it } from 'vitest'
import { expectRestored } from './expect-restored.ts'
import { expectEveryStep, expectFilled, expectWhateverCuts, leavesNothing } from './law-2.ts'
import { anyTransaction, fullTransaction, oneCellTransaction } from './shop-history.ts'

const RUNS = runs(100, 2_000)
const LONGEST = 20

/** Any changes from nothing on; or many rows first, so that there is something to be wrong, then changes of few cells and of many. */
const changes = fc.array(fc.oneof(anyTransaction, oneCellTransaction), { minLength: 1, maxLength: LONGEST - 1 })
const history = fc.oneof(
  changes,
  fc.tuple(fullTransaction, changes).map(([first, others]) => [first, ...others]),
)
const cuts = fc.array(fc.boolean(), { minLength: LONGEST, maxLength: LONGEST })

/** The tests of laws 2 and 3 for one sketch over random histories of the shop: every step, any cuts, a deployment that comes later, checkpoints. */
export function rowLaws(sketch: GraphSketch): void {
  const graph = boundGraph(sketch)

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
    const other = boundGraph({ ...sketch, timeZone: 'Europe/Vienna' })
    const property = fc.property(history, fc.nat(LONGEST), (transactions, at) => expectFilled(graph, other, transactions, at))
    expect(() => fc.assert(property, { numRuns: Math.ceil(RUNS / 2) })).not.toThrow()
  })

  it('go on from a checkpoint exactly as if there had been none', async () => {
    const property = fc.asyncProperty(history, cuts, (transactions, saves) => expectRestored(graph, transactions, saves))
    await expect(fc.assert(property, { numRuns: Math.ceil(RUNS / 2) })).resolves.toBeUndefined()
  })
}
