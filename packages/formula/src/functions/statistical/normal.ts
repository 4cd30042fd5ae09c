import type { AnyNumber } from '@sheetflow/core/number'
import { ratio, ratioForm, wholeNumbers } from '../../numeric/exact/ratio.ts'
import { erf } from '../../numeric/special/error-function.ts'
import { inverseNormal, normalDensity, normalTails } from '../../numeric/special/normal.ts'
import { inverseStudent } from '../../numeric/distributions/student-distribution.ts'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import type { CellError } from '@sheetflow/core/cell-error'
import type { FunctionDefinition } from '../definition.ts'
import { quotient } from '../results.ts'
import { alias, CUMULATIVE, PROBABILITY, realParameter, realStatistic, statistic, wholeParameter, X } from './define.ts'

const MEAN = realParameter('mean')
const DEVIATION = realParameter('standard_dev')
const Z = realParameter('z')

/** The z of a probability; 0 and 1 have none. */
function quantile(probability: number): number {
  return probability > 0 && probability < 1 ? inverseNormal({ lower: probability, upper: 1 - probability }) : Number.NaN
}

function normal(x: number, mean: number, deviation: number, cumulative: boolean): number | CellError {
  if (deviation <= 0) return NUM
  const z = (x - mean) / deviation
  return cumulative ? normalTails(z).lower : normalDensity(z) / deviation
}

function logNormal(x: number, mean: number, deviation: number, cumulative: boolean): number | CellError {
  if (x <= 0 || deviation <= 0) return NUM
  const z = (Math.log(x) - mean) / deviation
  return cumulative ? normalTails(z).lower : normalDensity(z) / deviation / x
}

function confidence(alpha: number, deviation: number, size: number): number | CellError {
  if (alpha <= 0 || alpha >= 1 || deviation <= 0 || size < 1) return NUM
  return (-inverseNormal({ lower: alpha / 2, upper: 1 - alpha / 2 }) * deviation) / Math.sqrt(size)
}

function studentConfidence(alpha: number, deviation: number, size: number): number | CellError {
  if (alpha <= 0 || alpha >= 1 || deviation <= 0 || size < 1) return NUM
  if (size === 1) return DIV0
  return (inverseStudent({ lower: 1 - alpha, upper: alpha }, size - 1) * deviation) / Math.sqrt(size)
}

const NORM_DIST = realStatistic(
  'NORM.DIST',
  'The normal distribution with a mean and standard deviation: density, or probability up to x.',
  [X, MEAN, DEVIATION, CUMULATIVE],
  normal,
  ['=ROUND(NORM.DIST(42, 40, 1.5, TRUE), 8)', '0.90878878'],
  ['=ROUND(NORM.DIST(42, 40, 1.5, FALSE), 8)', '0.10934005'],
  ['=NORM.DIST([@blank], 0, 1, TRUE)', '0.5'],
  ['=NORM.DIST(42, 40, 0, TRUE)', '#NUM!'],
)
const NORM_INV = realStatistic(
  'NORM.INV',
  'The value up to which that part of the normal distribution lies.',
  [PROBABILITY, MEAN, DEVIATION],
  (probability: number, mean: number, deviation: number) => (deviation <= 0 ? NUM : mean + deviation * quantile(probability)),
  ['=ROUND(NORM.INV(0.908789, 40, 1.5), 6)', '42.000002'],
  ['=NORM.INV(0.5, [@blank], 1)', '0'],
  ['=NORM.INV(1, 40, 1.5)', '#NUM!'],
)
const NORM_S_INV = realStatistic(
  'NORM.S.INV',
  'The z up to which that part of the standard normal distribution lies.',
  [PROBABILITY],
  quantile,
  ['=ROUND(NORM.S.INV(0.908789), 7)', '1.3333347'],
  ['=NORM.S.INV(0.5)', '0'],
  ['=NORM.S.INV([@blank])', '#NUM!'],
)
const LOGNORM_INV = realStatistic(
  'LOGNORM.INV',
  'The value up to which that part of the log-normal distribution lies.',
  [PROBABILITY, MEAN, DEVIATION],
  (probability: number, mean: number, deviation: number) => (deviation <= 0 ? NUM : Math.exp(mean + deviation * quantile(probability))),
  ['=ROUND(LOGNORM.INV(0.039084, 3.5, 1.2), 4)', '4.0000'],
  ['=LOGNORM.INV(0.5, [@blank], 1)', '1'],
  ['=LOGNORM.INV(0, 3.5, 1.2)', '#NUM!'],
)
const CONFIDENCE_NORM = realStatistic(
  'CONFIDENCE.NORM',
  'Half the width of the confidence interval of a mean, by the normal distribution.',
  [realParameter('alpha'), DEVIATION, wholeParameter('size')],
  confidence,
  ['=ROUND(CONFIDENCE.NORM(0.05, 2.5, 50), 9)', '0.692951912'],
  ['=CONFIDENCE.NORM(0.05, 2.5, [@blank])', '#NUM!'],
  ['=CONFIDENCE.NORM(1, 2.5, 50)', '#NUM!'],
)

const STANDARD: readonly FunctionDefinition[] = [
  realStatistic(
    'NORM.S.DIST',
    'The standard normal distribution: density, or probability up to z.',
    [Z, CUMULATIVE],
    (z: number, cumulative: boolean) => (cumulative ? normalTails(z).lower : normalDensity(z)),
    ['=ROUND(NORM.S.DIST(1.333333, TRUE), 9)', '0.908788726'],
    ['=NORM.S.DIST([@blank], TRUE)', '0.5'],
    ['=NORM.S.DIST("a", TRUE)', '#VALUE!'],
  ),
  realStatistic(
    'NORMSDIST',
    'The probability up to z of the standard normal distribution.',
    [Z],
    (z: number) => normalTails(z).lower,
    ['=ROUND(NORMSDIST(1.333333), 9)', '0.908788726'],
    ['=NORMSDIST([@blank])', '0.5'],
    ['=NORMSDIST("a")', '#VALUE!'],
  ),
  realStatistic(
    'PHI',
    'The density of the standard normal distribution.',
    [X],
    normalDensity,
    ['=ROUND(PHI(0.75), 9)', '0.301137432'],
    ['=ROUND(PHI([@blank]), 9)', '0.39894228'],
    ['=PHI("a")', '#VALUE!'],
  ),
  realStatistic(
    'GAUSS',
    'The probability between 0 and z of the standard normal distribution.',
    [Z],
    (z: number) => 0.5 * erf(z / Math.SQRT2),
    ['=ROUND(GAUSS(2), 9)', '0.477249868'],
    ['=GAUSS([@blank])', '0'],
    ['=GAUSS("a")', '#VALUE!'],
  ),
]

const LOG_NORMAL: readonly FunctionDefinition[] = [
  realStatistic(
    'LOGNORM.DIST',
    'The log-normal distribution: density, or probability up to x; mean and deviation are those of ln(x).',
    [X, MEAN, DEVIATION, CUMULATIVE],
    logNormal,
    ['=ROUND(LOGNORM.DIST(4, 3.5, 1.2, TRUE), 7)', '0.0390836'],
    ['=ROUND(LOGNORM.DIST(4, 3.5, 1.2, FALSE), 7)', '0.0176176'],
    ['=LOGNORM.DIST(1, [@blank], 1, TRUE)', '0.5'],
    ['=LOGNORM.DIST(0, 3.5, 1.2, TRUE)', '#NUM!'],
  ),
  realStatistic(
    'LOGNORMDIST',
    'The probability up to x of the log-normal distribution.',
    [X, MEAN, DEVIATION],
    (x: number, mean: number, deviation: number) => logNormal(x, mean, deviation, true),
    ['=ROUND(LOGNORMDIST(4, 3.5, 1.2), 7)', '0.0390836'],
    ['=LOGNORMDIST(1, [@blank], 1)', '0.5'],
    ['=LOGNORMDIST(0, 3.5, 1.2)', '#NUM!'],
  ),
  LOGNORM_INV,
  alias('LOGINV', LOGNORM_INV),
]

/** How many standard deviations a value is from the mean: an exact quotient. */
const STANDARDIZE = statistic(
  {
    name: 'STANDARDIZE',
    help: 'How many standard deviations a value is from the mean.',
    params: [
      { name: 'x', kind: 'number' },
      { name: 'mean', kind: 'number' },
      { name: 'standard_dev', kind: 'number' },
    ],
    result: quotient,
    evaluation: {
      mode: 'strict',
      make: ({ result }) => {
        const form = ratioForm(result)
        return (x: AnyNumber, mean: AnyNumber, deviation: AnyNumber) => {
          const [at = 0n, middle = 0n, step = 0n] = wholeNumbers([x, mean, deviation]).units
          return step <= 0n ? NUM : form(ratio(at - middle, step))
        }
      },
    },
  },
  ['=ROUND(STANDARDIZE(42, 40, 1.5), 9)', '1.333333333'],
  ['=STANDARDIZE([@blank], 2, 0.5)', '-4'],
  ['=STANDARDIZE(42, 40, 0)', '#NUM!'],
)

/** The normal distribution and its relatives, and confidence intervals. */
export const NORMAL: readonly FunctionDefinition[] = [
  NORM_DIST,
  alias('NORMDIST', NORM_DIST),
  NORM_INV,
  alias('NORMINV', NORM_INV),
  NORM_S_INV,
  alias('NORMSINV', NORM_S_INV),
  STANDARDIZE,
  ...STANDARD,
  ...LOG_NORMAL,
  CONFIDENCE_NORM,
  alias('CONFIDENCE', CONFIDENCE_NORM),
  realStatistic(
    'CONFIDENCE.T',
    "Half the width of the confidence interval of a mean, by Student's t distribution.",
    [realParameter('alpha'), DEVIATION, wholeParameter('size')],
    studentConfidence,
    ['=ROUND(CONFIDENCE.T(0.05, 1, 50), 9)', '0.284196855'],
    ['=CONFIDENCE.T(0.05, 1, [@blank])', '#NUM!'],
    ['=CONFIDENCE.T(0.05, 1, 1)', '#DIV/0!'],
  ),
  realStatistic(
    'FISHER',
    "Fisher's transformation of a correlation.",
    [X],
    (x: number) => (Math.abs(x) < 1 ? Math.atanh(x) : NUM),
    ['=ROUND(FISHER(0.75), 9)', '0.972955075'],
    ['=FISHER([@blank])', '0'],
    ['=FISHER(1)', '#NUM!'],
  ),
  realStatistic(
    'FISHERINV',
    "The correlation of which Fisher's transformation is this.",
    [realParameter('y')],
    (y: number) => Math.tanh(y),
    ['=ROUND(FISHERINV(0.972955), 6)', '0.75'],
    ['=FISHERINV([@blank])', '0'],
    ['=FISHERINV("a")', '#VALUE!'],
  ),
]
