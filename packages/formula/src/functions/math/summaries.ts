import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType, OrderFunction } from '../../bound.ts'
import { ratioForm, toDouble, type Ratio } from '../../numeric/exact/ratio.ts'
import { variance } from '../../numeric/exact/variance.ts'
import { modes } from '../../numeric/modes.ts'
import { ADD, divideDecimal, divideDouble, MULTIPLY } from '../../value/arithmetic.ts'
import { DIV0, NA } from '../../value/cell-errors.ts'
import { inLane, wholeInLane } from '../../value/in-lane.ts'
import { typeOfLane } from '../../value/lane.ts'
import { orderStatistic, rankedOf } from '../../value/order-statistics.ts'
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

function extreme(fromEnd: boolean): Summary {
  return (numbers, lane) => numbers.toSorted(compareNumbers).at(fromEnd ? -1 : 0) ?? wholeInLane(0, lane)
}

const TYPE: Readonly<Record<SummaryLane, ExprType>> = {
  decimal: { type: { type: 'decimal' }, nullable: false },
  double: { type: { type: 'double' }, nullable: false },
}
const FORM: Readonly<Record<SummaryLane, (number: number) => Result>> = { decimal: realForm(TYPE.decimal), double: realForm(TYPE.double) }
const EXACT: Readonly<Record<SummaryLane, (ratio: Ratio) => Result>> = { decimal: ratioForm(TYPE.decimal), double: ratioForm(TYPE.double) }

/** Variances, and with `root` standard deviations. */
function spread(ofSample: boolean, root: boolean): Summary {
  return (numbers, lane) => {
    const found = variance(numbers, ofSample)
    if (found === null) return DIV0
    return root ? FORM[lane](Math.sqrt(toDouble(found))) : EXACT[lane](found)
  }
}

/** As MEDIAN, LARGE, PERCENTILE.INC and their siblings. */
function order(fn: OrderFunction): Summary {
  return (numbers, lane, k) => {
    const type = typeOfLane(lane)
    const found = orderStatistic(fn, type, [{ type: { type: 'decimal' }, nullable: false }])(rankedOf(numbers), [k])
    return isCellError(found) ? found : inLane(toDecimal(found as AnyNumber), lane)
  }
}

function ofNumbers(summary: Summary): Summarized {
  return { summary }
}

/** By their number in SUBTOTAL and, from 12 on, in AGGREGATE; those from `FIRST_WITH_K` on take one more argument. */
export const SUMMARIES: ReadonlyMap<number, Summarized> = new Map<number, Summarized>([
  [1, ofNumbers(mean)],
  [2, { count: (values) => values.filter(isNumber).length }],
  [3, { count: (values) => values.filter((value) => value !== null).length }],
  [4, ofNumbers(extreme(true))],
  [5, ofNumbers(extreme(false))],
  [6, ofNumbers(product)],
  [7, ofNumbers(spread(true, true))],
  [8, ofNumbers(spread(false, true))],
  [9, ofNumbers(sum)],
  [10, ofNumbers(spread(true, false))],
  [11, ofNumbers(spread(false, false))],
  [12, ofNumbers(order('median'))],
  [13, ofNumbers((numbers) => modes(numbers)[0] ?? NA)],
  [14, ofNumbers(order('large'))],
  [15, ofNumbers(order('small'))],
  [16, ofNumbers(order('percentile-inc'))],
  [17, ofNumbers(order('quartile-inc'))],
  [18, ofNumbers(order('percentile-exc'))],
  [19, ofNumbers(order('quartile-exc'))],
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
