import { must } from '@sheetflow/core/assert'
import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '../bound.ts'
import { spend } from '../value/budget.ts'
import { CALC, NA, NUM, VALUE } from '../value/cell-errors.ts'
import { conversion } from '../value/convert.ts'
import { firstOf, Grid, gridOf, MAX_CELLS, type FormulaValue } from '../value/grid.ts'
import type { ExprOf, Flow } from './compile-host.ts'

/** Sets the LAMBDA's parameters and runs it. */
type Run = (...args: readonly FormulaValue[]) => FormulaValue

/**
 * Functions that run a LAMBDA again and again (Excel's names): its parameters are written into their slots before each run. What the LAMBDA gives is one value a
 * cell; an array of another number of cells is `#CALC!` there, as in Excel.
 */
export function compileOver<Row>(expr: ExprOf<'over'>, compile: (part: Expr) => Flow<Row>, slots: unknown[]): Flow<Row> {
  const args = expr.args.map(compile)
  const body = compile(expr.body)
  const combine = must(OVER[expr.fn], `${expr.fn} runs a LAMBDA`)(expr)
  return (row) => {
    const run: Run = (...values) => {
      spend(1)
      for (const [index, slot] of expr.slots.entries()) slots[slot] = values[index] ?? null
      return body(row)
    }
    return combine(
      args.map((arg) => arg(row)),
      run,
    )
  }
}

/** What stands in the cell of an array for what the LAMBDA gives. */
function cellOf(value: FormulaValue): Value {
  return value instanceof Grid && value.cells.length !== 1 ? CALC : firstOf(value)
}

type Combine = (args: readonly FormulaValue[], run: Run) => FormulaValue

const OVER: Readonly<Record<string, (expr: ExprOf<'over'>) => Combine>> = {
  MAP: () => map,
  BYROW: () => byRow,
  BYCOL: () => byColumn,
  MAKEARRAY: () => makeArray,
  REDUCE: (expr) => fold(expr, false),
  SCAN: (expr) => fold(expr, true),
}

function map(args: readonly FormulaValue[], run: Run): FormulaValue {
  const grids = args.map(gridOf)
  const rows = Math.max(...grids.map((grid) => grid.rows))
  const columns = Math.max(...grids.map((grid) => grid.columns))
  if (rows * columns > MAX_CELLS) return NUM
  return Grid.make(rows, columns, (r, c) => cellOf(run(...grids.map((grid) => (r < grid.rows && c < grid.columns ? grid.at(r, c) : NA)))))
}

function byRow([arg = null]: readonly FormulaValue[], run: Run): FormulaValue {
  const grid = gridOf(arg)
  return Grid.make(grid.rows, 1, (row) => cellOf(run(new Grid(1, grid.columns, grid.row(row)))))
}

function byColumn([arg = null]: readonly FormulaValue[], run: Run): FormulaValue {
  const grid = gridOf(arg)
  return Grid.make(1, grid.columns, (_, column) => cellOf(run(new Grid(grid.rows, 1, grid.column(column)))))
}

function makeArray([rows = null, columns = null]: readonly FormulaValue[], run: Run): FormulaValue {
  const [height, width] = [countOf(rows), countOf(columns)]
  if (isCellError(height)) return height
  if (isCellError(width)) return width
  if (height < 1 || width < 1) return VALUE
  if (height * width > MAX_CELLS) return NUM
  return Grid.make(height, width, (row, column) => cellOf(run(row + 1, column + 1)))
}

function countOf(value: FormulaValue): number | CellError {
  const one = firstOf(value)
  if (isCellError(one)) return one
  return isNumber(one) ? Math.trunc(toDecimal(one).toNumber()) : VALUE
}

/** REDUCE gives the last value, SCAN all of them. `inputs[0]` is the type in which the value so far is kept. */
function fold({ args, inputs, body }: ExprOf<'over'>, all: boolean): (args: readonly FormulaValue[], run: Run) => FormulaValue {
  const kept = inputs[0]?.type ?? null
  const [first, again] = [conversion(args[0]?.type ?? null, kept), conversion(body.type, kept)]
  return ([start = null, arg = null], run) => {
    const grid = gridOf(arg)
    let value = converted(start, first)
    const steps = grid.cells.map((cell) => {
      const next = run(value, cell)
      value = converted(next, again)
      return cellOf(value)
    })
    return all ? new Grid(grid.rows, grid.columns, steps) : value
  }
}

function converted(value: FormulaValue, convert: ((cell: Value) => Value) | null): FormulaValue {
  if (convert === null) return value
  return value instanceof Grid ? value.map(convert) : convert(value)
}
