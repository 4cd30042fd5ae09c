import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../command.ts'

/** One run of one scenario, as it stands in `results/faults.jsonl`. */
export interface Result {
  readonly at: string
  /** As `git describe --always --dirty` says. */
  readonly commit: string
  readonly scenario: string
  /** `sqlite`, `nats` or `both`. */
  readonly bus: string
  readonly seed: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
  /** What the scenario counted: produced, acknowledged, in bus, in view, seen, twice, out of order, … */
  readonly runs: readonly object[]
  readonly failures: readonly string[]
}

const FOLDER = join(ROOT, 'results')
const LINES = join(FOLDER, 'faults.jsonl')
const SUMMARY = join(FOLDER, 'faults.json')

/** All that were written; a last line that was cut is none. */
export function readResults(): readonly Result[] {
  if (!existsSync(LINES)) return []
  return readFileSync(LINES, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Result]
      } catch {
        return []
      }
    })
}

/** Adds one. */
export function writeResult(result: Result): void {
  mkdirSync(FOLDER, { recursive: true })
  appendFileSync(LINES, `${JSON.stringify(result)}\n`)
}

/** Keeps all that a run printed, as `results/faults-<name>.log`. */
export function keepOutput(name: string, output: string): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, `faults-${name}.log`), output)
}

/** Writes what became of each scenario over all seeds of this call. */
export function writeSummary(commit: string, results: readonly Result[]): void {
  mkdirSync(FOLDER, { recursive: true })
  const scenarios = Object.fromEntries(
    [...Map.groupBy(results, ({ scenario }) => scenario)].map(([scenario, all]) => [
      scenario,
      { runs: all.length, failedSeeds: all.filter(({ failed }) => failed > 0).map(({ seed }) => seed), seconds: sum(all, 'seconds') },
    ]),
  )
  writeFileSync(
    SUMMARY,
    `${JSON.stringify({ commit, passed: sum(results, 'passed'), failed: sum(results, 'failed'), skipped: sum(results, 'skipped'), scenarios }, null, 2)}\n`,
  )
}

/** The last line for people. */
export function summaryOf(results: readonly Result[]): string {
  return `${String(sum(results, 'passed'))} passed, ${String(sum(results, 'failed'))} failed, ${String(sum(results, 'skipped'))} skipped in ${String(results.length)} runs; results/faults.jsonl, results/faults.json`
}

function sum(results: readonly Result[], field: 'passed' | 'failed' | 'skipped' | 'seconds'): number {
  return results.reduce((total, result) => total + result[field], 0)
}
