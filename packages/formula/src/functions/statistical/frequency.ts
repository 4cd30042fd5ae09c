import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import { wholeNumbers } from '../../numeric/exact/ratio.ts'
import { modes } from '../../numeric/modes.ts'
import { NA, NUM } from '../../value/cell-errors.ts'
import { Grid } from '../../value/grid.ts'
import { exactForm } from '../../value/real.ts'
import type { FunctionDefinition, Parameter, StrictMaker, StrictTypes } from '../definition.ts'
import { quotient, widestNumber } from '../results.ts'
import { alias, statistic } from './define.ts'
import { pairsReader } from './pairs.ts'

const VALUES: readonly Parameter[] = [{ name: 'value', kind: 'numbers' }]

const makeMode: StrictMaker = () => (numbers: readonly AnyNumber[]) => {
  return modes(numbers)[0] ?? NA
}

const makeModes: StrictMaker = () => (numbers: readonly AnyNumber[]) => {
  const found = modes(numbers)
  return found.length === 0 ? NA : new Grid(found.length, 1, found)
}

/** For each bin how many values are up to it and above the next smaller one, in the order of the bins; last, how many are above all. */
const makeFrequency: StrictMaker = () => (data: readonly AnyNumber[], bins: readonly AnyNumber[]) => {
  const values = data.toSorted(compareNumbers)
  const counts = Array.from({ length: bins.length + 1 }, () => 0)
  let passed = 0
  for (const index of [...bins.keys()].toSorted((a, b) => compareNumbers(bins[a] ?? 0, bins[b] ?? 0))) {
    const bin = bins[index] ?? 0
    const before = passed
    while (passed < values.length && compareNumbers(values[passed] ?? 0, bin) <= 0) passed++
    counts[index] = passed - before
  }
  counts[bins.length] = values.length - passed
  return new Grid(counts.length, 1, counts)
}

/** More places of a rank than these are not told apart. */
const MOST_PLACES = 38

/** Where x stands among the values, cut off to so many places. `exclusive`: as part of n + 1, counted from 1, not of n − 1 from 0. */
function percentRank(exclusive: boolean): StrictMaker {
  return ({ result }) => {
    const form = exactForm(result)
    return (numbers: readonly AnyNumber[], x: AnyNumber, significance: number) => {
      if (numbers.length === 0 || significance < 1) return NUM
      const sorted = numbers.toSorted(compareNumbers)
      const above = sorted.findIndex((one) => compareNumbers(one, x) >= 0)
      const [low, high] = [sorted[Math.max(0, above - 1)], sorted[above]]
      if (low === undefined || high === undefined || (above === 0 && compareNumbers(high, x) > 0)) return NA
      const isOne = compareNumbers(high, x) === 0
      const [from, to, at] = isOne ? [0n, 1n, 0n] : wholeNumbers([low, high, x]).units
      const whole = BigInt((isOne ? above : above - 1) + (exclusive ? 1 : 0))
      const parts = BigInt(exclusive ? numbers.length + 1 : numbers.length - 1)
      if (parts === 0n) return form(Decimal.of(1, 0))
      const width = (to ?? 1n) - (from ?? 0n)
      const places = Math.min(significance, MOST_PLACES)
      return form(Decimal.of(((whole * width + (at ?? 0n) - (from ?? 0n)) * 10n ** BigInt(places)) / (width * parts), places))
    }
  }
}

/** How far a sum of probabilities may be from 1. */
const SUM_TOLERANCE = 1e-10

function makeProbability(
  types: StrictTypes,
): (xs: Grid, chances: Grid, lower: AnyNumber, upper: AnyNumber | null) => AnyNumber | CellError {
  const read = pairsReader(types, [0, 1])
  const form = exactForm(types.result)
  return (xs, chances, lower, upper) => {
    const pairs = read(xs, chances)
    if (isCellError(pairs)) return pairs
    let [all, met] = [Decimal.ZERO, Decimal.ZERO]
    for (const [index, x] of pairs.first.entries()) {
      const chance = toDecimal(pairs.second[index] ?? 0)
      if (chance.sign() <= 0 || chance.cmp(Decimal.of(1, 0)) > 0) return NUM
      all = all.add(chance) ?? all
      if (compareNumbers(x, lower) >= 0 && compareNumbers(x, upper ?? lower) <= 0) met = met.add(chance) ?? met
    }
    return Math.abs(all.toNumber() - 1) > SUM_TOLERANCE ? NUM : form(met)
  }
}

const MODE_SNGL = statistic(
  {
    name: 'MODE.SNGL',
    help: 'The number that occurs most often, the first of several; if none does twice #N/A.',
    params: VALUES,
    repeat: 1,
    result: widestNumber(),
    evaluation: { mode: 'strict', make: makeMode },
  },
  ['=MODE.SNGL({5.6,4,4,3,2,4})', '4'],
  ['=MODE.SNGL(1, 2, 2, [@blank])', '2'],
  ['=MODE.SNGL({1,2,3})', '#N/A'],
)

function percentRankNamed(name: string, help: string, exclusive: boolean, found: string): FunctionDefinition {
  return statistic(
    {
      name,
      help,
      params: [
        { name: 'array', kind: 'numbers' },
        { name: 'x', kind: 'number' },
        { name: 'significance', kind: 'integer', optional: true, fallback: 3 },
      ],
      result: quotient,
      evaluation: { mode: 'strict', make: percentRank(exclusive) },
    },
    [`=${name}({13,12,11,8,4,3,2,1,1,1}, 8)`, found],
    [`=${name}({-1,0,1}, [@blank])`, '0.5'],
    [`=${name}({1,2,3}, 4)`, '#N/A'],
    [`=${name}({1,2,3}, 2, 0)`, '#NUM!'],
  )
}

const PERCENTRANK_INC = percentRankNamed(
  'PERCENTRANK.INC',
  'Which part (0 to 1) of the other values is below x, between neighbours in proportion, cut off to so many digits; exact.',
  false,
  '0.666',
)

/** How often values occur and how they are placed. */
export const FREQUENCIES: readonly FunctionDefinition[] = [
  statistic(
    {
      name: 'FREQUENCY',
      help: 'How many values fall into each bin, bins by their upper limits, and how many are above all.',
      params: [
        { name: 'data', kind: 'numbers' },
        { name: 'bins', kind: 'numbers' },
      ],
      result: () => ({ type: { type: 'int' }, nullable: false, array: true }),
      evaluation: { mode: 'strict', make: makeFrequency },
    },
    ['=FREQUENCY({79,85,78,85,50,81,95,88,97}, {70,79,89})', '{1;2;4;2}'],
    ['=SUM(FREQUENCY([@blank], {1,2}))', '0'],
    ['=FREQUENCY({1,#N/A}, {1})', '#N/A'],
  ),
  MODE_SNGL,
  alias('MODE', MODE_SNGL),
  statistic(
    {
      name: 'MODE.MULT',
      help: 'The numbers that occur most often, below each other; if none does twice #N/A.',
      params: VALUES,
      repeat: 1,
      result: (types) => {
        const one = widestNumber()(types)
        return 'problem' in one ? one : { ...one, array: true }
      },
      evaluation: { mode: 'strict', make: makeModes },
    },
    ['=MODE.MULT({1,2,3,4,3,2,1,2,3,5,6,1})', '{1;2;3}'],
    ['=SUM(MODE.MULT(1, 2, 2, [@blank]))', '2'],
    ['=MODE.MULT({1,2,3})', '#N/A'],
  ),
  PERCENTRANK_INC,
  alias('PERCENTRANK', PERCENTRANK_INC),
  percentRankNamed(
    'PERCENTRANK.EXC',
    'As PERCENTRANK.INC, counted among one value more, so that it is never 0 nor 1; exact.',
    true,
    '0.636',
  ),
  statistic(
    {
      name: 'PROB',
      help: 'How likely a value from a lower to an upper limit (left out: just that value) is, by the probabilities of all values; exact.',
      params: [
        { name: 'x_range', kind: 'array' },
        { name: 'prob_range', kind: 'array' },
        { name: 'lower_limit', kind: 'number' },
        { name: 'upper_limit', kind: 'number', optional: true },
      ],
      result: quotient,
      evaluation: { mode: 'strict', make: makeProbability },
    },
    ['=PROB({0,1,2,3}, {0.2,0.3,0.1,0.4}, 1, 3)', '0.8'],
    ['=PROB({0,1,2,3}, {0.2,0.3,0.1,0.4}, [@blank])', '0.2'],
    ['=PROB({0,1}, {0.2,0.3}, 1)', '#NUM!'],
    ['=PROB({0,1}, {1}, 1)', '#N/A'],
  ),
]
