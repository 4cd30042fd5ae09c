import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { expectEveryStep } from '../testing/law-2.ts'
import { GraphBench } from '../testing/graph-bench.ts'
import { anyTransaction, fullTransaction, oneCellTransaction } from '../testing/shop-history.ts'
import { WHOLE } from '../testing/whole-sketch.ts'
import { World } from '../testing/world.ts'

const RUNS = runs(40, 2_000)
const LONGEST = 20

const GRAPH = boundGraph(WHOLE)

/** Rows, so that there is something to be wrong, then changes of few cells and of many. */
const history = fc
  .tuple(fullTransaction, fc.array(fc.oneof(anyTransaction, oneCellTransaction), { minLength: 1, maxLength: LONGEST - 1, size: 'max' }))
  .map(([first, others]) => [first, ...others])

describe('law 2, for whole columns as arrays', () => {
  it('after every step of a random history', () => {
    const property = fc.property(history, (transactions) => expectEveryStep(GRAPH, transactions))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('when days go by, and filled from rows that are there, whatever the cuts between steps', () => {
    const cuts = fc.array(fc.boolean(), { minLength: LONGEST, maxLength: LONGEST })
    const property = fc.property(history, cuts, (transactions, cut) => {
      const bench = new GraphBench({ a: GRAPH, b: GRAPH })
      const world = new World(GRAPH)
      bench.start('a', GRAPH)
      for (const [i, changes] of transactions.entries()) {
        bench.enter(...changes)
        world.apply(changes)
        if (cut[i] === true) bench.commit()
        if (i === LONGEST >> 2) bench.deploy('b')
        if (i === LONGEST >> 1) {
          world.now = '2026-11-25T23:00:00.000000Z'
          bench.inbox({ v: 1, kind: 'tick', tick: 'day', now: world.now })
          world.expectRead(bench.reader)
        }
      }
      bench.commit()
      world.expectRead(bench.reader)
    })
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })
})
