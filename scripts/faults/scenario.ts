import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { ROOT, run, type Ended } from '../command.ts'
import { testFiles } from '../suites.ts'
import { keepOutput, type Result } from './results.ts'

/** Of what a test threw; all of it stands in the output that is kept. */
const FAILURE_CHARS = 1_500

/** What can break, and the file that breaks it. */
export interface Scenario {
  readonly name: string
  /** From the repository's root. */
  readonly file: string
  /** Its first comment, in one line. */
  readonly expected: string
}

/** All of them, by name. */
export function scenarios(): readonly Scenario[] {
  const { include, exclude } = testFiles('fault')
  return globSync(include, { cwd: ROOT, exclude })
    .map((file) => ({ name: basename(file, '.fault.test.ts'), file, expected: firstComment(readFileSync(join(ROOT, file), 'utf8')) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** How to run one. */
export interface ScenarioOptions {
  readonly bus: string
  readonly seed: number
  readonly commit: string
  /** What takes longer is ended, and has failed. */
  readonly limitMs: number
  readonly signal: AbortSignal
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly failureMessages: readonly string[] }[]
  }[]
}

/** Runs it in its long form, alone. What it prints that is an object in JSON belongs to the result: the figures of the run. What a run that failed has printed is kept beside the results. */
export async function runScenario({ name, file }: Scenario, options: ScenarioOptions): Promise<Result> {
  const { bus, seed, commit, limitMs, signal } = options
  const folder = mkdtempSync(join(tmpdir(), 'sheetflow-faults-'))
  const begin = performance.now()
  try {
    const to = join(folder, 'report.json')
    const env = {
      SHEETFLOW_SUITE: 'fault',
      SHEETFLOW_FULL: '1',
      SHEETFLOW_SEED: String(seed),
      ...(bus === 'both' ? {} : { SHEETFLOW_FAULTS_BUS: bus }),
    }
    const ended = await run(['vitest', 'run', file, '--reporter=default', '--reporter=json', `--outputFile.json=${to}`], {
      quiet: true,
      env,
      limitMs,
      signal,
    })
    const report = ended.late ? null : reportIn(to)
    const failures = ended.late ? [`it did not end within ${String(limitMs / 60_000)} minutes`] : failuresOf(ended, report)
    if (failures.length > 0 && !signal.aborted) keepOutput(`${name}-${bus}-${String(seed)}`, ended.output)
    return {
      at: new Date().toISOString(),
      commit,
      scenario: name,
      bus,
      seed,
      passed: report?.numPassedTests ?? 0,
      // What broke outside of every test has failed too, though the report counts no test for it.
      failed: Math.max(report?.numFailedTests ?? 0, failures.length > 0 ? 1 : 0),
      skipped: report?.numPendingTests ?? 0,
      seconds: (performance.now() - begin) / 1000,
      runs: ended.output.split('\n').flatMap(figuresIn),
      failures,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Null if it wrote none, or not to its end. */
function reportIn(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}

/** Why it failed, one text for each test or file; of a run that ended badly and says nothing the end of what it printed. */
function failuresOf({ code, output }: Ended, report: Report | null): readonly string[] {
  const failures = (report?.testResults ?? []).flatMap(({ message, assertionResults }) => {
    const failed = assertionResults.flatMap(({ fullName, failureMessages }) =>
      failureMessages.map((text) => `${fullName}: ${text.slice(0, FAILURE_CHARS)}`),
    )
    return failed.length > 0 || message === '' ? failed : [message.slice(0, FAILURE_CHARS)]
  })
  return code !== 0 && failures.length === 0 ? [output.slice(-FAILURE_CHARS)] : failures
}

/** The object that a line of output holds, if it holds one. Colours stand before it. */
function figuresIn(line: string): readonly object[] {
  const start = line.indexOf('{"')
  if (start < 0) return []
  try {
    return [JSON.parse(line.slice(start)) as object]
  } catch {
    return []
  }
}

/** The text of the first comment that is a block. */
function firstComment(text: string): string {
  const [, comment = ''] = /\/\*\*([\s\S]*?)\*\//.exec(text) ?? []
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, '').trim())
    .join(' ')
    .trim()
}
