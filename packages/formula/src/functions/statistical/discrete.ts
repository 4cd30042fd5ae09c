import type { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import {
  binomialProbability,
  binomialUpTo,
  hypergeometricProbability,
  hypergeometricUpTo,
  inverseBinomial,
  negativeBinomialProbability,
  negativeBinomialUpTo,
} from '../../numeric/distributions/discrete-distributions.ts'
import { permutations, permutationsWithRepeats } from '../../numeric/permutations.ts'
import { NUM } from '../../value/cell-errors.ts'
import { exactForm } from '../../value/real.ts'
import type { FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { always, real } from '../results.ts'
import { alias, CUMULATIVE, realParameter, realStatistic, statistic, wholeParameter } from './define.ts'

const TRIALS = wholeParameter('trials')
const CHANCE = realParameter('probability_s')
const SUCCESSES = wholeParameter('number_s')
const UP_TO: Parameter = { name: 'number_s_to', kind: 'integer', optional: true }
const DRAW = [SUCCESSES, wholeParameter('number_sample'), wholeParameter('population_s'), wholeParameter('number_pop')] as const

function isChance(chance: number): boolean {
  return chance >= 0 && chance <= 1
}

function binomial(hits: number, trials: number, chance: number, cumulative: boolean): number | CellError {
  if (hits < 0 || hits > trials || !isChance(chance)) return NUM
  return cumulative ? binomialUpTo(hits, trials, chance) : binomialProbability(hits, trials, chance)
}

/** Small ranges are added up; the difference of what is cumulated would lose digits there. */
const ADDED_UP = 1000

function binomialRange(trials: number, chance: number, from: number, to: number | null): number | CellError {
  const last = to ?? from
  if (from < 0 || from > trials || last < from || last > trials || !isChance(chance)) return NUM
  if (last - from > ADDED_UP) return binomialUpTo(last, trials, chance) - binomialUpTo(from - 1, trials, chance)
  let sum = 0
  for (let hits = from; hits <= last; hits++) sum += binomialProbability(hits, trials, chance)
  return Math.min(1, sum)
}

function negativeBinomial(failures: number, successes: number, chance: number, cumulative: boolean): number | CellError {
  if (failures < 0 || successes < 1 || !isChance(chance)) return NUM
  return cumulative ? negativeBinomialUpTo(failures, successes, chance) : negativeBinomialProbability(failures, successes, chance)
}

function hypergeometric(hits: number, sample: number, marked: number, population: number, cumulative: boolean): number | CellError {
  if (sample <= 0 || sample > population || marked <= 0 || marked > population) return NUM
  if (hits < Math.max(0, sample + marked - population) || hits > Math.min(sample, marked)) return NUM
  const draw = { sample, marked, population }
  return cumulative ? hypergeometricUpTo(hits, draw) : hypergeometricProbability(hits, draw)
}

const BINOM_DIST = realStatistic(
  'BINOM.DIST',
  'The binomial distribution: how likely so many successes in so many trials are, or at most so many.',
  [SUCCESSES, TRIALS, CHANCE, CUMULATIVE],
  binomial,
  ['=ROUND(BINOM.DIST(6, 10, 0.5, FALSE), 10)', '0.205078125'],
  ['=ROUND(BINOM.DIST(6, 10, 0.5, TRUE), 10)', '0.828125'],
  ['=BINOM.DIST([@blank], 1, 0.5, FALSE)', '0.5'],
  ['=BINOM.DIST(11, 10, 0.5, FALSE)', '#NUM!'],
)
const BINOM_INV = statistic(
  {
    name: 'BINOM.INV',
    help: 'The smallest number of successes that at most so many are with the probability alpha or more.',
    params: [TRIALS, CHANCE, realParameter('alpha')],
    result: always('int'),
    evaluation: {
      mode: 'strict',
      make: () => (trials: number, chance: number, alpha: number) => {
        if (trials < 0 || !isChance(chance) || !isChance(alpha)) return NUM
        const hits = inverseBinomial(trials, chance, alpha)
        return Number.isNaN(hits) ? NUM : hits
      },
    },
  },
  ['=BINOM.INV(6, 0.5, 0.75)', '4'],
  ['=BINOM.INV([@blank], 0.5, 0.75)', '0'],
  ['=BINOM.INV(6, 2, 0.75)', '#NUM!'],
)

/** An exact count in the form of a call's result; null is beyond the doubles. */
function counted(ways: (n: number, k: number) => bigint | null, isAllowed: (n: number, k: number) => boolean): StrictMaker {
  return ({ result }) => {
    const form = exactForm(result)
    return (n: number, k: number) => {
      const found = isAllowed(n, k) ? ways(n, k) : null
      return found === null ? NUM : form(Decimal.of(found, 0))
    }
  }
}

const TAKEN = [wholeParameter('number'), wholeParameter('number_chosen')] as const

/** In how many orders things can be taken. */
const ORDERS: readonly FunctionDefinition[] = [
  statistic(
    {
      name: 'PERMUT',
      help: 'In how many orders so many of a number of things can be taken; exact.',
      params: TAKEN,
      result: real,
      evaluation: { mode: 'strict', make: counted(permutations, (n, k) => n > 0 && k >= 0 && k <= n) },
    },
    ['=PERMUT(100, 3)', '970200'],
    ['=PERMUT(3, [@blank])', '1'],
    ['=PERMUT(2, 3)', '#NUM!'],
  ),
  statistic(
    {
      name: 'PERMUTATIONA',
      help: 'In how many orders so many of a number of things can be taken, each again and again; exact.',
      params: TAKEN,
      result: real,
      evaluation: { mode: 'strict', make: counted(permutationsWithRepeats, (n, k) => n >= 0 && k >= 0) },
    },
    ['=PERMUTATIONA(3, 2)', '9'],
    ['=PERMUTATIONA(3, [@blank])', '1'],
    ['=PERMUTATIONA(-1, 2)', '#NUM!'],
  ),
]

/** Distributions of what is counted, and in how many orders things can be taken. */
export const DISCRETE: readonly FunctionDefinition[] = [
  ...ORDERS,
  BINOM_DIST,
  alias('BINOMDIST', BINOM_DIST),
  realStatistic(
    'BINOM.DIST.RANGE',
    'How likely from so many to so many successes are.',
    [TRIALS, CHANCE, SUCCESSES, UP_TO],
    binomialRange,
    ['=ROUND(BINOM.DIST.RANGE(60, 0.75, 48), 9)', '0.083974967'],
    ['=ROUND(BINOM.DIST.RANGE(60, 0.75, 45, 50), 9)', '0.523629793'],
    ['=BINOM.DIST.RANGE(1, 0.5, [@blank])', '0.5'],
    ['=BINOM.DIST.RANGE(60, 0.75, 50, 45)', '#NUM!'],
  ),
  BINOM_INV,
  alias('CRITBINOM', BINOM_INV),
  realStatistic(
    'NEGBINOM.DIST',
    'How likely so many failures before so many successes are, or at most so many.',
    [wholeParameter('number_f'), SUCCESSES, CHANCE, CUMULATIVE],
    negativeBinomial,
    ['=ROUND(NEGBINOM.DIST(10, 5, 0.25, TRUE), 7)', '0.3135141'],
    ['=ROUND(NEGBINOM.DIST(10, 5, 0.25, FALSE), 7)', '0.0550487'],
    ['=NEGBINOM.DIST([@blank], 1, 0.5, FALSE)', '0.5'],
    ['=NEGBINOM.DIST(10, 0, 0.25, FALSE)', '#NUM!'],
  ),
  realStatistic(
    'NEGBINOMDIST',
    'How likely so many failures before so many successes are.',
    [wholeParameter('number_f'), SUCCESSES, CHANCE],
    (failures: number, successes: number, chance: number) => negativeBinomial(failures, successes, chance, false),
    ['=ROUND(NEGBINOMDIST(10, 5, 0.25), 7)', '0.0550487'],
    ['=NEGBINOMDIST([@blank], 1, 0.5)', '0.5'],
    ['=NEGBINOMDIST(10, 0, 0.25)', '#NUM!'],
  ),
  realStatistic(
    'HYPGEOM.DIST',
    'How likely so many hits in a sample without putting back are, or at most so many.',
    [...DRAW, CUMULATIVE],
    hypergeometric,
    ['=ROUND(HYPGEOM.DIST(1, 4, 8, 20, TRUE), 9)', '0.465428277'],
    ['=ROUND(HYPGEOM.DIST(1, 4, 8, 20, FALSE), 9)', '0.363261094'],
    ['=ROUND(HYPGEOM.DIST([@blank], 4, 8, 20, FALSE), 9)', '0.102167183'],
    ['=HYPGEOM.DIST(5, 4, 8, 20, TRUE)', '#NUM!'],
  ),
  realStatistic(
    'HYPGEOMDIST',
    'How likely so many hits in a sample without putting back are.',
    DRAW,
    (hits: number, sample: number, marked: number, population: number) => hypergeometric(hits, sample, marked, population, false),
    ['=ROUND(HYPGEOMDIST(1, 4, 8, 20), 9)', '0.363261094'],
    ['=ROUND(HYPGEOMDIST([@blank], 4, 8, 20), 9)', '0.102167183'],
    ['=HYPGEOMDIST(5, 4, 8, 20)', '#NUM!'],
  ),
]
