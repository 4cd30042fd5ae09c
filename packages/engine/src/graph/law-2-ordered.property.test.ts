import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { expectEveryStep } from '../testing/law-2.ts'
import { GraphBench } from '../testing/graph-bench.ts'
import { ORDERED } from '../testing/ordered-sketch.ts'
import { anyTransaction, fullTransaction, oneCellTransaction } from '../testing/shop-history.ts'
import { World } from '../testing/world.ts'

const RUNS = runs(60, 2_000)
const LONGEST = 25

/** Rows, so that there is something to be wrong, then changes of few cells and of many. */
const history = fc
  .tuple(fullTransaction, fc.array(fc.oneof(anyTransaction, oneCellTransaction), { minLength: 1, maxLength: LONGEST - 1, size: 'max' }))
  .map(([first, others]) => [first, ...others])

describe('law 2, for what goes by the order of a column', () => {
  it('after every step of a random history', () => {
    const property = fc.property(history, (transactions) => expectEveryStep(ORDERED, transactions))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('whatever the cuts between steps, and filled from rows that are there', () => {
    const cuts = fc.array(fc.boolean(), { minLength: LONGEST, maxLength: LONGEST })
    const property = fc.property(history, cuts, (transactions, cut) => {
      const bench = new GraphBench({ a: ORDERED, b: ORDERED })
      const world = new World(ORDERED)
      bench.start('a', ORDERED)
      for (const [i, changes] of transactions.entries()) {
        bench.enter(...changes)
        world.apply(changes)
        if (cut[i] === true) bench.commit()
        if (i === LONGEST >> 1) bench.deploy('b')
      }
      bench.commit()
      world.expectRead(bench.reader)
    })
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })
})
