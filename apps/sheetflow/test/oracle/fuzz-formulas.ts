import { calculate } from '@sheetflow/formula/calculator/calculate'
import { EXAMPLE_SHEET } from '@sheetflow/formula/functions/example-sheet'
import { mutatedFormula } from '@sheetflow/testkit/random-book/mutated-formula'
import { Random } from '@sheetflow/testkit/random'

/** Of the processor. A budget of ten million steps is about a second (docs/formulas.md); more than this is no budget. */
const LONGEST_MS = 10_000
const PROGRESS_EVERY = 20_000
const CODES = /^formula\/(syntax|unknown-name|unknown-function|arguments|type|not-allowed|cycle|cost)$/

/**
 * Mutated formulas through parse, bind, type and evaluate, by the rules of a sheet and by those of the calculator: none throws, none takes long, every diagnostic has a
 * known code and lies in the text, and nobody's prototype has changed. The answer: how many were wrong.
 */
export function fuzzFormulas(count: number, from: number, say: (line: string) => void): number {
  const { dynamic: _, ...rules } = EXAMPLE_SHEET
  const before = JSON.stringify([Object, Array, String, Map].map((one) => Object.getOwnPropertyNames(one.prototype)))
  let [wrong, longest] = [0, 0]
  for (let seed = from; seed < from + count; seed++) {
    const text = mutatedFormula(new Random(seed))
    for (const input of [rules, EXAMPLE_SHEET]) {
      const begin = process.cpuUsage()
      const problem = problemOf(() => calculate(text, input).diagnostics, text.length)
      const { user, system } = process.cpuUsage(begin)
      const took = (user + system) / 1000
      longest = Math.max(longest, took)
      const finding = problem ?? (took > LONGEST_MS ? `took ${Math.round(took)} ms` : null)
      if (finding === null) continue
      wrong += 1
      say(`formula ${seed}${input === rules ? '' : ' (calculator)'}: ${finding}\n  ${JSON.stringify(text)}`)
    }
    const done = seed - from + 1
    if (done % PROGRESS_EVERY === 0 || done === count)
      say(`${done} of ${count} formulas, ${wrong} wrong, the longest took ${Math.round(longest)} ms`)
  }
  const after = JSON.stringify([Object, Array, String, Map].map((one) => Object.getOwnPropertyNames(one.prototype)))
  if (before === after) return wrong
  say('a prototype has changed')
  return wrong + 1
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
