/**
 * `npm run check`: types, lint, layers, format and unused code at once, in seconds; `npm run check:types` and its siblings run one of them.
 * Prints only what is wrong. Ends with 0 if nothing is.
 */
import { runSuite } from './run-suite.ts'
import { SUITES } from './suites.ts'

const QUICK: readonly string[] = ['types', 'lint', 'layers', 'format', 'unused']

const names = process.argv.slice(2)
const chosen = SUITES.filter((suite) => (names.length === 0 ? QUICK : names).includes(suite.name))
const { signal } = new AbortController()
const outcomes = await Promise.all(chosen.map((suite) => runSuite(suite, { full: false, paths: [], signal })))
for (const one of outcomes)
  console.log(
    `${one.suite.name.padEnd(8)}${one.failed === 0 ? 'ok' : 'failed'}  ${one.seconds.toFixed(1)} s${one.note === undefined ? '' : `  (${one.note})`}`,
  )
process.exitCode = outcomes.every((one) => one.failed === 0) ? 0 : 1
