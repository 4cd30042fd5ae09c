import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { ratio, ratioForm, wholeNumbers } from '../../numeric/exact/ratio.ts'
import { NA, NUM } from '../../value/cell-errors.ts'
import type { FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { always, quotient, widestNumber } from '../results.ts'
import { alias, statistic, type Shown } from './define.ts'

const ARRAY: Parameter = { name: 'array', kind: 'numbers' }

const ONE = Decimal.of(1, 0)
const QUARTER = Decimal.of(25, 2)

function sorted(numbers: readonly AnyNumber[]): readonly AnyNumber[] {
  return numbers.toSorted(compareNumbers)
}

/** LARGE (`fromEnd`) and SMALL round `k` up, as Excel does; below 1 and beyond the last is `#NUM!`. */
function picked(fromEnd: boolean): StrictMaker {
  return () => (numbers: readonly AnyNumber[], k: AnyNumber) => {
    const exact = toDecimal(k)
    const whole = exact.rescale(0, 'truncate')
    const place = Number(whole.units) + (whole.cmp(exact) < 0 ? 1 : 0)
    if (exact.cmp(ONE) < 0 || place > numbers.length) return NUM
    return sorted(numbers).at(fromEnd ? -place : place - 1) ?? NUM
  }
}

/** The value at a place counted from 0 that may lie between two: on the straight line between them, exact. */
function between(result: ExprType): (numbers: readonly AnyNumber[], place: Decimal) => Value {
  const form = ratioForm(result)
  return (numbers, place) => {
    const whole = place.rescale(0, 'truncate')
    const rest = place.sub(whole) ?? Decimal.ZERO
    const order = sorted(numbers)
    const low = order[Number(whole.units)]
    if (low === undefined) return NUM
    const { units, scale } = wholeNumbers([low, order[Number(whole.units) + 1] ?? low])
    const [from = 0n, to = 0n] = units
    const parts = 10n ** BigInt(rest.scale)
    return form(ratio(from * parts + (to - from) * BigInt(rest.units), parts, scale))
  }
}

const makeMedian: StrictMaker = ({ result }) => {
  const at = between(result)
  return (numbers: readonly AnyNumber[]) => (numbers.length === 0 ? NUM : at(numbers, Decimal.of((numbers.length - 1) * 5, 1)))
}

/** PERCENTILE and QUARTILE; `exclusive`: by n + 1 places, the first and the last beside the values. `part` is what `k` means. */
function percentile(exclusive: boolean, part: (k: Decimal) => Decimal | null): StrictMaker {
  return ({ result }) => {
    const at = between(result)
    return (numbers: readonly AnyNumber[], given: AnyNumber) => {
      const k = part(toDecimal(given))
      if (numbers.length === 0 || k === null || k.sign() < 0 || k.cmp(ONE) > 0) return NUM
      const place = k.mul(Decimal.of(exclusive ? numbers.length + 1 : numbers.length - 1, 0))?.sub(exclusive ? ONE : Decimal.ZERO) ?? null
      if (place === null || place.sign() < 0 || place.cmp(Decimal.of(numbers.length - 1, 0)) > 0) return NUM
      return at(numbers, place)
    }
  }
}

/** A whole number of quarters, cut off. */
function quarters(k: Decimal): Decimal | null {
  return k.rescale(0, 'truncate').mul(QUARTER)
}

/** Of a number that is not among them `#N/A`. Order 0 counts from the greatest, any other from the smallest. */
function rank(average: boolean): StrictMaker {
  return () => (number: AnyNumber, numbers: readonly AnyNumber[], order: AnyNumber) => {
    const wins = toDecimal(order).isZero() ? 1 : -1
    let better = 0
    let equal = 0
    for (const one of numbers) {
      const compared = compareNumbers(one, number)
      if (compared === 0) equal++
      else if (compared === wins) better++
    }
    if (equal === 0) return NA
    return average ? Decimal.of(10 * better + 5 * (equal + 1), 1).normalize() : better + 1
  }
}

function kth(
  name: string,
  help: string,
  k: string,
  result: FunctionDefinition['result'],
  make: StrictMaker,
  ...examples: readonly Shown[]
): FunctionDefinition {
  return statistic({ name, help, params: [ARRAY, { name: k, kind: 'number' }], result, evaluation: { mode: 'strict', make } }, ...examples)
}

function ranking(name: string, help: string, average: boolean, ...examples: readonly Shown[]): FunctionDefinition {
  return statistic(
    {
      name,
      help,
      params: [{ name: 'number', kind: 'number' }, ARRAY, { name: 'order', kind: 'number', optional: true, fallback: 0 }],
      result: average ? always('decimal') : always('int'),
      evaluation: { mode: 'strict', make: rank(average) },
    },
    ...examples,
  )
}

const PERCENTILE_INC = kth(
  'PERCENTILE.INC',
  'The value below which the part k of the values lies, from 0, the smallest, to 1, the greatest; between neighbours in proportion, exact.',
  'k',
  quotient,
  percentile(false, (k) => k),
  ['=PERCENTILE.INC({1,3,2,4}, 0.3)', '1.9'],
  ['=PERCENTILE.INC({5,3}, [@blank])', '3'],
  ['=PERCENTILE.INC({1,2}, 1.1)', '#NUM!'],
  ['=PERCENTILE.INC(items[amount], 0.9)', '28.4'],
  ['=PERCENTILE.INC(items[broken], 1)', '#N/A'],
)
const QUARTILE_INC = kth(
  'QUARTILE.INC',
  'The value below which so many quarters of the values lie: 0 is the smallest, 4 the greatest; exact.',
  'quarters',
  quotient,
  percentile(false, quarters),
  ['=QUARTILE.INC({1,2,4,7,8,9,10,12}, 1)', '3.5'],
  ['=QUARTILE.INC({5,3}, [@blank])', '3'],
  ['=QUARTILE.INC({1,2}, 5)', '#NUM!'],
  ['=QUARTILE.INC(items[amount], 3)', '25.25'],
)
const RANK_EQ = ranking(
  'RANK.EQ',
  'The place of a number among others, from the greatest (order 0) or the smallest; equal ones share the best place.',
  false,
  ['=RANK.EQ(3.5, {7,3.5,3.5,1,2}, 1)', '3'],
  ['=RANK.EQ([@blank], {2,0,1})', '3'],
  ['=RANK.EQ(5, {1,2})', '#N/A'],
  ['=RANK.EQ(20, items[amount])', '2'],
  ['=RANK.EQ(2, items[broken])', '#N/A'],
)

/** Over the order of values. */
export const RANKS: readonly FunctionDefinition[] = [
  kth(
    'LARGE',
    'The k-th largest value; beyond the last #NUM!.',
    'k',
    widestNumber(0),
    picked(true),
    ['=LARGE({3,5,3,5,4}, 3)', '4'],
    ['=LARGE({3,5.5,4}, {1,2})', '{5.5,4}'],
    ['=LARGE({3,5}, [@blank])', '#NUM!'],
    ['=LARGE(items[amount], 1)', '30.5'],
    ['=LARGE(items[broken], 1)', '#N/A'],
  ),
  kth(
    'SMALL',
    'The k-th smallest value; beyond the last #NUM!.',
    'k',
    widestNumber(0),
    picked(false),
    ['=SMALL({3,4,5,2,3,4}, 4)', '4'],
    ['=SMALL({3,5}, 3)', '#NUM!'],
    ['=SMALL({3,5}, [@blank])', '#NUM!'],
    ['=SMALL(items[amount], 2)', '20'],
  ),
  statistic(
    {
      name: 'MEDIAN',
      help: 'The value in the middle, or the mean of the two there; of none #NUM!. Exact.',
      params: [{ name: 'value', kind: 'numbers' }],
      repeat: 1,
      result: quotient,
      evaluation: { mode: 'strict', make: makeMedian },
    },
    ['=MEDIAN({1,2,3,4,5,6})', '3.5'],
    ['=MEDIAN(0.1, 0.3, [@blank])', '0.2'],
    ['=MEDIAN({"a"})', '#NUM!'],
    ['=MEDIAN(items[amount])', '20'],
    ['=MEDIAN(items[broken])', '#N/A'],
  ),
  PERCENTILE_INC,
  alias('PERCENTILE', PERCENTILE_INC),
  kth(
    'PERCENTILE.EXC',
    'The value below which the part k of the values lies, counted among one more, so that k lies between 1/(n+1) and n/(n+1); exact.',
    'k',
    quotient,
    percentile(true, (k) => k),
    ['=PERCENTILE.EXC({6,7,15,36,39,40,41,42,43,47,49}, 0.25)', '15'],
    ['=PERCENTILE.EXC({1,2,3}, 0.9)', '#NUM!'],
    ['=PERCENTILE.EXC({1,2,3}, [@blank])', '#NUM!'],
    ['=PERCENTILE.EXC(items[amount], 0.25)', '10'],
  ),
  QUARTILE_INC,
  alias('QUARTILE', QUARTILE_INC),
  kth(
    'QUARTILE.EXC',
    'The value below which so many quarters (1 to 3) of the values lie, by PERCENTILE.EXC; exact.',
    'quarters',
    quotient,
    percentile(true, quarters),
    ['=QUARTILE.EXC({6,7,15,36,39,40,41,42,43,47,49}, 3)', '43'],
    ['=QUARTILE.EXC({1,2,3}, 4)', '#NUM!'],
    ['=QUARTILE.EXC({1,2,3}, [@blank])', '#NUM!'],
    ['=QUARTILE.EXC(items[amount], 3)', '30.5'],
  ),
  RANK_EQ,
  alias('RANK', RANK_EQ),
  ranking(
    'RANK.AVG',
    'The place of a number among others, from the greatest (order 0) or the smallest; equal ones share the mean of their places.',
    true,
    ['=RANK.AVG(94, {89,88,92,101,94,97,95})', '4'],
    ['=RANK.AVG(2, {1,2,2})', '1.5'],
    ['=RANK.AVG([@blank], {2,0,1})', '3'],
    ['=RANK.AVG(5, {1,2})', '#N/A'],
    ['=RANK.AVG(30.5, items[amount], 1)', '3'],
  ),
]
