import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { Grid, gridOf, MAX_CELLS, spreadAt, type FormulaValue } from '../../value/grid.ts'
import { integerReader } from '../../value/readers.ts'
import {
  isTypeProblem,
  type CallTypes,
  type FunctionDefinition,
  type LazyArgument,
  type LazyMaker,
  type TypeProblem,
} from '../definition.ts'
import { oneOf } from '../results.ts'

/** One of the values, as an array where it is one. */
function chosen<Row>({ type, run, grid }: LazyArgument<Row>, result: ExprType): (row: Row) => FormulaValue {
  const convert = conversion(type.type, result.type) ?? ((value: Value) => value)
  return grid === undefined ? (row) => convert(run(row)) : (row) => grid(row).map(convert)
}

/** One number chooses a value, whole if it is an array. Of an array of numbers each chooses a cell at its own place. */
const makeChoose: LazyMaker = (args, result) => {
  const [index, ...rest] = args
  const read = integerReader(index?.type.type ?? null)
  const values = rest.map((one) => chosen(one, result))
  return (row) => {
    const choose = (cell: Value): FormulaValue => {
      const number = read(cell)
      if (isCellError(number)) return number
      const value = values[number - 1]
      return value === undefined ? VALUE : value(row)
    }
    if (index?.grid === undefined) return choose(index?.run(row) ?? null)
    const numbers = index.grid(row)
    const [first = null] = numbers.cells
    return numbers.cells.length === 1
      ? choose(first)
      : chooseCells(
          numbers.map(read),
          values.map((value) => gridOf(value(row))),
        )
  }
}

/** `CHOOSE({1,2}, a, b)`: the first column of `a` beside that of `b`. */
function chooseCells(numbers: Grid, values: readonly Grid[]): FormulaValue {
  const rows = Math.max(...[numbers, ...values].map((grid) => grid.rows))
  const columns = Math.max(...[numbers, ...values].map((grid) => grid.columns))
  if (rows * columns > MAX_CELLS) return NUM
  return Grid.make(rows, columns, (row, column) => {
    const number = spreadAt(numbers, row, column)
    if (typeof number !== 'number') return number
    const value = values[number - 1]
    return value === undefined ? VALUE : spreadAt(value, row, column)
  })
}

function chooseType(types: CallTypes): ExprType | TypeProblem {
  const one = oneOf(
    types,
    types.args.flatMap((_, index) => (index === 0 ? [] : [index])),
  )
  if (isTypeProblem(one) || !types.args.some((arg) => arg.array === true)) return one
  return { ...one, array: true }
}

export const CHOOSE: FunctionDefinition = {
  name: 'CHOOSE',
  category: 'lookup',
  help: 'The value at a place of the list behind it, counted from 1. Only that one is computed.',
  params: [
    { name: 'number', kind: 'array' },
    { name: 'value', kind: 'array' },
  ],
  repeat: 1,
  result: chooseType,
  evaluation: { mode: 'lazy', make: makeChoose },
  volatility: 'pure',
  examples: [
    { formula: '=CHOOSE(2, "a", "b", "c")', result: '"b"' },
    { formula: '=CHOOSE(1, [@price], 1/0)', result: '9.5' },
    { formula: '=SUM(CHOOSE({1,2}, {1;2}, {10;20}))', result: '33' },
    { formula: '=CHOOSE([@blank], 1, 2)', result: '#VALUE!' },
  ],
}
