import { calculate } from '@sheetflow/formula/calculator/calculate'
import { EXAMPLE_SHEET } from '@sheetflow/formula/functions/example-sheet'
import { mutatedFormula } from '@sheetflow/testkit/random-book/mutated-formula'
import { Random } from '@sheetflow/testkit/random'

/** Of the processor. A budget of ten million steps is about a second (docs/formulas.md); more than this is no budget. */
export const LONGEST_MS = 10_000
const CODES = /^formula\/(syntax|unknown-name|unknown-function|arguments|type|not-allowed|cycle|cost)$/

/** A formula that was wrong. */
export interface WrongFormula {
  readonly seed: number
  readonly text: string
  readonly problem: string
}

/** What came of a slice: its formulas that were wrong, and the time of the processor that the longest one took. */
export interface Slice {
  readonly wrong: readonly WrongFormula[]
  readonly longestMs: number
}

/** What `formula-worker.ts` is asked: these seeds. `at[0]` is the seed that it is at. */
export interface SliceAsked {
  readonly from: number
  readonly count: number
  readonly at: Int32Array
}

/**
 * Mutated formulas through parse, bind, type and evaluate, by the rules of a sheet and by those of the calculator: none throws, none takes long, every diagnostic has a
 * known code and lies in the text, and nobody's prototype has changed.
 */
export function fuzzSlice({ from, count, at }: SliceAsked): Slice {
  const { dynamic: _, ...rules } = EXAMPLE_SHEET
  const before = prototypes()
  const wrong: WrongFormula[] = []
  let longestMs = 0
  for (let seed = from; seed < from + count; seed++) {
    at[0] = seed
    const text = mutatedFormula(new Random(seed))
    for (const input of [rules, EXAMPLE_SHEET]) {
      const begin = process.cpuUsage()
      const problem = problemOf(() => calculate(text, input).diagnostics, text.length)
      const { user, system } = process.cpuUsage(begin)
      const took = (user + system) / 1000
      longestMs = Math.max(longestMs, took)
      const finding = problem ?? (took > LONGEST_MS ? `took ${Math.round(took)} ms` : null)
      if (finding !== null) wrong.push({ seed, text, problem: `${input === rules ? '' : '(calculator) '}${finding}` })
    }
  }
  if (prototypes() !== before) wrong.push({ seed: from, text: '', problem: `a prototype has changed by one of ${count} formulas` })
  return { wrong, longestMs: Math.round(longestMs) }
}

function prototypes(): string {
  return JSON.stringify([Object, Array, String, Map].map((one) => Object.getOwnPropertyNames(one.prototype)))
}

type Diagnostics = ReturnType<typeof calculate>['diagnostics']

function problemOf(run: () => Diagnostics, length: number): string | null {
  try {
    const odd = run().find(({ code, range, message }) => {
      const lies = range.start >= 0 && range.end >= range.start && range.end <= length
      return !CODES.test(code) || message === '' || !lies
    })
    return odd === undefined ? null : `an odd diagnostic: ${JSON.stringify(odd)}`
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}
