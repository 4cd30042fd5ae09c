/**
 * `npm test`: every suite of `suites.ts`, in order, some side by side. `npm test -- unit live` runs these two; a word with a slash narrows the tests to paths that
 * hold it (`npm test -- unit packages/core`). `--full` (`npm run test:full`) runs the long forms.
 *
 * Ends with 0 if nothing failed, 1 if something did, 2 for a word that it does not know, 130 if it was interrupted.
 */
import { formatReport } from './report.ts'
import { runSuite, type Outcome } from './run-suite.ts'
import { SUITES, stagesOf, type Suite } from './suites.ts'

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
  const begin = performance.now()
  const outcomes: Outcome[] = []
  for (const stage of stagesOf(parsed.suites)) {
    if (interrupt.signal.aborted) break
    for (const suite of stage) console.log(`${suite === stage[0] ? '\n' : ''}── ${suite.name}: ${suite.what}`)
    const options = { full: parsed.full, paths: parsed.paths, signal: interrupt.signal }
    outcomes.push(...(await Promise.all(stage.map(async (suite) => await runSuite(suite, options)))))
  }
  console.log(formatReport(outcomes, { seconds: (performance.now() - begin) / 1000, full: parsed.full }))
  if (interrupt.signal.aborted) return 130
  return outcomes.some((one) => one.failed > 0) ? 1 : 0
}

process.exitCode = await main()
