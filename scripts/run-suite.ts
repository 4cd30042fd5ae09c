import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { findChromium, installChromium } from './chromium.ts'
import { ROOT, run } from './command.ts'
import { hangsAfterMs, testFiles, type Check, type Suite, type Tests } from './suites.ts'

/** What became of a suite. A check counts as one. */
export interface Outcome {
  readonly suite: Suite
  readonly passed: number
  readonly failed: number
  /** Tests that were left out, with the reason standing beside them. */
  readonly skipped: number
  readonly seconds: number
  /** Why it failed beyond its tests, or why it ran nothing. */
  readonly note?: string
  /** What failed, a line each: `file: test: the first line of the reason`. */
  readonly failures?: readonly string[]
}

/** How to run suites. */
export interface RunOptions {
  /** The long forms of everything: no limits of time. */
  readonly full: boolean
  /** Only test files whose path holds one of these. */
  readonly paths: readonly string[]
  readonly signal: AbortSignal
}

type Counts = Omit<Outcome, 'suite' | 'seconds'>

/** Runs one suite to its end and prints what it prints. Never throws for what is under test. */
export async function runSuite(suite: Suite, options: RunOptions): Promise<Outcome> {
  const begin = performance.now()
  const counts = suite.kind === 'check' ? await runCheck(suite, options) : await runTests(suite, options)
  return { suite, ...counts, seconds: (performance.now() - begin) / 1000 }
}

/** Runs the commands of a check side by side; their output appears only if one fails. */
async function runCheck(check: Check, options: RunOptions): Promise<Counts> {
  const missing = check.commands.find(([name = '']) => name.endsWith('.ts') && !existsSync(join(ROOT, name)))
  if (missing !== undefined) return { passed: 0, failed: 0, skipped: 0, note: 'not there yet' }
  const limit = options.full ? {} : { limitMs: hangsAfterMs(check.budgetSeconds) }
  const ended = await Promise.all(check.commands.map((command) => run(command, { quiet: true, signal: options.signal, ...limit })))
  const bad = ended.filter((one) => one.code !== 0)
  for (const one of bad) process.stdout.write(one.output)
  if (bad.length === 0) return { passed: 1, failed: 0, skipped: 0 }
  return { passed: 0, failed: 1, skipped: 0, ...(bad.some((one) => one.late) ? { note: 'hung and was ended' } : {}) }
}

/** What we need of vitest's JSON report. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly FileReport[]
}

interface FileReport {
  readonly name: string
  readonly status: string
  readonly message: string
  readonly assertionResults: readonly {
    readonly status: string
    readonly fullName: string
    readonly failureMessages: readonly string[] | null
  }[]
}

async function runTests(suite: Tests, options: RunOptions): Promise<Counts> {
  const { include, exclude } = testFiles(suite.name)
  const files = globSync(include, { cwd: ROOT, exclude }).filter(
    (file) => options.paths.length === 0 || options.paths.some((path) => file.includes(path)),
  )
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0, note: 'no tests' }
  const browser = suite.browser === true ? (findChromium() ?? (await installChromium(options.signal))) : undefined
  if (typeof browser === 'object') return { passed: 0, failed: 1, skipped: 0, note: browser.problem }
  const folder = mkdtempSync(join(tmpdir(), 'sheetflow-test-'))
  try {
    const report = join(folder, 'report.json')
    const ended = await run(['vitest', 'run', ...options.paths, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], {
      env: {
        SHEETFLOW_SUITE: suite.name,
        ...(browser === undefined ? {} : { SHEETFLOW_BROWSER: browser }),
        ...(options.full ? { SHEETFLOW_FULL: '1' } : {}),
      },
      signal: options.signal,
      ...(options.full ? {} : { limitMs: hangsAfterMs(suite.budgetSeconds) }),
    })
    const counts = existsSync(report) ? count(JSON.parse(readFileSync(report, 'utf8')) as Report) : { passed: 0, failed: 0, skipped: 0 }
    if (ended.code === 0 || counts.failed > 0) return counts
    // Vitest ended badly though no test failed: an error outside of tests, a crash, or an end by force.
    return { ...counts, failed: 1, note: ended.late ? 'hung and was ended' : `vitest ended with ${ended.code}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that could not even be loaded counts as one failed test. */
function count(report: Report): Counts {
  const broken = report.testResults.filter(isBroken).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap(failuresOf),
  }
}

function isBroken(file: FileReport): boolean {
  return file.status === 'failed' && file.assertionResults.length === 0
}

function failuresOf(file: FileReport): string[] {
  const path = relative(ROOT, file.name)
  if (isBroken(file)) return [`${path}: ${firstLine(file.message)}`]
  return file.assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `${path}: ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? '')}`)
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text).split('\n', 1)[0] ?? ''
}
