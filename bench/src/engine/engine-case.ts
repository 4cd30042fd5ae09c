import type { Measured } from '../lib/measure.ts'

/** How large a run is. Everything else follows from it, so a smoke run takes seconds and measures nothing. */
export interface Scale {
  /** Rows of the greatest table of each case; 1,000,000 where nothing else is said. */
  readonly rows: number
  /** Transactions a round, at most; 100,000 where nothing else is said. */
  readonly transactions: number
  /** The folder in which the rivals are installed; null: without them. */
  readonly rivals: string | null
}

/** One comparison: the same state, loaded once by each contender, and phases in which all do the same work. */
export interface EngineCase {
  /** What is loaded, for people. */
  readonly name: string
  /** Rows of the greatest table. */
  readonly rows: number
  readonly phases: readonly Phase[]
  /** The first one is the product. */
  readonly contenders: readonly EngineContender[]
  /** Loading is measured so often, each time in a new process; 0: it is no figure of this case. */
  readonly loads?: number
}

/** One kind of work on the loaded state. */
export interface Phase {
  readonly id: string
  /** As it stands in the figures. */
  readonly name: string
  /** What is counted. The value is these a CPU-second; with `per: 'item'` milliseconds or microseconds of CPU each. */
  readonly unit: string
  readonly per?: 'second' | 'item-ms' | 'item-us'
  /** Is the time of each item by itself a figure (`p99us`)? */
  readonly latency?: boolean
}

/** Who takes part. */
export interface EngineContender {
  readonly who: string
  /** Its loading takes minutes and is measured once. */
  readonly slow?: boolean
  /** A rival, which is installed at run time and may be left out. */
  readonly rival?: boolean
  open(scale: Scale): Promise<Engine> | Engine
}

/** A contender with its state loaded. */
export interface Engine {
  readonly loaded: Loaded
  /** One round of a phase. The same phase and round is the same work for each contender; what is made beforehand is not in the time. */
  run(phase: string, round: number, latency: boolean): Promise<RoundResult> | RoundResult
  /** After all rounds: touches rows once more and tells what came out, row by row. */
  check(): Promise<Results> | Results
}

/** What loading took. */
export interface Loaded {
  readonly rows: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly heapMB: number
}

export interface RoundResult extends Required<Measured> {
  /** With `latency`. */
  readonly p99us?: number
}

/** Name of a result row → its values as text, in the same words by each contender. */
export type Results = Readonly<Record<string, string>>

/** A result row as text: equal values are equal texts, `2486` and `"2486.00"` as well; numbers with a fraction count up to the second place. */
export function resultRow(cells: readonly unknown[]): string {
  return cells.map(cellText).join('|')
}

function cellText(cell: unknown): string {
  if (typeof cell === 'number') return Number.isInteger(cell) ? String(cell) : cell.toFixed(2).replace(/\.?0+$/, '')
  if (typeof cell === 'string' && DECIMAL.test(cell)) return cell.replace(/\.?0+$/, '')
  return String(cell)
}

const DECIMAL = /^-?\d+\.\d+$/
const SHOWN = 5

/** Throws, naming the first rows in which two contenders differ. */
export function compareResults(first: { readonly who: string; readonly results: Results }, other: typeof first): void {
  const different = Object.keys({ ...first.results, ...other.results }).filter((row) => first.results[row] !== other.results[row])
  if (different.length === 0) return
  const lines = different
    .slice(0, SHOWN)
    .map((row) => `${row}: ${first.who} has ${first.results[row]}, ${other.who} has ${other.results[row]}`)
  throw new Error(`${different.length} of ${Object.keys(first.results).length} result rows differ\n${lines.join('\n')}`)
}
