import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { mode, quantilePlace, sorted, squaredSpread } from '../../numeric/sample.ts'
import { ADD, divideDecimal, divideDouble, MULTIPLY, SUBTRACT } from '../../value/arithmetic.ts'
import { DIV0, NA, NUM } from '../../value/cell-errors.ts'
import { inLane, wholeInLane } from '../../value/in-lane.ts'
import { realForm } from '../../value/real.ts'

/** The lanes that summaries compute in. */
export type SummaryLane = 'decimal' | 'double'

type Result = AnyNumber | CellError

/** A summary of numbers of one lane; `k` where it takes one more argument. */
export type Summary = (numbers: readonly AnyNumber[], lane: SummaryLane, k: Decimal) => Result

/** What is summarized: all values, or numbers alone. Counts see errors too. */
export type Summarized = { readonly count: (values: readonly Value[]) => number } | { readonly summary: Summary }

function fold(combine: typeof ADD, none: number, start: number): Summary {
  return (numbers, lane) => {
    let result: Result = wholeInLane(numbers.length === 0 ? none : start, lane)
    for (const one of numbers) {
      result = combine[lane](result, one)
      if (isCellError(result)) return result
    }
    return result
  }
}

const sum = fold(ADD, 0, 0)
const product = fold(MULTIPLY, 0, 1)

const mean: Summary = (numbers, lane, k) => {
  const total = sum(numbers, lane, k)
  if (isCellError(total)) return total
  return lane === 'double' ? divideDouble(total as number, numbers.length) : divideDecimal(total as Decimal, Decimal.of(numbers.length, 0))
}

/** The number at a place among the sorted ones, from the start or, below 0, the end. */
function at(place: number): Summary {
  return (numbers, lane) => sorted(numbers).at(place) ?? wholeInLane(0, lane)
}

const FORM: Readonly<Record<SummaryLane, (number: number) => Result>> = {
  decimal: realForm({ type: { type: 'decimal' }, nullable: false }),
  double: realForm({ type: { type: 'double' }, nullable: false }),
}

/** Variances, and with `root` standard deviations: of a sample with `less` 1, of a whole population with 0. */
function spread(less: 0 | 1, root: boolean): Summary {
  return (numbers, lane) => {
    if (numbers.length <= less) return DIV0
    const [squares, by] = [squaredSpread(numbers), numbers.length * (numbers.length - less)]
    if (root) return FORM[lane](Math.sqrt(squares.toNumber() / by))
    const variance = divideDecimal(squares, Decimal.of(by, 0))
    return isCellError(variance) ? variance : inLane(variance, lane)
  }
}

function ranked(fromEnd: boolean): Summary {
  return (numbers, _, k) => {
    const rank = Number(k.rescale(0, 'truncate').units)
    if (rank < 1 || rank > numbers.length) return NUM
    return sorted(numbers).at(fromEnd ? -rank : rank - 1) ?? NUM
  }
}

/** Between two numbers, the part of the way that is given. */
function quantile(numbers: readonly AnyNumber[], lane: SummaryLane, k: Decimal, inclusive: boolean): Result {
  const place = numbers.length === 0 ? null : quantilePlace(k, numbers.length, inclusive)
  if (place === null) return NUM
  const order = sorted(numbers)
  const low = order[place.index] ?? wholeInLane(0, lane)
  const gap = SUBTRACT[lane](order[place.index + 1] ?? low, low)
  const fraction = inLane(place.fraction, lane)
  const step = isCellError(gap) || isCellError(fraction) ? NUM : MULTIPLY[lane](gap, fraction)
  return isCellError(step) ? step : ADD[lane](low, step)
}

const QUARTER = Decimal.of(25, 2)
const HALF = Decimal.of(5, 1)

function quantiles(inclusive: boolean): Summary {
  return (numbers, lane, k) => quantile(numbers, lane, k, inclusive)
}

/** The exclusive one has no quartiles 0 and 4. */
function quartiles(inclusive: boolean): Summary {
  return (numbers, lane, k) => quantile(numbers, lane, k.rescale(0, 'truncate').mul(QUARTER) ?? Decimal.of(-1, 0), inclusive)
}

function ofNumbers(summary: Summary): Summarized {
  return { summary }
}

/** By their number in SUBTOTAL and, from 12 on, in AGGREGATE; those from `FIRST_WITH_K` on take one more argument. */
export const SUMMARIES: ReadonlyMap<number, Summarized> = new Map<number, Summarized>([
  [1, ofNumbers(mean)],
  [2, { count: (values) => values.filter(isNumber).length }],
  [3, { count: (values) => values.filter((value) => value !== null).length }],
  [4, ofNumbers(at(-1))],
  [5, ofNumbers(at(0))],
  [6, ofNumbers(product)],
  [7, ofNumbers(spread(1, true))],
  [8, ofNumbers(spread(0, true))],
  [9, ofNumbers(sum)],
  [10, ofNumbers(spread(1, false))],
  [11, ofNumbers(spread(0, false))],
  [12, ofNumbers((numbers, lane) => quantile(numbers, lane, HALF, true))],
  [13, ofNumbers((numbers) => mode(numbers) ?? NA)],
  [14, ofNumbers(ranked(true))],
  [15, ofNumbers(ranked(false))],
  [16, ofNumbers(quantiles(true))],
  [17, ofNumbers(quartiles(true))],
  [18, ofNumbers(quantiles(false))],
  [19, ofNumbers(quartiles(false))],
])

/** The last function of SUBTOTAL. */
export const LAST_OF_SUBTOTAL = 11
/** The first that takes one more argument. */
export const FIRST_WITH_K = 14

/** Texts and booleans are left out; the first error is the result. */
export function summarize(how: Summarized, values: readonly Value[], lane: SummaryLane, k: Decimal = Decimal.ZERO): Result {
  if ('count' in how) return wholeInLane(how.count(values), lane)
  const numbers: AnyNumber[] = []
  for (const value of values) {
    if (isCellError(value)) return value
    if (!isNumber(value)) continue
    const number = inLane(toDecimal(value), lane)
    if (isCellError(number)) return number
    numbers.push(number)
  }
  return how.summary(numbers, lane, k)
}
