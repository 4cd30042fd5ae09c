import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { compareNumbers, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { ratioForm, toDouble, type Ratio } from '../../numeric/exact/ratio.ts'
import { mean, variance } from '../../numeric/exact/variance.ts'
import { DIV0 } from '../../value/cell-errors.ts'
import { firstOf, gridOf, type FormulaValue } from '../../value/grid.ts'
import { wholeInLane } from '../../value/in-lane.ts'
import { laneOf, type Lane } from '../../value/lane.ts'
import { laneReader } from '../../value/readers.ts'
import { realForm } from '../../value/real.ts'
import type { FunctionDefinition, LazyMaker, Parameter } from '../definition.ts'
import { quotient, widestNumber } from '../results.ts'
import { statistic, type Shown } from './define.ts'

const VALUES: readonly Parameter[] = [{ name: 'value', kind: 'values' }]

/** Numbers as the functions whose names end with A take them: in arrays a text is 0, TRUE 1 and FALSE 0; single values are read as ever. Blank is left out. */
function reader({ type, array }: ExprType, lane: Lane): (value: FormulaValue) => readonly AnyNumber[] | CellError {
  const read = laneReader(type, lane)
  const [zero, one] = [wholeInLane(0, lane), wholeInLane(1, lane)]
  const inArray = (cell: Value): AnyNumber | CellError =>
    typeof cell === 'string' ? zero : typeof cell === 'boolean' ? (cell ? one : zero) : read(cell)
  return (value) => {
    const cells = array === true ? gridOf(value).cells : [firstOf(value)]
    const numbers: AnyNumber[] = []
    for (const cell of cells) {
      if (cell === null) continue
      const number = array === true ? inArray(cell) : read(cell)
      if (isCellError(number)) return number
      numbers.push(number)
    }
    return numbers
  }
}

/** Of the numbers of all arguments; the first error is the result. */
function ofAll(lane: (result: ExprType) => Lane, compute: (result: ExprType) => (numbers: readonly AnyNumber[]) => Value): LazyMaker {
  return (args, result) => {
    const parts = args.map(({ type, run, grid }) => ({
      run: grid ?? run,
      read: reader(grid === undefined ? { type: type.type, nullable: true } : type, lane(result)),
    }))
    const computed = compute(result)
    return (row) => {
      const all: AnyNumber[] = []
      for (const { run, read } of parts) {
        const numbers = read(run(row))
        if (isCellError(numbers)) return numbers
        for (const one of numbers) all.push(one)
      }
      return computed(all)
    }
  }
}

function laneOfResult({ type }: ExprType): Lane {
  return laneOf(type) ?? 'decimal'
}

/** Of none 0. */
function extreme(sign: 1 | -1): LazyMaker {
  return ofAll(laneOfResult, (result) => (numbers) => {
    const best = numbers.reduce<AnyNumber | null>((kept, one) => (kept === null || compareNumbers(one, kept) === sign ? one : kept), null)
    return best ?? wholeInLane(0, laneOfResult(result))
  })
}

/** Of too few numbers `#DIV/0!`. */
function exactly(compute: (numbers: readonly AnyNumber[]) => Ratio | null): LazyMaker {
  return ofAll(
    () => 'decimal',
    (result) => {
      const form = ratioForm(result)
      return (numbers) => {
        const found = compute(numbers)
        return found === null ? DIV0 : form(found)
      }
    },
  )
}

function deviation(ofSample: boolean): LazyMaker {
  return ofAll(
    () => 'decimal',
    (result) => {
      const form = realForm(result)
      return (numbers) => {
        const found = variance(numbers, ofSample)
        return found === null ? DIV0 : form(Math.sqrt(toDouble(found)))
      }
    },
  )
}

function overAll(
  name: string,
  help: string,
  result: FunctionDefinition['result'],
  make: LazyMaker,
  ...examples: readonly Shown[]
): FunctionDefinition {
  return statistic({ name, help, params: VALUES, repeat: 1, result, evaluation: { mode: 'lazy', make } }, ...examples)
}

/** Statistics that count texts as 0 and TRUE as 1. */
export const WITH_TEXT: readonly FunctionDefinition[] = [
  overAll(
    'AVERAGEA',
    'The mean of all values; in arrays a text counts as 0 and TRUE as 1.',
    quotient,
    exactly(mean),
    ['=AVERAGEA({10,7,9,2,"Not available"})', '5.6'],
    ['=AVERAGEA(TRUE, 2, [@blank])', '1.5'],
    ['=AVERAGEA("a")', '#VALUE!'],
  ),
  overAll(
    'MAXA',
    'The greatest of all values; in arrays a text counts as 0 and TRUE as 1.',
    widestNumber(),
    extreme(1),
    ['=MAXA({-3,-2,"a"})', '0'],
    ['=MAXA({0,0.2,0.5,0.4,TRUE})', '1'],
    ['=MAXA(-1, [@blank])', '-1'],
    ['=MAXA(1, #N/A)', '#N/A'],
  ),
  overAll(
    'MINA',
    'The smallest of all values; in arrays a text counts as 0 and TRUE as 1.',
    widestNumber(),
    extreme(-1),
    ['=MINA({3,2,"a"})', '0'],
    ['=MINA({3,2,TRUE})', '1'],
    ['=MINA(3, [@blank])', '3'],
    ['=MINA(1, #N/A)', '#N/A'],
  ),
  overAll(
    'VARA',
    'The variance of a sample; in arrays a text counts as 0 and TRUE as 1. Exact inside.',
    quotient,
    exactly((numbers) => variance(numbers, true)),
    ['=VARA({1,3,"a"})', '2.33333333333333'],
    ['=VARA(1, 2, [@blank])', '0.5'],
    ['=VARA(1)', '#DIV/0!'],
  ),
  overAll(
    'VARPA',
    'The variance of all there is; in arrays a text counts as 0 and TRUE as 1. Exact inside.',
    quotient,
    exactly((numbers) => variance(numbers, false)),
    ['=VARPA({1,3,"a",4})', '2.5'],
    ['=VARPA(1, 2, [@blank])', '0.25'],
    ['=VARPA([@blank])', '#DIV/0!'],
  ),
  overAll(
    'STDEVA',
    'The standard deviation of a sample; in arrays a text counts as 0 and TRUE as 1.',
    quotient,
    deviation(true),
    ['=ROUND(STDEVA({1,3,"a"}), 9)', '1.527525232'],
    ['=STDEVA(2, 4, 6, [@blank])', '2'],
    ['=STDEVA(1)', '#DIV/0!'],
  ),
  overAll(
    'STDEVPA',
    'The standard deviation of all there is; in arrays a text counts as 0 and TRUE as 1.',
    quotient,
    deviation(false),
    ['=ROUND(STDEVPA({1,3,"a"}), 9)', '1.247219129'],
    ['=STDEVPA(1, 2, [@blank])', '0.5'],
    ['=STDEVPA([@blank])', '#DIV/0!'],
  ),
]
