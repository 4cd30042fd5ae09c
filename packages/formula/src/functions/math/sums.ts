import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { AnyNumber } from '@sheetflow/core/number'
import type { Decimal } from '@sheetflow/core/decimal'
import { ADD, divideDecimal, divideDouble, MULTIPLY, SUBTRACT } from '../../value/arithmetic.ts'
import { NA, VALUE } from '../../value/cell-errors.ts'
import type { Grid } from '../../value/grid.ts'
import { wholeInLane } from '../../value/in-lane.ts'
import { laneOf, type Lane } from '../../value/lane.ts'
import { cellReader } from '../../value/list-readers.ts'
import type { Evaluation, Example, FunctionDefinition, StrictMaker } from '../definition.ts'
import { onlyNumbers, quotient, widestNumber } from '../results.ts'

/** Exact, in the lane of the numbers; the first error ends it. */
function total(lane: Lane, terms: Iterable<AnyNumber | CellError>): AnyNumber | CellError {
  let sum: AnyNumber | CellError = wholeInLane(0, lane)
  for (const term of terms) {
    if (isCellError(term)) return term
    sum = ADD[lane](sum, term)
    if (isCellError(sum)) return sum
  }
  return sum
}

/** Of no numbers at all it is 0. */
function product(lane: Lane, numbers: readonly AnyNumber[]): AnyNumber | CellError {
  let result: AnyNumber | CellError = wholeInLane(numbers.length === 0 ? 0 : 1, lane)
  for (const one of numbers) {
    result = MULTIPLY[lane](result, one)
    if (isCellError(result)) return result
  }
  return result
}

function square(lane: Lane, number: AnyNumber): AnyNumber | CellError {
  return MULTIPLY[lane](number, number)
}

/** Cells at one place multiplied, and the products added; what is no number counts as 0. All arrays have one shape. */
const makeSumProduct: StrictMaker = ({ args, result }) => {
  const lane = laneOf(result.type) ?? 'decimal'
  const readers = args.map((arg) => cellReader(arg.type, lane))
  const zero = wholeInLane(0, lane)
  return (...grids: readonly Grid[]) => {
    const [first] = grids
    if (first === undefined || grids.some((grid) => grid.rows !== first.rows || grid.columns !== first.columns)) return VALUE
    return total(lane, products(grids, readers, lane, zero))
  }
}

function* products(
  grids: readonly Grid[],
  readers: readonly ReturnType<typeof cellReader>[],
  lane: Lane,
  zero: AnyNumber,
): Generator<AnyNumber | CellError> {
  for (let index = 0; index < (grids[0]?.cells.length ?? 0); index++) {
    let product: AnyNumber | CellError = wholeInLane(1, lane)
    for (const [at, grid] of grids.entries()) {
      const number = readers[at]?.(grid.cells[index] ?? null) ?? zero
      if (isCellError(number)) {
        product = number
        break
      }
      product = MULTIPLY[lane](product, number)
      if (isCellError(product)) break
    }
    yield product
  }
}

/** Over pairs of cells, of which both are numbers. Arrays with a different number of cells are `#N/A`. */
function overPairs(term: (lane: Lane, x: AnyNumber, y: AnyNumber) => AnyNumber | CellError): Evaluation {
  return {
    mode: 'strict',
    make: ({ args, result }) => {
      const lane = laneOf(result.type) ?? 'decimal'
      const [readX, readY] = [cellReader(args[0]?.type ?? null, lane), cellReader(args[1]?.type ?? null, lane)]
      return (xs: Grid, ys: Grid) => {
        if (xs.cells.length !== ys.cells.length) return NA
        const terms: (AnyNumber | CellError)[] = []
        for (const [index, cell] of xs.cells.entries()) {
          const [x, y] = [readX(cell), readY(ys.cells[index] ?? null)]
          if (isCellError(x)) return x
          if (isCellError(y)) return y
          if (x !== null && y !== null) terms.push(term(lane, x, y))
        }
        return total(lane, terms)
      }
    },
  }
}

type Combine = typeof ADD

/** x² and y² combined. */
function ofSquares(combine: Combine): (lane: Lane, x: AnyNumber, y: AnyNumber) => AnyNumber | CellError {
  return (lane, x, y) => {
    const [a, b] = [square(lane, x), square(lane, y)]
    return isCellError(a) ? a : isCellError(b) ? b : combine[lane](a, b)
  }
}

function squaredDifference(lane: Lane, x: AnyNumber, y: AnyNumber): AnyNumber | CellError {
  const difference = SUBTRACT[lane](x, y)
  return isCellError(difference) ? difference : square(lane, difference)
}

function pairs(name: string, help: string, evaluation: Evaluation, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'math',
    help,
    params: [
      { name: 'array_x', kind: 'array' },
      { name: 'array_y', kind: 'array' },
    ],
    result: widestNumber(),
    evaluation,
    volatility: 'pure',
    examples,
  }
}

const makeShare: StrictMaker =
  ({ lane }) =>
  (part: readonly AnyNumber[], all: readonly AnyNumber[]) => {
    const [some, whole] = [total(lane, part), total(lane, all)]
    if (isCellError(some)) return some
    if (isCellError(whole)) return whole
    return lane === 'double' ? divideDouble(some as number, whole as number) : divideDecimal(some as Decimal, whole as Decimal)
  }

function ofNumbers(name: string, help: string, make: StrictMaker, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'math',
    help,
    params: [{ name: 'number', kind: 'numbers' }],
    repeat: 1,
    result: (types) => onlyNumbers(types, widestNumber()),
    evaluation: { mode: 'strict', make },
    volatility: 'pure',
    examples,
  }
}

/** Products and sums of products; exact. */
export const SUMS: readonly FunctionDefinition[] = [
  ofNumbers(
    'PRODUCT',
    'All numbers multiplied; of none 0.',
    ({ lane }) =>
      (numbers: readonly AnyNumber[]) =>
        product(lane, numbers),
    [
      { formula: '=PRODUCT([@price], [@quantity])', result: '38' },
      { formula: '=PRODUCT({0.1,3,"a"})', result: '0.3' },
      { formula: '=PRODUCT([@blank])', result: '0' },
      { formula: '=PRODUCT(2, "a")', result: '#VALUE!' },
    ],
  ),
  ofNumbers(
    'SUMSQ',
    'The sum of the squares.',
    ({ lane }) =>
      (numbers: readonly AnyNumber[]) =>
        total(
          lane,
          numbers.map((one) => square(lane, one)),
        ),
    [
      { formula: '=SUMSQ(3, 4)', result: '25' },
      { formula: '=SUMSQ({0.1,0.2}, [@blank])', result: '0.05' },
      { formula: '=SUMSQ(#N/A, 1)', result: '#N/A' },
    ],
  ),
  {
    name: 'SUMPRODUCT',
    category: 'math',
    help: 'Arrays of one shape multiplied cell by cell, and the products added; what is no number counts as 0.',
    params: [{ name: 'array', kind: 'array' }],
    repeat: 1,
    result: widestNumber(),
    evaluation: { mode: 'strict', make: makeSumProduct },
    volatility: 'pure',
    examples: [
      { formula: '=SUMPRODUCT({1,2,3}, {4,-2,-4})', result: '-12' },
      { formula: '=SUMPRODUCT(({"a","b"}="b")*{5,7})', result: '7' },
      { formula: '=SUMPRODUCT({1,"a"}, {2,3})', result: '2' },
      { formula: '=SUMPRODUCT([@blank], 3)', result: '0' },
      { formula: '=SUMPRODUCT({1,2}, {1;2})', result: '#VALUE!' },
    ],
  },
  pairs('SUMX2MY2', 'The sum of x²−y² over pairs of numbers.', overPairs(ofSquares(SUBTRACT)), [
    { formula: '=SUMX2MY2({2,3,9}, {6,5,11})', result: '-88' },
    { formula: '=SUMX2MY2([@blank], 3)', result: '0' },
    { formula: '=SUMX2MY2({1,2}, {1,2,3})', result: '#N/A' },
  ]),
  pairs('SUMX2PY2', 'The sum of x²+y² over pairs of numbers.', overPairs(ofSquares(ADD)), [
    { formula: '=SUMX2PY2({2,3}, {6,5})', result: '74' },
    { formula: '=SUMX2PY2([@blank], 3)', result: '0' },
    { formula: '=SUMX2PY2({1,#N/A}, {1,2})', result: '#N/A' },
  ]),
  pairs('SUMXMY2', 'The sum of (x−y)² over pairs of numbers.', overPairs(squaredDifference), [
    { formula: '=SUMXMY2({2,3}, {6,5})', result: '20' },
    { formula: '=SUMXMY2({1,"a"}, {3,4})', result: '4' },
    { formula: '=SUMXMY2([@blank], 3)', result: '0' },
    { formula: '=SUMXMY2({1,2}, 1)', result: '#N/A' },
  ]),
  {
    name: 'PERCENTOF',
    category: 'math',
    help: 'The sum of a part divided by the sum of all.',
    params: [
      { name: 'part', kind: 'numbers' },
      { name: 'all', kind: 'numbers' },
    ],
    fraction: true,
    result: (types) => onlyNumbers(types, quotient),
    evaluation: { mode: 'strict', make: makeShare },
    volatility: 'pure',
    examples: [
      { formula: '=PERCENTOF({1,2}, {1,2,9})', result: '0.25' },
      { formula: '=PERCENTOF([@blank], 4)', result: '0' },
      { formula: '=PERCENTOF(1, 0)', result: '#DIV/0!' },
    ],
  },
]
