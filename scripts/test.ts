/**
 * `npm test`: every suite of `suites.ts`, in order. `npm test -- unit live` runs these two; a word with a slash narrows the tests to paths that
 * hold it (`npm test -- unit packages/core`). `--full` (`npm run test:full`) runs the long forms.
 *
 * Ends with 0 if nothing failed, 1 if something did, 2 for a word that it does not know, 130 if it was interrupted.
 */
import { formatReport } from './report.ts'
import { runSuite, type Outcome } from './run-suite.ts'
import { SUITES, type Suite } from './suites.ts'

/** Signals this close together are one wish. */
const SAME_INTERRUPT_MS = 500

/** Says which words are known, if one is not. */
function parseWords(words: readonly string[]): { suites: readonly Suite[]; paths: string[]; full: boolean } | { problem: string } {
  const paths = words.filter((word) => word.includes('/'))
  const names = words.filter((word) => !word.includes('/') && word !== '--full')
  const unknown = names.find((name) => !SUITES.some((suite) => suite.name === name))
  if (unknown !== undefined) return { problem: `there is no suite ${unknown}: ${SUITES.map((suite) => suite.name).join(', ')}` }
  const chosen = SUITES.filter((suite) => (names.length === 0 ? paths.length === 0 || suite.kind === 'tests' : names.includes(suite.name)))
  return { suites: chosen, paths, full: words.includes('--full') || process.env['SHEETFLOW_FULL'] === '1' }
}

/** A terminal's Ctrl-C arrives twice, from the terminal and from npm: only one that comes later is a second one, and it ends everything at once. */
function abortOnSignals(interrupt: AbortController): void {
  let first: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      first ??= performance.now()
      if (performance.now() - first > SAME_INTERRUPT_MS) process.exit(130)
      interrupt.abort()
    })
  }
}

async function main(): Promise<number> {
  const parsed = parseWords(process.argv.slice(2))
  if ('problem' in parsed) {
    console.error(parsed.problem)
    return 2
  }
  const interrupt = new AbortController()
  abortOnSignals(interrupt)
  const outcomes: Outcome[] = []
  for (const suite of parsed.suites) {
    if (interrupt.signal.aborted) break
    console.log(`\n── ${suite.name}: ${suite.what}`)
    outcomes.push(await runSuite(suite, { full: parsed.full, paths: parsed.paths, signal: interrupt.signal }))
  }
  console.log(formatReport(outcomes))
  if (interrupt.signal.aborted) return 130
  return outcomes.some((one) => one.failed > 0) ? 1 : 0
}

process.exitCode = await main()
