import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { fTails } from '../../numeric/distributions/f-distribution.ts'
import { studentTails } from '../../numeric/distributions/student-distribution.ts'
import { ratio, sumOf, toDouble, wholeNumbers } from '../../numeric/exact/ratio.ts'
import { mean, variance } from '../../numeric/exact/variance.ts'
import { incompleteGamma } from '../../numeric/special/incomplete-gamma.ts'
import { normalTails } from '../../numeric/special/normal.ts'
import { DIV0, NA, NUM } from '../../value/cell-errors.ts'
import type { Grid } from '../../value/grid.ts'
import { cellReader } from '../../value/list-readers.ts'
import { realForm } from '../../value/real.ts'
import type { FunctionDefinition, Parameter, StrictTypes } from '../definition.ts'
import { real } from '../results.ts'
import { alias, realStatistic, statistic } from './define.ts'
import { pairsReader } from './pairs.ts'

const ARRAY: Parameter = { name: 'array', kind: 'numbers' }
const OTHER: Parameter = { name: 'other_array', kind: 'numbers' }

/** A sample: its mean and variance come from exact sums. */
interface Sample {
  readonly count: number
  readonly mean: number
  readonly variance: number
}

/** Of two numbers at least, and not all the same; else null. */
function sampleOf(numbers: readonly AnyNumber[]): Sample | null {
  const [middle, square] = [mean(numbers), variance(numbers, true)]
  if (middle === null || square === null || square.above === 0n) return null
  return { count: numbers.length, mean: toDouble(middle), variance: toDouble(square) }
}

function fTest(first: readonly AnyNumber[], second: readonly AnyNumber[]): number | CellError {
  const [one, other] = [sampleOf(first), sampleOf(second)]
  if (one === null || other === null) return DIV0
  const { lower, upper } = fTails(one.variance / other.variance, one.count - 1, other.count - 1)
  return 2 * Math.min(lower, upper)
}

function zTest(numbers: readonly AnyNumber[], x: number, sigma: number | null): number | CellError {
  const middle = mean(numbers)
  if (middle === null) return NA
  if (sigma !== null && sigma <= 0) return NUM
  const sample = sampleOf(numbers)
  if (sample === null && sigma === null) return DIV0
  const deviation = sigma ?? Math.sqrt(sample?.variance ?? 0)
  return normalTails(((toDouble(middle) - x) / deviation) * Math.sqrt(numbers.length)).upper
}

/** Of what is counted in cells of an array against what is expected there. */
function makeChiTest(types: StrictTypes): (actual: Grid, expected: Grid) => Value {
  const read = pairsReader(types, [0, 1])
  const form = realForm(types.result)
  return (actual, expected) => {
    const { rows, columns } = actual
    if (rows !== expected.rows || columns !== expected.columns || rows * columns === 1) return NA
    const pairs = read(actual, expected)
    if (isCellError(pairs)) return pairs
    let sum = 0
    for (const [index, one] of pairs.first.entries()) {
      const [found, wanted] = [toDecimal(one).toNumber(), toDecimal(pairs.second[index] ?? 0).toNumber()]
      if (wanted === 0) return DIV0
      if (wanted < 0) return NUM
      sum += (found - wanted) ** 2 / wanted
    }
    const freedom = rows === 1 || columns === 1 ? rows * columns - 1 : (rows - 1) * (columns - 1)
    return form(incompleteGamma(freedom / 2, sum / 2).upper)
  }
}

/** Student's statistic and its degrees of freedom. */
interface Statistic {
  readonly t: number
  readonly freedom: number
}

/** The mean of the differences against their spread. */
function paired(first: readonly AnyNumber[], second: readonly AnyNumber[]): Statistic | CellError {
  const { units } = wholeNumbers([...first, ...second])
  const n = first.length
  const differences = units.slice(0, n).map((one, index) => one - (units[n + index] ?? 0n))
  const sum = sumOf(differences)
  const square = BigInt(n) * sumOf(differences.map((one) => one * one)) - sum * sum
  if (n < 2 || square === 0n) return DIV0
  return { t: Math.sqrt(toDouble(ratio(sum * sum * BigInt(n - 1), square))), freedom: n - 1 }
}

/** Two samples of one variance, or (Welch) of two. */
function unpaired(first: readonly AnyNumber[], second: readonly AnyNumber[], sameVariance: boolean): Statistic | CellError {
  const [one, other] = [spreadOf(first), spreadOf(second)]
  if (one === null || other === null) return DIV0
  const far = Math.abs(one.mean - other.mean)
  if (sameVariance) {
    const freedom = one.count + other.count - 2
    const common = ((one.count - 1) * one.variance + (other.count - 1) * other.variance) / freedom
    return common === 0 ? DIV0 : { t: far / Math.sqrt(common * (1 / one.count + 1 / other.count)), freedom }
  }
  const [a, b] = [one.variance / one.count, other.variance / other.count]
  if (a + b === 0) return DIV0
  return { t: far / Math.sqrt(a + b), freedom: (a + b) ** 2 / (a ** 2 / (one.count - 1) + b ** 2 / (other.count - 1)) }
}

/** As `sampleOf`, where values may all be the same. */
function spreadOf(numbers: readonly AnyNumber[]): Sample | null {
  const sample = sampleOf(numbers)
  if (sample !== null || numbers.length < 2) return sample
  return { count: numbers.length, mean: toDecimal(numbers[0] ?? 0).toNumber(), variance: 0 }
}

const PAIRED = 1
const SAME_VARIANCE = 2
const OTHER_VARIANCE = 3

function makeStudentTest(types: StrictTypes): (first: Grid, second: Grid, tails: number, type: number) => Value {
  const readPairs = pairsReader(types, [0, 1])
  const [readFirst, readSecond] = [numbersOf(types, 0), numbersOf(types, 1)]
  const form = realForm(types.result)
  const statisticOf = (first: Grid, second: Grid, type: number): Statistic | CellError => {
    if (type === PAIRED) {
      const pairs = readPairs(first, second)
      return isCellError(pairs) ? pairs : paired(pairs.first, pairs.second)
    }
    const one = readFirst(first)
    if (isCellError(one)) return one
    const other = readSecond(second)
    return isCellError(other) ? other : unpaired(one, other, type === SAME_VARIANCE)
  }
  return (first, second, tails, type) => {
    if ((tails !== 1 && tails !== 2) || type < PAIRED || type > OTHER_VARIANCE) return NUM
    const found = statisticOf(first, second, type)
    return isCellError(found) ? found : form(tails * studentTails(found.t, found.freedom).upper)
  }
}

function numbersOf({ args }: StrictTypes, at: number): (grid: Grid) => readonly AnyNumber[] | CellError {
  const read = cellReader(args[at]?.type ?? null, 'decimal')
  return (grid) => {
    const found: AnyNumber[] = []
    for (const cell of grid.cells) {
      const number = read(cell)
      if (isCellError(number)) return number
      if (number !== null) found.push(number)
    }
    return found
  }
}

const F_TEST = realStatistic(
  'F.TEST',
  'How likely two samples of one variance would differ in it at least as much, to either side.',
  [ARRAY, OTHER],
  fTest,
  ['=ROUND(F.TEST({6,7,9,15,21}, {20,28,31,38,40}), 8)', '0.64831785'],
  ['=F.TEST([@blank]*{1,2}, {1,2})', '#DIV/0!'],
  ['=F.TEST({1}, {1,2})', '#DIV/0!'],
)
const Z_TEST = realStatistic(
  'Z.TEST',
  'How likely the mean of a sample from a population with the mean x and deviation sigma (left out: that of the sample) would be greater.',
  [ARRAY, { name: 'x', kind: 'real' }, { name: 'sigma', kind: 'real', optional: true }],
  zTest,
  ['=ROUND(Z.TEST({3,6,7,8,6,5,4,2,1,9}, 4), 6)', '0.090574'],
  ['=Z.TEST({-1,1}, [@blank], 1)', '0.5'],
  ['=Z.TEST({1,1}, 1)', '#DIV/0!'],
)
const CHISQ_TEST = statistic(
  {
    name: 'CHISQ.TEST',
    help: 'How likely counts would be at least as far from those expected, by the chi-squared distribution.',
    params: [
      { name: 'actual', kind: 'array' },
      { name: 'expected', kind: 'array' },
    ],
    result: real,
    evaluation: { mode: 'strict', make: makeChiTest },
  },
  ['=ROUND(CHISQ.TEST({58,35;11,25;10,23}, {45.35,47.65;17.56,18.44;16.09,16.91}), 7)', '0.0003082'],
  ['=CHISQ.TEST({1,2}, [@blank]*{1,2})', '#DIV/0!'],
  ['=CHISQ.TEST({1,2}, {1;2})', '#N/A'],
)
const T_TEST = statistic(
  {
    name: 'T.TEST',
    help: "How likely the means of two samples would differ at least as much, by Student's distribution; type 1 for pairs, 2 for equal variances, 3 for others.",
    params: [
      { name: 'array', kind: 'array' },
      { name: 'other_array', kind: 'array' },
      { name: 'tails', kind: 'integer' },
      { name: 'type', kind: 'integer' },
    ],
    result: real,
    evaluation: { mode: 'strict', make: makeStudentTest },
  },
  ['=ROUND(T.TEST({3,4,5,8,9,1,2,4,5}, {6,19,3,2,14,4,5,17,1}, 2, 1), 6)', '0.196016'],
  ['=ROUND(T.TEST({3,4,5,8}, {6,19,3,2}, 1, 3), 6)', '0.2887'],
  ['=T.TEST([@blank]*{1,2}, {1,2}, 2, 4)', '#NUM!'],
  ['=T.TEST({1,2,3}, {1,2}, 2, 1)', '#N/A'],
)

/** Tests of hypotheses. */
export const HYPOTHESES: readonly FunctionDefinition[] = [
  CHISQ_TEST,
  alias('CHITEST', CHISQ_TEST),
  F_TEST,
  alias('FTEST', F_TEST),
  T_TEST,
  alias('TTEST', T_TEST),
  Z_TEST,
  alias('ZTEST', Z_TEST),
]
