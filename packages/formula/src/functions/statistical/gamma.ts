import type { CellError } from '@sheetflow/core/cell-error'
import { gammaDensity, inverseGamma } from '../../numeric/distributions/gamma-distribution.ts'
import { poissonProbability, poissonUpTo } from '../../numeric/distributions/discrete-distributions.ts'
import { gamma, logGamma } from '../../numeric/special/gamma.ts'
import { incompleteGamma } from '../../numeric/special/incomplete-gamma.ts'
import { NUM } from '../../value/cell-errors.ts'
import type { FunctionDefinition } from '../definition.ts'
import { alias, CUMULATIVE, PROBABILITY, realParameter, realStatistic, wholeParameter, X } from './define.ts'

const ALPHA = realParameter('alpha')
const BETA = realParameter('beta')
const FREEDOM = wholeParameter('deg_freedom')
/** Excel's limit of degrees of freedom. */
const MOST_FREEDOM = 1e10

function isFreedom(freedom: number): boolean {
  return freedom >= 1 && freedom <= MOST_FREEDOM
}

function isProbability(probability: number): boolean {
  return probability >= 0 && probability <= 1
}

function gammaDistribution(x: number, alpha: number, beta: number, cumulative: boolean): number | CellError {
  if (x < 0 || alpha <= 0 || beta <= 0) return NUM
  return cumulative ? incompleteGamma(alpha, x / beta).lower : gammaDensity(x / beta, alpha) / beta
}

function chiSquare(x: number, freedom: number, cumulative: boolean): number | CellError {
  if (x < 0 || !isFreedom(freedom)) return NUM
  return cumulative ? incompleteGamma(freedom / 2, x / 2).lower : gammaDensity(x / 2, freedom / 2) / 2
}

function chiSquareInverse(lower: number, upper: number, freedom: number): number | CellError {
  return isProbability(lower) && isFreedom(freedom) ? 2 * inverseGamma({ lower, upper }, freedom / 2) : NUM
}

function weibull(x: number, alpha: number, beta: number, cumulative: boolean): number | CellError {
  if (x < 0 || alpha <= 0 || beta <= 0) return NUM
  const power = (x / beta) ** alpha
  return cumulative ? -Math.expm1(-power) : (alpha / beta) * (x / beta) ** (alpha - 1) * Math.exp(-power)
}

function poisson(count: number, mean: number, cumulative: boolean): number | CellError {
  if (count < 0 || mean < 0) return NUM
  return cumulative ? poissonUpTo(count, mean) : poissonProbability(count, mean)
}

const GAMMA_DIST = realStatistic(
  'GAMMA.DIST',
  'The gamma distribution: density, or probability up to x.',
  [X, ALPHA, BETA, CUMULATIVE],
  gammaDistribution,
  ['=ROUND(GAMMA.DIST(10.00001131, 9, 2, TRUE), 6)', '0.068094'],
  ['=ROUND(GAMMA.DIST(10.00001131, 9, 2, FALSE), 6)', '0.032639'],
  ['=GAMMA.DIST([@blank], 9, 2, TRUE)', '0'],
  ['=GAMMA.DIST(-1, 9, 2, TRUE)', '#NUM!'],
)
const GAMMA_INV = realStatistic(
  'GAMMA.INV',
  'The value up to which that part of the gamma distribution lies.',
  [PROBABILITY, ALPHA, BETA],
  (probability: number, alpha: number, beta: number) =>
    isProbability(probability) && alpha > 0 && beta > 0 ? beta * inverseGamma({ lower: probability, upper: 1 - probability }, alpha) : NUM,
  ['=ROUND(GAMMA.INV(0.068094, 9, 2), 5)', '10.00001'],
  ['=GAMMA.INV([@blank], 9, 2)', '0'],
  ['=GAMMA.INV(2, 9, 2)', '#NUM!'],
)
const GAMMALN = realStatistic(
  'GAMMALN',
  'The natural logarithm of the gamma function.',
  [X],
  (x: number) => (x > 0 ? logGamma(x) : NUM),
  ['=ROUND(GAMMALN(4), 7)', '1.7917595'],
  ['=GAMMALN(1)', '0'],
  ['=GAMMALN([@blank])', '#NUM!'],
)
const CHISQ_DIST_RT = realStatistic(
  'CHISQ.DIST.RT',
  'The probability beyond x of the chi-squared distribution.',
  [X, FREEDOM],
  (x: number, freedom: number) => (x >= 0 && isFreedom(freedom) ? incompleteGamma(freedom / 2, x / 2).upper : NUM),
  ['=ROUND(CHISQ.DIST.RT(18.307, 10), 7)', '0.0500006'],
  ['=CHISQ.DIST.RT([@blank], 10)', '1'],
  ['=CHISQ.DIST.RT(18.307, 0)', '#NUM!'],
)
const CHISQ_INV_RT = realStatistic(
  'CHISQ.INV.RT',
  'The value beyond which that part of the chi-squared distribution lies.',
  [PROBABILITY, FREEDOM],
  (upper: number, freedom: number) => chiSquareInverse(1 - upper, upper, freedom),
  ['=ROUND(CHISQ.INV.RT(0.050001, 10), 6)', '18.306973'],
  ['=CHISQ.INV.RT(1, 10)', '0'],
  ['=CHISQ.INV.RT([@blank], 10)', '#NUM!'],
)
const EXPON_DIST = realStatistic(
  'EXPON.DIST',
  'The exponential distribution: density, or probability up to x.',
  [X, realParameter('lambda'), CUMULATIVE],
  (x: number, lambda: number, cumulative: boolean) => {
    if (x < 0 || lambda <= 0) return NUM
    return cumulative ? -Math.expm1(-lambda * x) : lambda * Math.exp(-lambda * x)
  },
  ['=ROUND(EXPON.DIST(0.2, 10, TRUE), 8)', '0.86466472'],
  ['=EXPON.DIST([@blank], 10, FALSE)', '10'],
  ['=EXPON.DIST(0.2, 0, TRUE)', '#NUM!'],
)
const WEIBULL_DIST = realStatistic(
  'WEIBULL.DIST',
  "Weibull's distribution: density, or probability up to x.",
  [X, ALPHA, BETA, CUMULATIVE],
  weibull,
  ['=ROUND(WEIBULL.DIST(105, 20, 100, TRUE), 6)', '0.929581'],
  ['=ROUND(WEIBULL.DIST(105, 20, 100, FALSE), 6)', '0.035589'],
  ['=WEIBULL.DIST([@blank], 20, 100, TRUE)', '0'],
  ['=WEIBULL.DIST(105, 0, 100, TRUE)', '#NUM!'],
)
const POISSON_DIST = realStatistic(
  'POISSON.DIST',
  "Poisson's distribution: how likely so many events are, or at most so many.",
  [wholeParameter('x'), realParameter('mean'), CUMULATIVE],
  poisson,
  ['=ROUND(POISSON.DIST(2, 5, TRUE), 6)', '0.124652'],
  ['=ROUND(POISSON.DIST(2, 5, FALSE), 6)', '0.084224'],
  ['=POISSON.DIST([@blank], 0, FALSE)', '1'],
  ['=POISSON.DIST(-1, 5, TRUE)', '#NUM!'],
)

const CHI_SQUARE: readonly FunctionDefinition[] = [
  realStatistic(
    'CHISQ.DIST',
    'The chi-squared distribution: density, or probability up to x.',
    [X, FREEDOM, CUMULATIVE],
    chiSquare,
    ['=ROUND(CHISQ.DIST(0.5, 1, TRUE), 8)', '0.52049988'],
    ['=ROUND(CHISQ.DIST(2, 3, FALSE), 8)', '0.20755375'],
    ['=CHISQ.DIST([@blank], 3, TRUE)', '0'],
    ['=CHISQ.DIST(-1, 3, TRUE)', '#NUM!'],
  ),
  realStatistic(
    'CHISQ.INV',
    'The value up to which that part of the chi-squared distribution lies.',
    [PROBABILITY, FREEDOM],
    (lower: number, freedom: number) => chiSquareInverse(lower, 1 - lower, freedom),
    ['=ROUND(CHISQ.INV(0.93, 1), 6)', '3.283020'],
    ['=CHISQ.INV([@blank], 2)', '0'],
    ['=CHISQ.INV(1, 2)', '#NUM!'],
  ),
  CHISQ_DIST_RT,
  alias('CHIDIST', CHISQ_DIST_RT),
  CHISQ_INV_RT,
  alias('CHIINV', CHISQ_INV_RT),
]

/** The gamma function, and the distributions that come from it. */
export const GAMMAS: readonly FunctionDefinition[] = [
  realStatistic(
    'GAMMA',
    'The gamma function: (n − 1)! at whole numbers.',
    [realParameter('number')],
    gamma,
    ['=GAMMA(5)', '24'],
    ['=ROUND(GAMMA(-3.75), 9)', '0.267866129'],
    ['=GAMMA([@blank])', '#NUM!'],
  ),
  GAMMALN,
  { ...alias('GAMMALN.PRECISE', GAMMALN), help: 'The natural logarithm of the gamma function.' },
  GAMMA_DIST,
  alias('GAMMADIST', GAMMA_DIST),
  GAMMA_INV,
  alias('GAMMAINV', GAMMA_INV),
  ...CHI_SQUARE,
  EXPON_DIST,
  alias('EXPONDIST', EXPON_DIST),
  WEIBULL_DIST,
  alias('WEIBULL', WEIBULL_DIST),
  POISSON_DIST,
  alias('POISSON', POISSON_DIST),
]
