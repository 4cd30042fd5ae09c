import { CASE_NAMES, casesNamed } from './engine/cases.ts'
import { ownProcess } from './engine/place.ts'
import { installRivals } from './engine/rivals/install.ts'
import { runCase } from './engine/run-case.ts'
import type { BenchOptions } from './lib/bench-options.ts'
import type { Figure } from './lib/measure.ts'
import { measurement } from './lib/measurement.ts'
import { temporaryFolder } from './lib/temporary.ts'

const ROWS = 1_000_000
const TRANSACTIONS = 100_000

/**
 * The engine, from the text of a workbook on: each case beside a hand-written limit, the reference workload also beside ZQL, db-ivm and
 * HyperFormula. Each contender has a process of its own. What is counted is the processor time of that process, its garbage collector's included.
 *
 * `--markdown` also writes `docs/performance.md` and its plot (`report`). `--cases reference,chain` runs some, `--rows 10000` runs them small,
 * `--no-rivals` installs nothing.
 */
export default async function* engine(options: BenchOptions): AsyncIterable<Figure> {
  const unknown = options.cases?.filter((name) => !CASE_NAMES.includes(name)) ?? []
  if (unknown.length > 0) throw new Error(`there is no case ${unknown.join(', ')}; there are: ${CASE_NAMES.join(', ')}`)
  const rows = options.rows ?? ROWS
  const selectors = options.cases ?? CASE_NAMES
  using folder = temporaryFolder()
  const scale = { rows, transactions: Math.min(TRANSACTIONS, rows), rivals: options.rivals ? folder.path : null }
  const rivals = selectors.some((selector) => casesNamed(selector, scale).some(({ contenders }) => contenders.some(({ rival }) => rival)))
  if (options.rivals && rivals) installRivals(folder.path)
  for (const selector of selectors) {
    for (const [at, one] of casesNamed(selector, scale).entries()) {
      for await (const figure of runCase(one, { selector, at, scale, rounds: options.rounds, place: ownProcess })) {
        yield { ...figure, group: selector, measured: measurement() }
      }
    }
  }
}

export { reportEngine as report } from './engine/report/engine-report.ts'
