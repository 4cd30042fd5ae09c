import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { toDecimal, type AnyNumber } from '@sheetflow/core/number'
import { leastSquares, type Fit } from '../../numeric/exact/least-squares.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import type { ExprType } from '../../bound.ts'
import type { Grid } from '../../value/grid.ts'
import { cellReader } from '../../value/list-readers.ts'
import { isNothing, type CallTypes, type Parameter, type TypeProblem } from '../definition.ts'

/** Excel's limit of variables in a regression. */
const MOST_VARIABLES = 64
/** Arrays whose sizes do not go together. */
export const REF: CellError = new CellError('#REF!')

/** How the variables lie in an array of known x: `cells` is one variable of as many cells as there are y. */
export type Layout = 'cells' | 'columns' | 'rows'

/** Known points: y, and the variables in order. */
export interface Points {
  readonly y: readonly AnyNumber[]
  readonly variables: readonly (readonly AnyNumber[])[]
  readonly layout: Layout
}

export const KNOWN_Y: Parameter = { name: 'known_y', kind: 'array' }
export const KNOWN_X: Parameter = { name: 'known_x', kind: 'array', optional: true }
/** FALSE: through the origin. */
export const INTERCEPT: Parameter = { name: 'const', kind: 'bool', optional: true, fallback: true }

/** Numbers of all cells of an argument; a cell that is none is `#VALUE!`. */
export function numbersOf({ args }: CallTypes, index: number): (grid: Grid) => readonly AnyNumber[] | CellError {
  const read = cellReader(args[index]?.type ?? null, 'decimal')
  return (grid) => {
    const numbers: AnyNumber[] = []
    for (const cell of grid.cells) {
      const number = read(cell) ?? VALUE
      if (isCellError(number)) return number
      numbers.push(number)
    }
    return numbers
  }
}

/** Reads known y (argument 0) and x (argument 1; left out: 1, 2, 3, …) as Excel's regressions lay them out; sizes that do not fit are `#REF!`. */
export function pointsReader(types: CallTypes): (ys: Grid, xs: Grid | null) => Points | CellError {
  const [readY, readX] = [numbersOf(types, 0), numbersOf(types, 1)]
  const counted = isNothing(types, 1)
  return (ys, xs) => {
    const y = readY(ys)
    if (isCellError(y)) return y
    if (counted || xs === null) return { y, variables: [y.map((_, index) => index + 1)], layout: 'cells' }
    const x = readX(xs)
    if (isCellError(x)) return x
    const layout = layoutOf(ys, xs)
    if (layout === null) return REF
    const variables = variablesOf(xs, x, layout)
    return variables.length > MOST_VARIABLES ? REF : { y, variables, layout }
  }
}

function layoutOf(ys: Grid, xs: Grid): Layout | null {
  if (ys.rows === xs.rows && ys.columns === xs.columns) return 'cells'
  if (ys.columns === 1 && ys.rows === xs.rows) return 'columns'
  return ys.rows === 1 && ys.columns === xs.columns ? 'rows' : null
}

/** The variables of an array whose cells were read. */
export function variablesOf(grid: Grid, numbers: readonly AnyNumber[], layout: Layout): readonly (readonly AnyNumber[])[] {
  if (layout === 'cells') return [numbers]
  const { rows, columns } = grid
  if (layout === 'rows') return Array.from({ length: rows }, (_, row) => numbers.slice(row * columns, (row + 1) * columns))
  return Array.from({ length: columns }, (_, column) => numbers.filter((__, index) => index % columns === column))
}

/** The line, plane, … through the points. */
export function fitOf({ y, variables }: Points, withIntercept: boolean): Fit {
  return leastSquares(y, variables, withIntercept)
}

/** A rule for one number as that of an array of such numbers. */
export function arrayOf(rule: (types: CallTypes) => ExprType | TypeProblem): (types: CallTypes) => ExprType | TypeProblem {
  return (types) => {
    const one = rule(types)
    return 'problem' in one ? one : { ...one, array: true }
  }
}

/** The logarithms of y; of numbers that have none `#NUM!`. */
export function logarithmic(points: Points): Points | CellError {
  const y = points.y.map((one) => Math.log(toDecimal(one).toNumber()))
  return y.every(Number.isFinite) ? { ...points, y } : NUM
}
