import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import { ratio, ratioForm, sumOf, toDouble, wholeNumbers, type Ratio } from '../../numeric/exact/ratio.ts'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import type { FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { quotient, real } from '../results.ts'
import { inDoubles, statistic, type Shown } from './define.ts'

const VALUES: readonly Parameter[] = [{ name: 'value', kind: 'numbers' }]
const REALS: readonly Parameter[] = [{ name: 'value', kind: 'reals' }]

/** Distances from the mean, each times n, exact: whole numbers at a scale. */
interface Distances {
  readonly n: bigint
  readonly units: readonly bigint[]
  readonly scale: number
}

function distancesOf(numbers: readonly AnyNumber[]): Distances {
  const { units, scale } = wholeNumbers(numbers)
  const n = BigInt(units.length)
  const sum = sumOf(units)
  return { n, units: units.map((one) => n * one - sum), scale }
}

function powerSum({ units }: Distances, power: bigint): bigint {
  return sumOf(units.map((one) => one ** power))
}

/** Computed exactly of all numbers, `least` of them at least. */
function exact(least: number, error: CellError, compute: (distances: Distances) => Ratio | CellError): StrictMaker {
  return ({ result }) => {
    const form = ratioForm(result)
    return (numbers: readonly AnyNumber[]) => {
      if (numbers.length < least) return error
      const found = compute(distancesOf(numbers))
      return isCellError(found) ? found : form(found)
    }
  }
}

/** `Σd³ / (Σd²)^1.5` and a factor that depends on n. */
function skewness(numbers: readonly AnyNumber[], factor: (n: number) => number): number | CellError {
  const distances = distancesOf(numbers)
  const square = powerSum(distances, 2n)
  if (square === 0n) return DIV0
  const cube = powerSum(distances, 3n)
  // The square of the quotient is exact; n distances of n times the true ones fall away in it.
  const quotientSquare = toDouble(ratio(cube * cube, square * square * square))
  return (cube < 0n ? -1 : 1) * factor(numbers.length) * Math.sqrt(quotientSquare)
}

/** The product of positive numbers as a mantissa and a power of two, so that it runs out of no range. */
function geometricMean(numbers: readonly number[]): number | CellError {
  if (numbers.length === 0 || numbers.some((one) => one <= 0)) return NUM
  let mantissa = 1
  let exponent = 0
  for (const one of numbers) {
    const by = Math.floor(Math.log2(one))
    mantissa *= by < -1000 ? one * 2 ** 1000 * 2 ** (-by - 1000) : one / 2 ** by
    exponent += by
    if (mantissa > 2 ** 500) {
      mantissa /= 2 ** 500
      exponent += 500
    }
  }
  const whole = Math.floor(exponent / numbers.length)
  const rest = exponent - whole * numbers.length
  const root =
    rest < 400 ? (mantissa * 2 ** rest) ** (1 / numbers.length) : Math.exp((Math.log(mantissa) + rest * Math.LN2) / numbers.length)
  return root * 2 ** whole
}

/** The reciprocals are added up with what rounding took from each sum (Neumaier). */
function harmonicMean(numbers: readonly number[]): number | CellError {
  if (numbers.length === 0 || numbers.some((one) => one <= 0)) return NUM
  let sum = 0
  let lost = 0
  for (const one of numbers) {
    const term = 1 / one
    const next = sum + term
    lost += sum >= term ? sum - next + term : term - next + sum
    sum = next
  }
  return numbers.length / (sum + lost)
}

/** The mean without that part of the values, as many from both ends. */
const makeTrimmedMean: StrictMaker = ({ result }) => {
  const form = ratioForm(result)
  return (numbers: readonly AnyNumber[], part: AnyNumber) => {
    const share = toDecimal(part)
    if (numbers.length === 0 || share.sign() < 0 || share.cmp(Decimal.of(1, 0)) >= 0) return NUM
    const out = Number(share.mul(Decimal.of(numbers.length, 0))?.rescale(0, 'truncate').units ?? 0)
    const each = Math.floor(out / 2)
    const kept = numbers.toSorted(compareNumbers).slice(each, numbers.length - each)
    const { units, scale } = wholeNumbers(kept)
    return form(ratio(sumOf(units), BigInt(units.length), scale))
  }
}

function overList(
  name: string,
  help: string,
  params: readonly Parameter[],
  result: FunctionDefinition['result'],
  make: StrictMaker,
  ...examples: readonly Shown[]
): FunctionDefinition {
  return statistic({ name, help, params, repeat: 1, result, evaluation: { mode: 'strict', make } }, ...examples)
}

/** Means of several kinds, and how values are spread around them. */
export const MOMENTS: readonly FunctionDefinition[] = [
  overList(
    'AVEDEV',
    'The mean distance of the values from their mean; exact.',
    VALUES,
    quotient,
    exact(1, NUM, ({ n, units, scale }) => ratio(sumOf(units.map((one) => (one < 0n ? -one : one))), n * n, scale)),
    ['=ROUND(AVEDEV({4,5,6,7,5,4,3}), 9)', '1.020408163'],
    ['=AVEDEV(2, [@blank])', '0'],
    ['=AVEDEV({"a"})', '#NUM!'],
  ),
  overList(
    'DEVSQ',
    'The sum of the squared distances of the values from their mean; exact.',
    VALUES,
    quotient,
    exact(1, NUM, (distances) => ratio(powerSum(distances, 2n), distances.n ** 2n, 2 * distances.scale)),
    ['=DEVSQ({4,5,8,7,11,4,3})', '48'],
    ['=DEVSQ(0.1, 0.2, [@blank])', '0.005'],
    ['=DEVSQ({"a"})', '#NUM!'],
  ),
  overList(
    'KURT',
    'The kurtosis of a sample: how heavy its tails are, 0 as those of the normal distribution; exact.',
    VALUES,
    quotient,
    exact(4, DIV0, (distances) => {
      const { n } = distances
      const square = powerSum(distances, 2n)
      if (square === 0n) return DIV0
      // n(n+1)(n−1)·Σd⁴/(Σd²)² − 3(n−1)², all by (n−2)(n−3)
      const above = n * (n + 1n) * (n - 1n) * powerSum(distances, 4n) - 3n * (n - 1n) ** 2n * square * square
      return ratio(above, (n - 2n) * (n - 3n) * square * square)
    }),
    ['=ROUND(KURT({3,4,5,2,3,4,5,6,4,7}), 9)', '-0.151799637'],
    ['=KURT(1, 2, 3, [@blank])', '#DIV/0!'],
    ['=KURT({2,2,2,2})', '#DIV/0!'],
  ),
  overList(
    'SKEW',
    'The skewness of a sample: below 0 where its tail is on the left, above 0 where it is on the right.',
    VALUES,
    real,
    inDoubles((numbers: readonly AnyNumber[]) => (numbers.length < 3 ? DIV0 : skewness(numbers, (n) => (n * Math.sqrt(n - 1)) / (n - 2)))),
    ['=ROUND(SKEW({3,4,5,2,3,4,5,6,4,7}), 9)', '0.359543071'],
    ['=SKEW(1, 2, 3, [@blank])', '0'],
    ['=SKEW({2,2,2})', '#DIV/0!'],
  ),
  overList(
    'SKEW.P',
    'The skewness of all there is.',
    VALUES,
    real,
    inDoubles((numbers: readonly AnyNumber[]) => (numbers.length < 3 ? DIV0 : skewness(numbers, Math.sqrt))),
    ['=ROUND(SKEW.P({3,4,5,2,3,4,5,6,4,7}), 9)', '0.303193339'],
    ['=SKEW.P(1, 2, 3, [@blank])', '0'],
    ['=SKEW.P({2,2,2})', '#DIV/0!'],
  ),
  overList(
    'GEOMEAN',
    'The geometric mean: the n-th root of the product.',
    REALS,
    real,
    inDoubles(geometricMean),
    ['=ROUND(GEOMEAN({4,5,8,7,11,4,3}), 9)', '5.476986970'],
    ['=GEOMEAN(2, 8, [@blank])', '4'],
    ['=GEOMEAN(2, 0)', '#NUM!'],
  ),
  overList(
    'HARMEAN',
    'The harmonic mean: the reciprocal of the mean of the reciprocals.',
    REALS,
    real,
    inDoubles(harmonicMean),
    ['=ROUND(HARMEAN({4,5,8,7,11,4,3}), 9)', '5.028375962'],
    ['=HARMEAN(2, 2, [@blank])', '2'],
    ['=HARMEAN(2, 0)', '#NUM!'],
  ),
  statistic(
    {
      name: 'TRIMMEAN',
      help: 'The mean without a part of the values, as many from both ends; exact.',
      params: [
        { name: 'array', kind: 'numbers' },
        { name: 'percent', kind: 'number' },
      ],
      result: quotient,
      evaluation: { mode: 'strict', make: makeTrimmedMean },
    },
    ['=ROUND(TRIMMEAN({4,5,6,7,2,3,4,5,1,2,3}, 0.2), 9)', '3.777777778'],
    ['=TRIMMEAN({1,2,6}, [@blank])', '3'],
    ['=TRIMMEAN({1,2,6}, 1)', '#NUM!'],
  ),
]
