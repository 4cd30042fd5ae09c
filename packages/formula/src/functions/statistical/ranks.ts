import { isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { OrderFunction } from '../../bound.ts'
import { inLane } from '../../value/in-lane.ts'
import { laneOf, typeOfLane } from '../../value/lane.ts'
import { orderStatistic, rankedOf } from '../../value/order-statistics.ts'
import type { FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { always, quotient, widestNumber } from '../results.ts'
import { alias, statistic, type Shown } from './define.ts'

const ARRAY: Parameter = { name: 'array', kind: 'numbers' }

/** As over whole columns. What is left to do is the form: the numbers are in the call's lane, and the result may be narrower than `k` made that. */
function overOrder(fn: OrderFunction): StrictMaker {
  return ({ lane, result }) => {
    const type = typeOfLane(lane)
    const statistic = orderStatistic(fn, type, [
      { type, nullable: false },
      { type, nullable: false },
    ])
    const resultLane = laneOf(result.type) ?? lane
    return (numbers: readonly AnyNumber[], ...args: readonly AnyNumber[]) => {
      const found = statistic(rankedOf(numbers), args)
      return isNumber(found) ? inLane(toDecimal(found), resultLane) : found
    }
  }
}

/** Of a number that is not among them `#N/A`. Order 0 counts from the greatest, any other from the smallest. */
function rank(fn: OrderFunction): StrictMaker {
  return (types) => {
    const statistic = overOrder(fn)(types) as (numbers: readonly AnyNumber[], ...args: readonly AnyNumber[]) => Value
    return (number: AnyNumber, numbers: readonly AnyNumber[], order: AnyNumber) => statistic(numbers, number, order)
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
      evaluation: { mode: 'strict', make: rank(average ? 'rank-avg' : 'rank-eq') },
    },
    ...examples,
  )
}

const PERCENTILE_INC = kth(
  'PERCENTILE.INC',
  'The value below which the part k of the values lies, from 0, the smallest, to 1, the greatest; between neighbours in proportion, exact.',
  'k',
  quotient,
  overOrder('percentile-inc'),
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
  overOrder('quartile-inc'),
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
    overOrder('large'),
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
    overOrder('small'),
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
      evaluation: { mode: 'strict', make: overOrder('median') },
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
    overOrder('percentile-exc'),
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
    overOrder('quartile-exc'),
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
