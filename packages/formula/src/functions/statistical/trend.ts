import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import type { Fit } from '../../numeric/exact/least-squares.ts'
import { ratioForm, toDouble, wholeNumbers, type Ratio } from '../../numeric/exact/ratio.ts'
import { Grid } from '../../value/grid.ts'
import { realForm } from '../../value/real.ts'
import { isNothing, type FunctionDefinition, type Parameter, type StrictMaker } from '../definition.ts'
import { quotient, real } from '../results.ts'
import { statistic } from './define.ts'
import { spend } from '../../value/budget.ts'
import {
  arrayOf,
  fitOf,
  INTERCEPT,
  KNOWN_X,
  KNOWN_Y,
  logarithmic,
  numbersOf,
  pointsReader,
  REF,
  variablesOf,
  type Points,
} from './regression-input.ts'

const NEW_X: Parameter = { name: 'new_x', kind: 'array', optional: true }

/** Where the points are asked for: their variables, and the array that the answers have the shape of. */
interface Asked {
  readonly variables: readonly (readonly AnyNumber[])[]
  readonly rows: number
  readonly columns: number
}

/** The known points themselves. */
function askedAtKnown({ variables, layout }: Points, ys: Grid, xs: Grid | null): Asked {
  const shape = layout === 'cells' && xs !== null ? xs : ys
  return { variables, rows: shape.rows, columns: shape.columns }
}

/** New points lie as the known ones do, with as many variables. */
function askedAt({ variables, layout }: Points, grid: Grid, numbers: readonly AnyNumber[]): Asked | CellError {
  const asked = variablesOf(grid, numbers, layout)
  if (asked.length !== variables.length) return REF
  return { variables: asked, rows: layout === 'rows' ? 1 : grid.rows, columns: layout === 'columns' ? 1 : grid.columns }
}

/** The values of the fit at points; its fractions have one denominator. */
function valuesAt({ coefficients, intercept }: Fit, { variables, rows, columns }: Asked, form: (value: Ratio) => Value): Grid {
  const count = rows * columns
  spend(count * (coefficients.length + 2))
  const { units, scale } = wholeNumbers(variables.flat())
  const one = 10n ** BigInt(scale)
  const cells = Array.from({ length: count }, (_, point) => {
    let above = intercept.above * one
    for (const [index, coefficient] of coefficients.entries()) above += coefficient.above * (units[index * count + point] ?? 0n)
    return form({ above, below: intercept.below * one })
  })
  return new Grid(rows, columns, cells)
}

function trend(change: (points: Points) => Points | CellError, formOf: (result: ExprType) => (value: Ratio) => Value): StrictMaker {
  return (types) => {
    const read = pointsReader(types)
    const readNew = numbersOf(types, 2)
    const form = formOf(types.result)
    const [countedX, atKnown, withIntercept] = [1, 2, 3].map((index) => isNothing(types, index))
    return (ys: Grid, xs: Grid | null, news: Grid | null, intercept: boolean) => {
      const given = read(ys, xs)
      const points = isCellError(given) ? given : change(given)
      if (isCellError(points)) return points
      const fit = fitOf(points, withIntercept === true || intercept)
      if (atKnown === true || news === null) return valuesAt(fit, askedAtKnown(points, ys, countedX === true ? null : xs), form)
      const numbers = readNew(news)
      if (isCellError(numbers)) return numbers
      const asked = askedAt(points, news, numbers)
      return isCellError(asked) ? asked : valuesAt(fit, asked, form)
    }
  }
}

/** Values on the straight line or exponential curve through known points. */
export const TRENDS: readonly FunctionDefinition[] = [
  statistic(
    {
      name: 'TREND',
      help: 'The values of a linear regression at new x, or at the known ones; exact.',
      params: [KNOWN_Y, KNOWN_X, NEW_X, INTERCEPT],
      result: arrayOf(quotient),
      evaluation: { mode: 'strict', make: trend((points) => points, ratioForm) },
    },
    ['=TREND({1,3,5}, {1,2,3}, {4,5})', '{7,9}'],
    ['=TREND({1,2,3}*[@blank])', '{0,0,0}'],
    ['=TREND({1;2;3}, {1,0;0,1;1,1}, {2,2})', '6'],
    ['=TREND({1,2,3}, {1,2})', '#REF!'],
  ),
  statistic(
    {
      name: 'GROWTH',
      help: 'The values of an exponential regression at new x, or at the known ones.',
      params: [KNOWN_Y, KNOWN_X, NEW_X, INTERCEPT],
      result: arrayOf(real),
      evaluation: {
        mode: 'strict',
        make: trend(logarithmic, (result) => {
          const form = realForm(result)
          return (value) => form(Math.exp(toDouble(value)))
        }),
      },
    },
    ['=ROUND(GROWTH({2,4,8}, {1,2,3}, {4,5}), 9)', '{16,32}'],
    ['=ROUND(GROWTH({33100;47300;69000;102000;150000;220000}, {11;12;13;14;15;16}, {17;18}), 4)', '{320196.7184;468536.0542}'],
    ['=GROWTH({1,2}*[@blank])', '#NUM!'],
  ),
]
