import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { eliminateDoubles, eliminateExact, unit, type Eliminated } from '../../numeric/elimination.ts'
import { ADD, divideDecimal, MULTIPLY } from '../../value/arithmetic.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import { Grid, MAX_CELLS } from '../../value/grid.ts'
import { wholeInLane } from '../../value/in-lane.ts'
import { laneOf, laneOfArgument, type Lane } from '../../value/lane.ts'
import { cellReader } from '../../value/list-readers.ts'
import { exactForm, realForm } from '../../value/real.ts'
import { isTypeProblem, type CallTypes, type FunctionDefinition, type StrictMaker, type TypeProblem } from '../definition.ts'
import { real, widestNumber } from '../results.ts'

/** Rows of numbers. */
type Matrix = readonly (readonly AnyNumber[])[]

/** Larger matrices, and longer numbers, are eliminated in doubles: exact numbers grow with each step. */
const EXACT_SIZE = 16
const EXACT_DIGITS = 40
/** Larger ones are `#NUM!`, so that a formula ends. */
const MAX_SIZE = 400
/** More products than this a MMULT does not compute: `#NUM!`. */
const MAX_PRODUCTS = 10_000_000

/** All cells must be numbers: Blank and text are `#VALUE!`. */
function matrixReader(arg: ExprType | undefined, lane: Lane): (grid: Grid) => Matrix | CellError {
  const read = cellReader(arg?.type ?? null, lane)
  return (grid) => {
    const rows: AnyNumber[][] = []
    for (let row = 0; row < grid.rows; row++) {
      const numbers: AnyNumber[] = []
      for (const cell of grid.row(row)) {
        const number = read(cell) ?? VALUE
        if (isCellError(number)) return number
        numbers.push(number)
      }
      rows.push(numbers)
    }
    return rows
  }
}

/** Of whole numbers: the matrix times a power of ten. */
interface Scaled {
  readonly rows: readonly (readonly bigint[])[]
  readonly scale: number
}

/** Null where exact elimination would take too long. */
function scaled(matrix: Matrix): Scaled | null {
  if (matrix.length > EXACT_SIZE) return null
  const decimals = matrix.map((row) => row.map(toDecimal))
  const scale = Math.max(...decimals.flat().map((cell) => cell.scale))
  const rows = decimals.map((row) => row.map((cell) => cell.rescale(scale, 'truncate')))
  if (rows.flat().some((cell) => cell.digits() > EXACT_DIGITS)) return null
  return { rows: rows.map((row) => row.map((cell) => BigInt(cell.units))), scale }
}

function inDoubles(matrix: Matrix, right: readonly (readonly number[])[]): Eliminated<number> | null {
  return eliminateDoubles(
    matrix.map((row) => row.map((cell) => (typeof cell === 'number' ? cell : toDecimal(cell).toNumber()))),
    right,
  )
}

/** MDETERM and MINVERSE: of a square matrix, exact unless its numbers are doubles or very many. */
function ofSquare(compute: (matrix: Matrix, result: ExprType, lane: Lane) => Value | Grid): StrictMaker {
  return ({ args, result }) => {
    const lane = laneOfArgument(args[0] ?? { type: null, nullable: true }) === 'double' ? 'double' : 'decimal'
    const read = matrixReader(args[0], lane)
    return (grid: Grid) => {
      if (grid.rows !== grid.columns) return VALUE
      if (grid.rows > MAX_SIZE) return NUM
      const matrix = read(grid)
      return isCellError(matrix) ? matrix : compute(matrix, result, lane)
    }
  }
}

function determinant(matrix: Matrix, result: ExprType, lane: Lane): Value {
  const exact = lane === 'double' ? null : scaled(matrix)
  if (exact === null) return realForm(result)(inDoubles(matrix, [])?.determinant ?? 0)
  const { determinant: units } = eliminateExact(exact.rows, []) ?? { determinant: 0n }
  const value = Decimal.of(units, exact.scale * matrix.length).normalize()
  return exactForm(result)(value.digits() <= 38 ? value : value.significant(15))
}

function inverse(matrix: Matrix, result: ExprType, lane: Lane): Grid | CellError {
  const exact = lane === 'double' ? null : scaled(matrix)
  if (exact === null) {
    const found = inDoubles(matrix, unit(matrix.length, 1, 0))
    return found === null ? NUM : Grid.ofRows(found.solution.map((row) => row.map(realForm(result))))
  }
  const found = eliminateExact(exact.rows, unit(matrix.length, 10n ** BigInt(exact.scale), 0n))
  if (found === null) return NUM
  const form = exactForm(result)
  const divisor = Decimal.of(found.divisor, 0)
  return Grid.ofRows(
    found.solution.map((row) =>
      row.map((cell) => {
        const quotient = divideDecimal(Decimal.of(cell, 0), divisor)
        return isCellError(quotient) ? quotient : form(quotient)
      }),
    ),
  )
}

const makeProduct: StrictMaker = ({ args, result }) => {
  const lane = laneOf(result.type) ?? 'decimal'
  const [readLeft, readRight] = [matrixReader(args[0], lane), matrixReader(args[1], lane)]
  return (first: Grid, second: Grid) => {
    if (first.columns !== second.rows) return VALUE
    if (first.rows * second.columns > MAX_CELLS || first.rows * second.columns * second.rows > MAX_PRODUCTS) return NUM
    const [left, right] = [readLeft(first), readRight(second)]
    if (isCellError(left)) return left
    if (isCellError(right)) return right
    return Grid.make(first.rows, second.columns, (row, column) => scalarProduct(left[row] ?? [], right, column, lane))
  }
}

function scalarProduct(row: readonly AnyNumber[], right: Matrix, column: number, lane: Lane): AnyNumber | CellError {
  let sum: AnyNumber | CellError = wholeInLane(0, lane)
  for (const [at, factor] of row.entries()) {
    const product = MULTIPLY[lane](factor, right[at]?.[column] ?? wholeInLane(0, lane))
    if (isCellError(product)) return product
    sum = ADD[lane](sum, product)
    if (isCellError(sum)) return sum
  }
  return sum
}

function arrayOf(rule: (types: CallTypes) => ExprType | TypeProblem): (types: CallTypes) => ExprType | TypeProblem {
  return (types) => {
    const cell = rule(types)
    return isTypeProblem(cell) ? cell : { ...cell, array: true }
  }
}

/** Matrices. */
export const MATRICES: readonly FunctionDefinition[] = [
  {
    name: 'MDETERM',
    category: 'math',
    help: 'The determinant of a square array of numbers.',
    params: [{ name: 'array', kind: 'array' }],
    result: real,
    evaluation: { mode: 'strict', make: ofSquare(determinant) },
    volatility: 'pure',
    examples: [
      { formula: '=MDETERM({3,6;1,1})', result: '-3' },
      { formula: '=MDETERM({1,2,3;4,5,6;7,8,9})', result: '0' },
      { formula: '=MDETERM({1,2,3})', result: '#VALUE!' },
      { formula: '=MDETERM([@blank])', result: '#VALUE!' },
    ],
  },
  {
    name: 'MINVERSE',
    category: 'math',
    help: 'The inverse of a square array of numbers; #NUM! if there is none.',
    params: [{ name: 'array', kind: 'array' }],
    result: arrayOf(real),
    evaluation: { mode: 'strict', make: ofSquare(inverse) },
    volatility: 'pure',
    examples: [
      { formula: '=MINVERSE({4,-1;2,0})', result: '{0,0.5;-1,2}' },
      { formula: '=MINVERSE({1,2;2,4})', result: '#NUM!' },
      { formula: '=SUM(MINVERSE([@blank]))', result: '#VALUE!' },
    ],
  },
  {
    name: 'MMULT',
    category: 'math',
    help: 'The product of two arrays of numbers as matrices; the first has as many columns as the second rows.',
    params: [
      { name: 'first', kind: 'array' },
      { name: 'second', kind: 'array' },
    ],
    result: arrayOf(widestNumber()),
    evaluation: { mode: 'strict', make: makeProduct },
    volatility: 'pure',
    examples: [
      { formula: '=MMULT({1,3;7,2}, {2,0;0,2})', result: '{2,6;14,4}' },
      { formula: '=SUM(MMULT({0.1,0.2}, {1;1}))', result: '0.3' },
      { formula: '=MMULT({1,2}, {1,2})', result: '#VALUE!' },
      { formula: '=MMULT([@blank], 1)', result: '#VALUE!' },
    ],
  },
  {
    name: 'MUNIT',
    category: 'math',
    help: 'The unit matrix of so many rows and columns.',
    params: [{ name: 'size', kind: 'integer' }],
    result: () => ({ type: { type: 'int' }, nullable: false, array: true }),
    evaluation: {
      mode: 'strict',
      make: () => (size: number) => {
        if (size < 1) return VALUE
        return size * size > MAX_CELLS ? NUM : Grid.ofRows(unit(size, 1, 0))
      },
    },
    volatility: 'pure',
    examples: [
      { formula: '=MUNIT(2)', result: '{1,0;0,1}' },
      { formula: '=MMULT(MUNIT(2), {5;7})', result: '{5;7}' },
      { formula: '=MUNIT([@blank])', result: '#VALUE!' },
    ],
  },
]
