import type { CellError } from '@sheetflow/core/cell-error'
import { betaDensity, inverseBeta } from '../../numeric/distributions/beta-distribution.ts'
import { fDensity, fTails, inverseF } from '../../numeric/distributions/f-distribution.ts'
import { inverseStudent, studentDensity, studentTails } from '../../numeric/distributions/student-distribution.ts'
import { incompleteBeta } from '../../numeric/special/incomplete-beta.ts'
import { NUM } from '../../value/cell-errors.ts'
import type { FunctionDefinition, Parameter } from '../definition.ts'
import { alias, CUMULATIVE, PROBABILITY, realParameter, realStatistic, wholeParameter, X } from './define.ts'

const ALPHA = realParameter('alpha')
const BETA = realParameter('beta')
const FROM: Parameter = { name: 'from', kind: 'real', optional: true, fallback: 0 }
const TO: Parameter = { name: 'to', kind: 'real', optional: true, fallback: 1 }
const FREEDOM = wholeParameter('deg_freedom')
const FREEDOMS = [wholeParameter('deg_freedom_above'), wholeParameter('deg_freedom_below')] as const
/** Excel's limit of degrees of freedom. */
const MOST_FREEDOM = 1e10

function isFreedom(freedom: number): boolean {
  return freedom >= 1 && freedom <= MOST_FREEDOM
}

function betaDistribution(x: number, alpha: number, beta: number, cumulative: boolean, from: number, to: number): number | CellError {
  if (alpha <= 0 || beta <= 0 || x < from || x > to || from >= to) return NUM
  const [part, rest] = [(x - from) / (to - from), (to - x) / (to - from)]
  return cumulative ? incompleteBeta(alpha, beta, part, rest).lower : betaDensity(part, rest, alpha, beta) / (to - from)
}

function betaInverse(probability: number, alpha: number, beta: number, from: number, to: number): number | CellError {
  if (alpha <= 0 || beta <= 0 || !(probability > 0 && probability < 1) || from >= to) return NUM
  return from + (to - from) * inverseBeta({ lower: probability, upper: 1 - probability }, alpha, beta)
}

function fInverse(lower: number, upper: number, above: number, below: number): number | CellError {
  if (!(lower >= 0 && lower <= 1) || !isFreedom(above) || !isFreedom(below)) return NUM
  return inverseF({ lower, upper }, above, below)
}

/** The t of which that part lies outside of −t..t. */
function twoSided(outside: number, freedom: number): number {
  return inverseStudent({ lower: 1 - outside, upper: outside }, freedom)
}

function studentInverse(probability: number, freedom: number): number | CellError {
  if (!(probability > 0 && probability < 1) || !isFreedom(freedom)) return NUM
  return probability < 0.5 ? -twoSided(2 * probability, freedom) : twoSided(2 * (1 - probability), freedom)
}

function studentByTails(x: number, freedom: number, tails: number): number | CellError {
  if (x < 0 || !isFreedom(freedom) || (tails !== 1 && tails !== 2)) return NUM
  return tails * studentTails(x, freedom).upper
}

const BETA_INV = realStatistic(
  'BETA.INV',
  'The value up to which that part of the beta distribution lies.',
  [PROBABILITY, ALPHA, BETA, FROM, TO],
  betaInverse,
  ['=ROUND(BETA.INV(0.6854706, 8, 10, 1, 3), 6)', '2'],
  ['=ROUND(BETA.INV(0.25, 1, 1), 12)', '0.25'],
  ['=BETA.INV([@blank], 8, 10)', '#NUM!'],
)
const F_DIST_RT = realStatistic(
  'F.DIST.RT',
  'The probability beyond x of the F distribution.',
  [X, ...FREEDOMS],
  (x: number, above: number, below: number) => (x >= 0 && isFreedom(above) && isFreedom(below) ? fTails(x, above, below).upper : NUM),
  ['=ROUND(F.DIST.RT(15.2068649, 6, 4), 7)', '0.01'],
  ['=F.DIST.RT([@blank], 6, 4)', '1'],
  ['=F.DIST.RT(-1, 6, 4)', '#NUM!'],
)
const F_INV_RT = realStatistic(
  'F.INV.RT',
  'The value beyond which that part of the F distribution lies.',
  [PROBABILITY, ...FREEDOMS],
  (upper: number, above: number, below: number) => fInverse(1 - upper, upper, above, below),
  ['=ROUND(F.INV.RT(0.01, 6, 4), 5)', '15.20686'],
  ['=F.INV.RT(1, 6, 4)', '0'],
  ['=F.INV.RT([@blank], 6, 4)', '#NUM!'],
)
const T_INV_2T = realStatistic(
  'T.INV.2T',
  "The t of which that part of Student's distribution lies outside of −t..t.",
  [PROBABILITY, FREEDOM],
  (outside: number, freedom: number) => (outside > 0 && outside <= 1 && isFreedom(freedom) ? twoSided(outside, freedom) : NUM),
  ['=ROUND(T.INV.2T(0.546449, 60), 6)', '0.606533'],
  ['=T.INV.2T(1, 60)', '0'],
  ['=T.INV.2T([@blank], 60)', '#NUM!'],
)

const BETAS: readonly FunctionDefinition[] = [
  realStatistic(
    'BETA.DIST',
    'The beta distribution: density, or probability up to x.',
    [X, ALPHA, BETA, CUMULATIVE, FROM, TO],
    betaDistribution,
    ['=ROUND(BETA.DIST(2, 8, 10, TRUE, 1, 3), 7)', '0.6854706'],
    ['=ROUND(BETA.DIST(2, 8, 10, FALSE, 1, 3), 7)', '1.4837646'],
    ['=BETA.DIST([@blank], 8, 10, TRUE)', '0'],
    ['=BETA.DIST(4, 8, 10, TRUE, 1, 3)', '#NUM!'],
  ),
  realStatistic(
    'BETADIST',
    'The probability up to x of the beta distribution.',
    [X, ALPHA, BETA, FROM, TO],
    (x: number, alpha: number, beta: number, from: number, to: number) => betaDistribution(x, alpha, beta, true, from, to),
    ['=ROUND(BETADIST(2, 8, 10, 1, 3), 7)', '0.6854706'],
    ['=BETADIST([@blank], 8, 10)', '0'],
    ['=BETADIST(4, 8, 10, 1, 3)', '#NUM!'],
  ),
  BETA_INV,
  alias('BETAINV', BETA_INV),
]

const FS: readonly FunctionDefinition[] = [
  realStatistic(
    'F.DIST',
    'The F distribution: density, or probability up to x.',
    [X, ...FREEDOMS, CUMULATIVE],
    (x: number, above: number, below: number, cumulative: boolean) => {
      if (x < 0 || !isFreedom(above) || !isFreedom(below)) return NUM
      return cumulative ? fTails(x, above, below).lower : fDensity(x, above, below)
    },
    ['=ROUND(F.DIST(15.2069, 6, 4, TRUE), 6)', '0.99'],
    ['=ROUND(F.DIST(15.2069, 6, 4, FALSE), 7)', '0.0012238'],
    ['=F.DIST([@blank], 6, 4, TRUE)', '0'],
    ['=F.DIST(15, 0, 4, TRUE)', '#NUM!'],
  ),
  realStatistic(
    'F.INV',
    'The value up to which that part of the F distribution lies.',
    [PROBABILITY, ...FREEDOMS],
    (lower: number, above: number, below: number) => fInverse(lower, 1 - lower, above, below),
    ['=ROUND(F.INV(0.01, 6, 4), 8)', '0.10930991'],
    ['=F.INV([@blank], 6, 4)', '0'],
    ['=F.INV(1, 6, 4)', '#NUM!'],
  ),
  F_DIST_RT,
  alias('FDIST', F_DIST_RT),
  F_INV_RT,
  alias('FINV', F_INV_RT),
]

const STUDENTS: readonly FunctionDefinition[] = [
  realStatistic(
    'T.DIST',
    "Student's t distribution: density, or probability up to x.",
    [X, FREEDOM, CUMULATIVE],
    (x: number, freedom: number, cumulative: boolean) => {
      if (!isFreedom(freedom)) return NUM
      return cumulative ? studentTails(x, freedom).lower : studentDensity(x, freedom)
    },
    ['=ROUND(T.DIST(60, 1, TRUE), 8)', '0.99469533'],
    ['=ROUND(T.DIST(8, 3, FALSE), 8)', '0.00073691'],
    ['=T.DIST([@blank], 3, TRUE)', '0.5'],
    ['=T.DIST(8, 0, TRUE)', '#NUM!'],
  ),
  realStatistic(
    'T.DIST.RT',
    "The probability beyond x of Student's t distribution.",
    [X, FREEDOM],
    (x: number, freedom: number) => (isFreedom(freedom) ? studentTails(x, freedom).upper : NUM),
    ['=ROUND(T.DIST.RT(1.959999998, 60), 6)', '0.027322'],
    ['=T.DIST.RT([@blank], 60)', '0.5'],
    ['=T.DIST.RT(2, 0)', '#NUM!'],
  ),
  realStatistic(
    'T.DIST.2T',
    "The probability outside of −x..x of Student's t distribution.",
    [X, FREEDOM],
    (x: number, freedom: number) => studentByTails(x, freedom, 2),
    ['=ROUND(T.DIST.2T(1.959999998, 60), 6)', '0.054645'],
    ['=T.DIST.2T([@blank], 60)', '1'],
    ['=T.DIST.2T(-1, 60)', '#NUM!'],
  ),
  realStatistic(
    'TDIST',
    "The probability beyond x (tails 1), or outside of −x..x (tails 2), of Student's t distribution.",
    [X, FREEDOM, wholeParameter('tails')],
    studentByTails,
    ['=ROUND(TDIST(1.959999998, 60, 2), 6)', '0.054645'],
    ['=TDIST([@blank], 60, 1)', '0.5'],
    ['=TDIST(2, 60, 3)', '#NUM!'],
  ),
  realStatistic(
    'T.INV',
    "The t up to which that part of Student's distribution lies.",
    [PROBABILITY, FREEDOM],
    studentInverse,
    ['=ROUND(T.INV(0.75, 2), 7)', '0.8164966'],
    ['=T.INV(0.5, 2)', '0'],
    ['=T.INV([@blank], 2)', '#NUM!'],
  ),
  T_INV_2T,
  alias('TINV', T_INV_2T),
]

/** The beta distribution, and those that come from it: F and Student's. */
export const BETA_FAMILY: readonly FunctionDefinition[] = [...BETAS, ...FS, ...STUDENTS]
