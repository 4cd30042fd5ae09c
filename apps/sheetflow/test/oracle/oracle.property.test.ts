import { randomCase } from '@sheetflow/testkit/random-book/random-case'
import { runs } from '@sheetflow/testkit/runs'
import { describe, expect, it } from 'vitest'
import { runCase, tryBook } from './run-case.ts'

const SEEDS = runs(200, 2_000)
/** Each group is a test of its own, so that none takes too long. */
const GROUP = 20

/**
 * Law 2, from files to readers: random tables, workbooks and histories through the compiler and the graph; what readers hold is what the oracle recalculates, after
 * every step. A seed that fails: `npm run fuzz -- --seed N` makes it small.
 */
describe('what readers hold is what is recalculated', () => {
  it.each(Array.from({ length: SEEDS / GROUP }, (_, i) => i * GROUP + 1))('seeds from %i on', async (from) => {
    for (let seed = from; seed < from + GROUP; seed++) {
      const outcome = await runCase(randomCase(seed, tryBook))
      expect({ seed, ...outcome }).toMatchObject({ kind: expect.stringMatching(/^(right|refused)$/) as string })
    }
  })
})
