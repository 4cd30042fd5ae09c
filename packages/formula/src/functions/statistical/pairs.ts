import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { AnyNumber } from '@sheetflow/core/number'
import { ratio, ratioForm, sumOf, toDouble, wholeNumbers, type Ratio } from '../../numeric/exact/ratio.ts'
import { DIV0, NA } from '../../value/cell-errors.ts'
import type { Grid } from '../../value/grid.ts'
import { cellReader } from '../../value/list-readers.ts'
import { realForm } from '../../value/real.ts'
import type { FunctionDefinition, Parameter, StrictMaker, StrictTypes } from '../definition.ts'
import { quotient, real } from '../results.ts'
import { alias, statistic, type Shown } from './define.ts'

const FIRST: Parameter = { name: 'array', kind: 'array' }
const SECOND: Parameter = { name: 'other_array', kind: 'array' }
const KNOWN_Y: Parameter = { name: 'known_y', kind: 'array' }
const KNOWN_X: Parameter = { name: 'known_x', kind: 'array' }

/** Numbers that stand at the same place of two arrays. */
export interface Pairs {
  readonly first: readonly AnyNumber[]
  readonly second: readonly AnyNumber[]
}

/** Reads two arrays of equally many cells (else `#N/A`); places where one has no number are left out, the first error is the result. */
export function pairsReader({ args }: StrictTypes, at: readonly [number, number]): (first: Grid, second: Grid) => Pairs | CellError {
  const [readFirst, readSecond] = at.map((index) => cellReader(args[index]?.type ?? null, 'decimal'))
  return (first, second) => {
    if (first.cells.length !== second.cells.length) return NA
    const pairs = { first: [] as AnyNumber[], second: [] as AnyNumber[] }
    for (const [index, cell] of first.cells.entries()) {
      const one = readFirst?.(cell) ?? null
      if (isCellError(one)) return one
      const other = readSecond?.(second.cells[index] ?? null) ?? null
      if (isCellError(other)) return other
      if (one === null || other === null) continue
      pairs.first.push(one)
      pairs.second.push(other)
    }
    return pairs
  }
}

/** Sums over pairs, exact: `xx = nΣx² − (Σx)²` at scale 2·xScale, `xy = nΣxy − ΣxΣy`, `yy` likewise. */
interface Moments {
  readonly n: number
  readonly x: bigint
  readonly y: bigint
  readonly xx: bigint
  readonly xy: bigint
  readonly yy: bigint
  readonly xScale: number
  readonly yScale: number
}

function momentsOf(xs: readonly AnyNumber[], ys: readonly AnyNumber[]): Moments {
  const [left, right] = [wholeNumbers(xs), wholeNumbers(ys)]
  const n = BigInt(xs.length)
  const [x, y] = [sumOf(left.units), sumOf(right.units)]
  let [xx, xy, yy] = [0n, 0n, 0n]
  for (const [index, a] of left.units.entries()) {
    const b = right.units[index] ?? 0n
    xx += a * a
    xy += a * b
    yy += b * b
  }
  return { n: xs.length, x, y, xx: n * xx - x * x, xy: n * xy - x * y, yy: n * yy - y * y, xScale: left.scale, yScale: right.scale }
}

/** Of the exact moments; an array is y first, as in Excel's regression. */
function overMoments(compute: (moments: Moments) => Ratio | CellError): StrictMaker {
  return (types) => {
    const read = pairsReader(types, [0, 1])
    const form = ratioForm(types.result)
    return (ys: Grid, xs: Grid) => {
      const pairs = read(ys, xs)
      if (isCellError(pairs)) return pairs
      const found = compute(momentsOf(pairs.second, pairs.first))
      return isCellError(found) ? found : form(found)
    }
  }
}

/** As `overMoments` for the root of a fraction, with the sign that it has. */
function rootOverMoments(compute: (moments: Moments) => { readonly square: Ratio; readonly sign: number } | CellError): StrictMaker {
  return (types) => {
    const read = pairsReader(types, [0, 1])
    const form = realForm(types.result)
    return (ys: Grid, xs: Grid) => {
      const pairs = read(ys, xs)
      if (isCellError(pairs)) return pairs
      const found = compute(momentsOf(pairs.second, pairs.first))
      return isCellError(found) ? found : form(found.sign * Math.sqrt(toDouble(found.square)))
    }
  }
}

/** The square of the correlation. */
function determination({ xx, yy, xy }: Moments): Ratio | CellError {
  return xx === 0n || yy === 0n ? DIV0 : ratio(xy * xy, xx * yy)
}

/** Where the regression line is at x, given at the moments' scale. */
function lineAt({ n, x, y, xx, xy, yScale }: Moments, at: bigint): Ratio | CellError {
  return xx === 0n ? DIV0 : ratio(y * xx - xy * x + BigInt(n) * xy * at, BigInt(n) * xx, yScale)
}

function forecast(types: StrictTypes): (at: AnyNumber, ys: Grid, xs: Grid) => AnyNumber | CellError {
  const read = pairsReader(types, [1, 2])
  const form = ratioForm(types.result)
  return (at, ys, xs) => {
    const pairs = read(ys, xs)
    if (isCellError(pairs)) return pairs
    if (pairs.first.length === 0) return NA
    // The point itself is brought to the scale of the others: it takes part in no sum.
    const { units } = wholeNumbers([...pairs.second, at])
    const moments = momentsOf(pairs.second, pairs.first)
    const shift = wholeNumbers([...pairs.second, at]).scale - moments.xScale
    const finer = 10n ** BigInt(shift)
    const scaled = { ...moments, x: moments.x * finer, xx: moments.xx * finer * finer, xy: moments.xy * finer }
    const found = lineAt(scaled, units.at(-1) ?? 0n)
    return isCellError(found) ? found : form(found)
  }
}

function overPairs(
  name: string,
  help: string,
  params: readonly [Parameter, Parameter],
  make: StrictMaker,
  result: FunctionDefinition['result'],
  ...examples: readonly Shown[]
): FunctionDefinition {
  return statistic({ name, help, params, result, evaluation: { mode: 'strict', make } }, ...examples)
}

const CORREL = overPairs(
  'CORREL',
  'How far two arrays of numbers go together: −1 to 1.',
  [FIRST, SECOND],
  rootOverMoments((moments) => {
    const square = determination(moments)
    return isCellError(square) ? square : { square, sign: moments.xy < 0n ? -1 : 1 }
  }),
  real,
  ['=ROUND(CORREL({3,2,4,5,6}, {9,7,12,15,17}), 9)', '0.997054486'],
  ['=CORREL({1,2,3}, {6,4,2})', '-1'],
  ['=CORREL({1,2,3}, {1,2})', '#N/A'],
  ['=CORREL({1,2}, [@blank]*{1,2})', '#DIV/0!'],
)
const COVARIANCE_P = overPairs(
  'COVARIANCE.P',
  'The covariance of all there is: the mean product of the distances from the means; exact.',
  [FIRST, SECOND],
  overMoments(({ n, xy, xScale, yScale }) => (n < 1 ? DIV0 : ratio(xy, BigInt(n) ** 2n, xScale + yScale))),
  quotient,
  ['=COVARIANCE.P({3,2,4,5,6}, {9,7,12,15,17})', '5.2'],
  ['=COVARIANCE.P({1,2}, [@blank]*{1,2})', '0'],
  ['=COVARIANCE.P({1,2,3}, {"a","b","c"})', '#DIV/0!'],
)
const FORECAST_LINEAR = statistic(
  {
    name: 'FORECAST.LINEAR',
    help: 'Where the regression line of known points is at x; exact.',
    params: [{ name: 'x', kind: 'number' }, KNOWN_Y, KNOWN_X],
    result: quotient,
    evaluation: { mode: 'strict', make: forecast },
  },
  ['=ROUND(FORECAST.LINEAR(30, {6,7,9,15,21}, {20,28,31,38,40}), 6)', '10.607253'],
  ['=FORECAST.LINEAR([@blank], {3,5}, {1,2})', '1'],
  ['=FORECAST.LINEAR(1.5, {3,5}, {1,1})', '#DIV/0!'],
)

/** Over pairs of numbers: correlation, covariance, the straight line of regression. */
export const PAIRS: readonly FunctionDefinition[] = [
  CORREL,
  { ...alias('PEARSON', CORREL), help: "Pearson's coefficient: how far two arrays of numbers go together, −1 to 1." },
  overPairs(
    'RSQ',
    'The square of the correlation; exact.',
    [KNOWN_Y, KNOWN_X],
    overMoments(determination),
    quotient,
    ['=ROUND(RSQ({2,3,9,1,8,7,5}, {6,5,11,7,5,4,4}), 9)', '0.057950192'],
    ['=RSQ({1,2}, [@blank]*{1,2})', '#DIV/0!'],
    ['=RSQ({1,2,3}, {1,2})', '#N/A'],
  ),
  COVARIANCE_P,
  alias('COVAR', COVARIANCE_P),
  overPairs(
    'COVARIANCE.S',
    'The covariance of a sample; exact.',
    [FIRST, SECOND],
    overMoments(({ n, xy, xScale, yScale }) => (n < 2 ? DIV0 : ratio(xy, BigInt(n) * BigInt(n - 1), xScale + yScale))),
    quotient,
    ['=COVARIANCE.S({3,2,4,5,6}, {9,7,12,15,17})', '6.5'],
    ['=COVARIANCE.S({1,2}, [@blank]*{1,2})', '0'],
    ['=COVARIANCE.S({1}, {2})', '#DIV/0!'],
  ),
  overPairs(
    'SLOPE',
    'The slope of the regression line; exact.',
    [KNOWN_Y, KNOWN_X],
    overMoments(({ xx, xy, xScale, yScale }) => (xx === 0n ? DIV0 : ratio(xy, xx, yScale - xScale))),
    quotient,
    ['=ROUND(SLOPE({2,3,9,1,8,7,5}, {6,5,11,7,5,4,4}), 9)', '0.305555556'],
    ['=SLOPE([@blank]*{1,2}, {1,2})', '0'],
    ['=SLOPE({1,2}, {3,3})', '#DIV/0!'],
  ),
  overPairs(
    'INTERCEPT',
    'Where the regression line meets the axis of y; exact.',
    [KNOWN_Y, KNOWN_X],
    overMoments((moments) => lineAt(moments, 0n)),
    quotient,
    ['=ROUND(INTERCEPT({2,3,9,1,8}, {6,5,11,7,5}), 8)', '0.04838710'],
    ['=INTERCEPT([@blank]*{1,2}, {1,2})', '0'],
    ['=INTERCEPT({1,2}, {3,3})', '#DIV/0!'],
  ),
  overPairs(
    'STEYX',
    'The standard error of y by the regression line.',
    [KNOWN_Y, KNOWN_X],
    rootOverMoments(({ n, xx, xy, yy, yScale }) => {
      if (n < 3 || xx === 0n) return DIV0
      return { square: ratio(yy * xx - xy * xy, xx * BigInt(n) * BigInt(n - 2), 2 * yScale), sign: 1 }
    }),
    real,
    ['=ROUND(STEYX({2,3,9,1,8,7,5}, {6,5,11,7,5,4,4}), 6)', '3.305719'],
    ['=STEYX([@blank]*{1,2,3}, {1,2,4})', '0'],
    ['=STEYX({1,2}, {1,2})', '#DIV/0!'],
  ),
  FORECAST_LINEAR,
  alias('FORECAST', FORECAST_LINEAR),
]
