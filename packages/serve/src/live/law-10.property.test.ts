import { runs, SEED } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { simulate } from '../testing/live-simulation.ts'

const RUNS = runs(1_000, 20_000)
const STEPS = 120

test(`law 10, slip-stream: query + following changes has no gap, no repeat, no stale overwrite (${RUNS} interleavings)`, async () => {
  const sum = { transactions: 0, publications: 0, asked: 0, frames: 0 }
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    try {
      const report = await simulate(seed, STEPS)
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += report[name]
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
    }
  }
  // The runs were about something.
  expect(sum.publications).toBeGreaterThan(RUNS * 10)
  expect(sum.asked).toBeGreaterThan(RUNS * 2)
  expect(sum.frames).toBeGreaterThan(RUNS)
})
