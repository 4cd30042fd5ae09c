import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Fit } from '../../numeric/exact/least-squares.ts'
import { ratioForm, toDouble, type Ratio } from '../../numeric/exact/ratio.ts'
import { NA, NUM } from '../../value/cell-errors.ts'
import { Grid } from '../../value/grid.ts'
import { realForm } from '../../value/real.ts'
import { isNothing, type FunctionDefinition, type Parameter, type StrictMaker } from '../definition.ts'
import { quotient, real } from '../results.ts'
import type { ExprType } from '../../bound.ts'
import { statistic } from './define.ts'
import { arrayOf, fitOf, INTERCEPT, KNOWN_X, KNOWN_Y, logarithmic, pointsReader, type Points } from './regression-input.ts'

const STATS: Parameter = { name: 'stats', kind: 'bool', optional: true, fallback: false }

/** How numbers of a regression become cells: the coefficients, and what was computed in doubles. */
interface Forms {
  readonly coefficient: (value: Ratio) => Value
  readonly real: (value: number) => Value
}

/** Excel's five rows: coefficients from the last variable to the first with the intercept behind, their errors, and how well it fits. */
function table(fit: Fit, withIntercept: boolean, withStats: boolean, forms: Forms): Grid {
  const coefficients = [...fit.coefficients.toReversed(), fit.intercept].map(forms.coefficient)
  if (!withStats) return new Grid(1, coefficients.length, coefficients)
  const residuals = toDouble(fit.residuals)
  const variance = fit.freedom > 0 ? residuals / fit.freedom : 0
  const errors = [...fit.variances.toReversed(), withIntercept ? fit.interceptVariance : undefined].map((one) =>
    one === undefined ? NA : forms.real(one === null ? 0 : Math.sqrt(variance * toDouble(one))),
  )
  const total = toDouble(fit.total)
  const explained = explainedBy(fit)
  const rest: readonly (readonly Value[])[] = [
    [forms.real(total === 0 ? 1 : explained / total), forms.real(Math.sqrt(variance))],
    [variance === 0 ? NUM : forms.real(explained / fit.variables / variance), forms.real(fit.freedom)],
    [forms.real(explained), forms.real(residuals)],
  ]
  const width = coefficients.length
  const empty = Array.from({ length: width - 2 }, () => NA)
  return Grid.ofRows([coefficients, errors, ...rest.map((row) => [...row, ...empty])])
}

/** The sum of squares that the regression explains, from the exact difference. */
function explainedBy({ total, residuals }: Fit): number {
  return toDouble({ above: total.above * residuals.below - residuals.above * total.below, below: total.below * residuals.below })
}

/** LINEST, and over logarithms LOGEST, whose coefficients are powers. */
function estimate(
  change: (points: Points) => Points | CellError,
  coefficient: (types: { result: ExprType }) => Forms['coefficient'],
): StrictMaker {
  return (types) => {
    const read = pointsReader(types)
    const forms: Forms = { coefficient: coefficient(types), real: realForm(types.result) }
    const always = isNothing(types, 2)
    return (ys: Grid, xs: Grid | null, withIntercept: boolean, withStats: boolean) => {
      const given = read(ys, xs)
      const points = isCellError(given) ? given : change(given)
      if (isCellError(points)) return points
      const intercept = always || withIntercept
      return table(fitOf(points, intercept), intercept, withStats, forms)
    }
  }
}

/** Straight lines and exponential curves through known points. */
export const ESTIMATES: readonly FunctionDefinition[] = [
  statistic(
    {
      name: 'LINEST',
      help: 'The coefficients of a linear regression, the last variable first, the intercept behind; with stats how well it fits.',
      params: [KNOWN_Y, KNOWN_X, INTERCEPT, STATS],
      result: arrayOf(quotient),
      evaluation: {
        mode: 'strict',
        make: estimate(
          (points) => points,
          ({ result }) => ratioForm(result),
        ),
      },
    },
    ['=LINEST({1,9,5,7}, {0,4,2,3})', '{2,1}'],
    ['=LINEST({3,5,8}, {1,2,4;2,1,0})', '{-1,1,4}'],
    ['=LINEST({1;2;3}*[@blank], {1;2;4})', '{0,0}'],
    ['=LINEST({1,2,3}, {1,2})', '#REF!'],
    ['=LINEST({1,"a"}, {1,2})', '#VALUE!'],
  ),
  statistic(
    {
      name: 'LOGEST',
      help: 'The factors of an exponential regression, the last variable first, what it begins with behind; with stats how well it fits.',
      params: [KNOWN_Y, KNOWN_X, INTERCEPT, STATS],
      result: arrayOf(real),
      evaluation: {
        mode: 'strict',
        make: estimate(logarithmic, ({ result }) => {
          const form = realForm(result)
          return (value) => form(Math.exp(toDouble(value)))
        }),
      },
    },
    ['=ROUND(LOGEST({2,4,8,16}), 9)', '{2,1}'],
    ['=ROUND(LOGEST({33100;47300;69000;102000;150000;220000}, {11;12;13;14;15;16}), 6)', '{1.463276,495.304770}'],
    ['=LOGEST({1,2}*[@blank], {1,2})', '#NUM!'],
  ),
]
