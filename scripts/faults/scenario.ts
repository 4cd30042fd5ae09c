import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { ROOT, run } from '../command.ts'
import { testFiles } from '../suites.ts'
import type { Result } from './results.ts'

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

/** Runs it in its long form, alone. What it prints that is an object in JSON belongs to the result: the figures of the run. */
export async function runScenario({ name, file }: Scenario, { bus, seed, commit, signal }: ScenarioOptions): Promise<Result> {
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
      signal,
    })
    const report = existsSync(to) ? (JSON.parse(readFileSync(to, 'utf8')) as Report) : null
    const failures = report?.testResults.flatMap(failuresOf) ?? []
    const isBroken = ended.code !== 0 && failures.length === 0
    return {
      at: new Date().toISOString(),
      commit,
      scenario: name,
      bus,
      seed,
      passed: report?.numPassedTests ?? 0,
      failed: (report?.numFailedTests ?? 0) + (isBroken ? 1 : 0),
      skipped: report?.numPendingTests ?? 0,
      seconds: (performance.now() - begin) / 1000,
      runs: ended.output.split('\n').flatMap(figuresIn),
      failures: isBroken ? [ended.output.slice(-2_000)] : failures,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function failuresOf({ message, assertionResults }: Report['testResults'][number]): string[] {
  const failed = assertionResults.flatMap(({ fullName, failureMessages }) =>
    failureMessages.map((text) => `${fullName}: ${text.slice(0, 500)}`),
  )
  return failed.length > 0 || message === '' ? failed : [message.slice(0, 500)]
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
