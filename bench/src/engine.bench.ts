import { CASE_NAMES, casesNamed } from './engine/cases.ts'
import { ownProcess } from './engine/place.ts'
import { installRivals } from './engine/rivals/install.ts'
import { runCase } from './engine/run-case.ts'
import type { BenchOptions } from './lib/bench-options.ts'
import type { Figure } from './lib/measure.ts'
import { temporaryFolder } from './lib/temporary.ts'

const ROWS = 1_000_000
const TRANSACTIONS = 100_000

/**
 * The engine, from the text of a workbook on: each case beside a hand-written limit, the reference workload also beside ZQL, db-ivm and
 * HyperFormula. Each contender has a process of its own. What is counted is the processor time of that process, its garbage collector's included.
 *
 * `--cases reference,chain` runs some, `--rows 10000` runs them small, `--no-rivals` installs nothing.
 */
export default async function* engine(options: BenchOptions): AsyncIterable<Figure> {
  const unknown = options.cases?.filter((name) => !CASE_NAMES.includes(name)) ?? []
  if (unknown.length > 0) throw new Error(`there is no case ${unknown.join(', ')}; there are: ${CASE_NAMES.join(', ')}`)
  const rows = options.rows ?? ROWS
  using folder = temporaryFolder()
  if (options.rivals) installRivals(folder.path)
  const scale = { rows, transactions: Math.max(1, Math.min(TRANSACTIONS, rows)), rivals: options.rivals ? folder.path : null }
  for (const selector of options.cases ?? CASE_NAMES) {
    for (const [at, one] of casesNamed(selector, scale).entries()) {
      yield* runCase(one, { selector, at, scale, rounds: options.rounds, place: ownProcess })
    }
  }
}
