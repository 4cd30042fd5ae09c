import { mutatedFormula } from '@sheetflow/testkit/random-book/mutated-formula'
import { Random } from '@sheetflow/testkit/random'
import { LONGEST_MS } from './formula-slice.ts'
import type { Slice, SliceAsked, WrongFormula } from './formula-slice.ts'
import { GuardedWorker } from './guarded-worker.ts'
import type { RunResults } from './run-results.ts'

const SLICE = 1_000
const PROGRESS_EVERY = 20_000

/**
 * Mutated formulas in slices, those left out that `results` has already. One that never ends or ends its thread is wrong like one that throws, and the next one goes on.
 * The answer: how many were wrong, those of earlier starts among them.
 */
export async function fuzzFormulas(count: number, from: number, results: RunResults, say: (line: string) => void): Promise<number> {
  using worker = new GuardedWorker<SliceAsked, Slice>(new URL('formula-worker.ts', import.meta.url))
  const at = new Int32Array(new SharedArrayBuffer(4))
  let said = 0
  for (const [first, end] of results.missing(from, from + count)) {
    for (let seed = first; seed < end;) {
      const slice = Math.min(SLICE, end - seed)
      at[0] = seed
      const ran = await worker.ask({ from: seed, count: slice, at }, 2 * LONGEST_MS, () => at[0] ?? 0)
      const last = at[0] ?? seed
      const done = ran.kind === 'answer' ? slice : last - seed + 1
      const { wrong, longestMs } = ran.kind === 'answer' ? ran.answer : { wrong: [stopped(last, ran.message)], longestMs: 0 }
      results.add({ from: seed, count: done, wrong, longestMs })
      for (const one of wrong) say(`formula ${one.seed}: ${one.problem}\n  ${JSON.stringify(one.text)}`)
      seed += done
      const { formulas } = results.summary()
      if (formulas.run - said < PROGRESS_EVERY) continue
      said = formulas.run
      results.writeSummary()
      say(`${seed - from} of ${count} formulas, ${formulas.wrong} wrong, the longest took ${formulas.longestMs} ms`)
    }
  }
  results.writeSummary()
  const { formulas } = results.summary()
  say(`${formulas.run} formulas, ${formulas.wrong} wrong, the longest took ${formulas.longestMs} ms`)
  return formulas.wrong
}

function stopped(seed: number, problem: string): WrongFormula {
  return { seed, text: mutatedFormula(new Random(seed)), problem }
}
