import { breakRule } from '@sheetflow/core/breakage'
import { Random } from '@sheetflow/testkit/random'
import { runs, SEED } from '@sheetflow/testkit/runs'
import { afterEach, describe, expect, test } from 'vitest'
import { Simulation } from '../testing/simulation.ts'

const RUNS = runs(600, 20_000)
const STEPS = 300

interface Outcome {
  readonly seed: number
  readonly problems: readonly string[]
  readonly checked: number
}

afterEach(() => breakRule(null))

async function run(seed: number): Promise<Outcome> {
  const simulation = new Simulation(new Random(seed).next)
  for (let i = 0; i < STEPS && simulation.problems.length === 0; i++) await simulation.step()
  if (simulation.problems.length === 0) await simulation.settle()
  simulation.client.close()
  return { seed, problems: simulation.problems, checked: simulation.checked }
}

describe('law 10: query and following changes, no gap, no repeat, no stale overwrite', () => {
  test(`${RUNS} interleavings of store, router, answers, frames, cuts and generations`, { timeout: 30 * 60_000 }, async () => {
    let checked = 0
    for (let seed = SEED; seed < SEED + RUNS; seed++) {
      const outcome = await run(seed)
      expect(outcome.problems, `seed ${seed}`).toEqual([])
      checked += outcome.checked
    }
    // Most runs paint several moments; a client that paints nothing would be right for the wrong reason.
    expect(checked).toBeGreaterThan(RUNS * 3)
  })

  test('a client without the rule of cells is found out', async () => {
    breakRule('cell-offsets')
    let found = false
    for (let seed = 1; seed < 600 && !found; seed++) found = (await run(seed)).problems.length > 0
    expect(found).toBe(true)
  })
})
