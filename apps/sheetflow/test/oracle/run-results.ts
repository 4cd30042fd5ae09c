import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { WrongFormula } from './formula-slice.ts'
import type { Verdict } from './runner.ts'

/** A line of a run: a start with what it ran on, a random workbook, or a slice of formulas. */
export type ResultLine =
  | { readonly start: string; readonly commit: string }
  | { readonly seed: number; readonly verdict: Verdict['kind']; readonly checks: number; readonly message?: string }
  | { readonly from: number; readonly count: number; readonly wrong: readonly WrongFormula[]; readonly longestMs: number }

/** What a run came to, all its starts together. */
export interface RunSummary {
  readonly commits: readonly string[]
  readonly seeds: {
    readonly run: number
    readonly views: number
    readonly refused: number
    /** Those that were neither right nor refused. */
    readonly found: readonly number[]
  }
  readonly formulas: { readonly run: number; readonly wrong: number; readonly longestMs: number }
}

/**
 * The lines of a run, one JSON object each, in a file that is added to (without a file in memory), and beside it their summary. A run may be ended at any moment: what
 * stands in its file is not run again, and a line that was cut off does not stand there.
 */
export class RunResults {
  readonly #file: string | null
  readonly #lines: ResultLine[] = []
  readonly #seeds = new Set<number>()
  readonly #slices: (readonly [from: number, end: number])[] = []
  #torn = false

  constructor(file: string | null) {
    this.#file = file
    if (file === null) return
    mkdirSync(path.dirname(file), { recursive: true })
    if (!existsSync(file)) return
    const text = readFileSync(file, 'utf8')
    this.#torn = text !== '' && !text.endsWith('\n')
    for (const line of text.split('\n')) {
      const read = lineOf(line)
      if (read !== null) this.#take(read)
    }
  }

  /** Has that random workbook been run? */
  has(seed: number): boolean {
    return this.#seeds.has(seed)
  }

  /** The formulas from `from` to before `end` that have not been run: spans in order. */
  missing(from: number, end: number): readonly (readonly [from: number, end: number])[] {
    const spans: [number, number][] = []
    let at = from
    for (const [first, last] of this.#slices.toSorted(([a], [b]) => a - b)) {
      if (first >= end) break
      if (first > at) spans.push([at, first])
      at = Math.max(at, last)
    }
    if (at < end) spans.push([at, end])
    return spans
  }

  add(line: ResultLine): void {
    this.#take(line)
    if (this.#file === null) return
    appendFileSync(this.#file, `${this.#torn ? '\n' : ''}${JSON.stringify(line)}\n`)
    this.#torn = false
  }

  summary(): RunSummary {
    const commits = new Set<string>()
    const found: number[] = []
    let [seeds, views, refused, formulas, wrong, longestMs] = [0, 0, 0, 0, 0, 0]
    for (const line of this.#lines) {
      if ('start' in line) commits.add(line.commit)
      else if ('seed' in line) {
        seeds += 1
        views += line.checks
        if (line.verdict === 'refused') refused += 1
        else if (line.verdict !== 'right') found.push(line.seed)
      } else {
        formulas += line.count
        wrong += line.wrong.length
        longestMs = Math.max(longestMs, line.longestMs)
      }
    }
    return { commits: [...commits], seeds: { run: seeds, views, refused, found }, formulas: { run: formulas, wrong, longestMs } }
  }

  /** `results/seeds.jsonl` → `results/seeds.summary.json`. */
  writeSummary(): void {
    if (this.#file === null) return
    const { dir, name } = path.parse(this.#file)
    writeFileSync(path.join(dir, `${name}.summary.json`), `${JSON.stringify(this.summary(), null, 1)}\n`)
  }

  #take(line: ResultLine): void {
    this.#lines.push(line)
    if ('seed' in line) this.#seeds.add(line.seed)
    else if ('from' in line) this.#slices.push([line.from, line.from + line.count])
  }
}

/** Null: the line is empty or was cut off. */
function lineOf(line: string): ResultLine | null {
  try {
    return JSON.parse(line) as ResultLine
  } catch {
    return null
  }
}
