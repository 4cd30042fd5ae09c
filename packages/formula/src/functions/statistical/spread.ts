import type { AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { ratioForm, toDouble } from '../../numeric/exact/ratio.ts'
import { variance } from '../../numeric/exact/variance.ts'
import { DIV0 } from '../../value/cell-errors.ts'
import type { Grid } from '../../value/grid.ts'
import type { FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { always, quotient } from '../results.ts'
import { alias, inDoubles, statistic, type Shown } from './define.ts'

const VALUES: readonly Parameter[] = [{ name: 'value', kind: 'numbers' }]

/** From exact sums; of too few values `#DIV/0!`. */
function makeVariance(ofSample: boolean): StrictMaker {
  return ({ result }) => {
    const form = ratioForm(result)
    return (numbers: readonly AnyNumber[]) => {
      const found = variance(numbers, ofSample)
      return found === null ? DIV0 : form(found)
    }
  }
}

/** The root of the exact variance. */
function makeDeviation(ofSample: boolean): StrictMaker {
  return inDoubles((numbers: readonly AnyNumber[]) => {
    const found = variance(numbers, ofSample)
    return found === null ? DIV0 : Math.sqrt(toDouble(found))
  })
}

function spread(name: string, help: string, make: StrictMaker, ...examples: readonly Shown[]): FunctionDefinition {
  return statistic({ name, help, params: VALUES, repeat: 1, result: quotient, evaluation: { mode: 'strict', make } }, ...examples)
}

const VAR_S = spread(
  'VAR.S',
  'The variance of a sample: the mean square distance from the mean, by one value less; exact inside.',
  makeVariance(true),
  ['=VAR.S({1345,1301,1368,1322,1310,1370,1318,1350,1303,1299})', '754.266666666667'],
  ['=VAR.S(0.1, 0.3, [@blank])', '0.02'],
  ['=VAR.S(1)', '#DIV/0!'],
  ['=VAR.S(items[amount])', '105.083333333333'],
  ['=VAR.S(items[broken])', '#N/A'],
)
const VAR_P = spread(
  'VAR.P',
  'The variance of all there is; exact inside.',
  makeVariance(false),
  ['=VAR.P({1345,1301,1368,1322,1310,1370,1318,1350,1303,1299})', '678.84'],
  ['=VAR.P(0.1, 0.3, [@blank])', '0.01'],
  ['=VAR.P([@blank])', '#DIV/0!'],
  ['=VAR.P(items[amount])', '70.0555555555556'],
)
const STDEV_S = spread(
  'STDEV.S',
  'The standard deviation of a sample: the root of VAR.S.',
  makeDeviation(true),
  ['=STDEV.S({1345,1301,1368,1322,1310,1370,1318,1350,1303,1299})', '27.4639157198435'],
  ['=STDEV.S(2, 4, 6, [@blank])', '2'],
  ['=STDEV.S(1)', '#DIV/0!'],
  ['=STDEV.S(items[amount])', '10.2510162097879'],
)
const STDEV_P = spread(
  'STDEV.P',
  'The standard deviation of all there is: the root of VAR.P.',
  makeDeviation(false),
  ['=STDEV.P({1345,1301,1368,1322,1310,1370,1318,1350,1303,1299})', '26.0545581424825'],
  ['=STDEV.P(1, 2, [@blank])', '0.5'],
  ['=STDEV.P([@blank])', '#DIV/0!'],
  ['=STDEV.P(items[amount])', '8.36991968632648'],
)

/** Variances and standard deviations, and what is empty. */
export const SPREADS: readonly FunctionDefinition[] = [
  VAR_S,
  alias('VAR', VAR_S),
  VAR_P,
  alias('VARP', VAR_P),
  STDEV_S,
  alias('STDEV', STDEV_S),
  STDEV_P,
  alias('STDEVP', STDEV_P),
  statistic(
    {
      name: 'COUNTBLANK',
      help: 'How many cells are Blank or the empty text.',
      params: [{ name: 'array', kind: 'array' }],
      result: always('int'),
      evaluation: { mode: 'strict', make: () => (grid: Grid) => grid.cells.filter(isEmpty).length },
    },
    ['=COUNTBLANK({1,"",2,""})', '2'],
    ['=COUNTBLANK([@blank])', '1'],
    ['=COUNTBLANK({1,#N/A})', '0'],
    ['=COUNTBLANK(items[note])', '1'],
    ['=COUNTBLANK(items[note])/0', '#DIV/0!'],
  ),
]

function isEmpty(cell: Value): boolean {
  return cell === null || cell === ''
}
