import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { multipleOf } from '../../numeric/multiple.ts'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import { inLane } from '../../value/in-lane.ts'
import { laneOf } from '../../value/lane.ts'
import { withoutNoise } from '../../value/without-noise.ts'
import { isOmitted, type Example, type FunctionDefinition, type Parameter, type StrictMaker } from '../definition.ts'
import { widestNumber } from '../results.ts'
import { numberButNoBoolean } from '../toolpak.ts'

/** Exact over decimals, whatever the lane; null is `#NUM!`. `mode` is 0 where a function has none. */
type Rule = (number: Decimal, step: Decimal, mode: number) => Decimal | CellError | null

const ONE = Decimal.of(1, 0)
const TWO = Decimal.of(2, 0)

const NUMBER: Parameter = { name: 'number', kind: 'number' }
const STEP: Parameter = { name: 'significance', kind: 'number' }
const OPTIONAL_STEP: Parameter = { ...STEP, optional: true }
const MODE: Parameter = { name: 'mode', kind: 'real', optional: true, fallback: 0 }

function ruled(params: readonly Parameter[], rule: Rule): StrictMaker {
  const isOptional = params[1]?.optional === true
  return (types) => {
    const { lane } = types
    const isOne = isOptional && isOmitted(types, 1)
    return (number: AnyNumber, step: AnyNumber | null, mode: number = 0) => {
      const result = rule(withoutNoise(number), isOne || step === null ? ONE : withoutNoise(step), mode) ?? NUM
      return isCellError(result) ? result : inLane(result, lane)
    }
  }
}

function multiple(name: string, help: string, params: readonly Parameter[], rule: Rule, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'math',
    help,
    params,
    result: widestNumber(...(params.length > 1 ? [0, 1] : [0])),
    evaluation: { mode: 'strict', make: ruled(params, rule) },
    volatility: 'pure',
    examples,
  }
}

/** The sign of the step says which way negative numbers go; a positive number has no multiple of a negative step. */
const ceiling: Rule = (number, step) => {
  if (number.isZero() || step.isZero()) return Decimal.ZERO
  if (number.sign() > 0 && step.sign() < 0) return NUM
  return multipleOf(number, step, step.sign() < 0 ? 'down' : 'up')
}

const floor: Rule = (number, step) => {
  if (number.isZero()) return Decimal.ZERO
  if (step.isZero()) return DIV0
  if (number.sign() > 0 && step.sign() < 0) return NUM
  return multipleOf(number, step, step.sign() < 0 ? 'up' : 'down')
}

/** The newer ones do not care for the sign of the step; with a mode negative numbers go the other way. */
const ceilingMath: Rule = (number, step, mode) =>
  step.isZero() ? Decimal.ZERO : multipleOf(number, step, mode !== 0 && number.sign() < 0 ? 'down' : 'up')

const floorMath: Rule = (number, step, mode) =>
  step.isZero() ? Decimal.ZERO : multipleOf(number, step, mode !== 0 && number.sign() < 0 ? 'up' : 'down')

const even: Rule = (number) => multipleOf(number, TWO, 'away-from-zero')

/** One more than an even number; 0 becomes 1. */
const odd: Rule = (number) => {
  const beyondOne = number.abs().sub(ONE)
  if (beyondOne === null) return NUM
  const size = beyondOne.sign() <= 0 ? ONE : multipleOf(beyondOne, TWO, 'up')?.add(ONE)
  return number.sign() < 0 ? (size?.neg() ?? null) : (size ?? null)
}

/** To the nearest multiple, half away from zero; both of one sign, or `#NUM!`. */
const makeNearest: StrictMaker = ({ args, result }) => {
  const lane = laneOf(result.type) ?? 'decimal'
  const [readNumber, readStep] = [numberButNoBoolean(args[0], lane), numberButNoBoolean(args[1], lane)]
  return (first: Value, second: Value) => {
    const [number, step] = [readNumber(first), readStep(second)]
    if (isCellError(number)) return number
    if (isCellError(step)) return step
    const [value, size] = [withoutNoise(number), withoutNoise(step)]
    if (value.isZero() || size.isZero()) return inLane(Decimal.ZERO, lane)
    const nearest = value.sign() === size.sign() ? multipleOf(value, size, 'half-away') : null
    return nearest === null ? NUM : inLane(nearest, lane)
  }
}

const MROUND: FunctionDefinition = {
  name: 'MROUND',
  category: 'math',
  help: 'The nearest multiple, half away from zero; exact.',
  params: [
    { name: 'number', kind: 'value' },
    { name: 'multiple', kind: 'value' },
  ],
  result: widestNumber(),
  evaluation: { mode: 'strict', make: makeNearest },
  volatility: 'pure',
  examples: [
    { formula: '=MROUND(10, 3)', result: '9' },
    { formula: '=MROUND(6.05, 0.1)', result: '6.1' },
    { formula: '=MROUND(-1.3, -0.2)', result: '-1.4' },
    { formula: '=MROUND([@blank], 3)', result: '0' },
    { formula: '=MROUND(5, -2)', result: '#NUM!' },
  ],
}

/** Rounding to multiples; exact. */
export const MULTIPLES: readonly FunctionDefinition[] = [
  multiple(
    'CEILING',
    'The next multiple above; with a negative significance, negative numbers go away from zero.',
    [NUMBER, STEP],
    ceiling,
    [
      { formula: '=CEILING(2.5, 1)', result: '3' },
      { formula: '=CEILING([@price], 0.2)', result: '9.6' },
      { formula: '=CEILING(-2.5, -2)', result: '-4' },
      { formula: '=CEILING(2.5, -2)', result: '#NUM!' },
      { formula: '=CEILING([@blank], 2)', result: '0' },
    ],
  ),
  multiple(
    'CEILING.MATH',
    'The next multiple above, of 1 if the significance is left out; with a mode, negative numbers go away from zero.',
    [NUMBER, OPTIONAL_STEP, MODE],
    ceilingMath,
    [
      { formula: '=CEILING.MATH(24.3, 5)', result: '25' },
      { formula: '=CEILING.MATH(-5.5)', result: '-5' },
      { formula: '=CEILING.MATH(-5.5, 2, -1)', result: '-6' },
      { formula: '=CEILING.MATH([@blank])', result: '0' },
      { formula: '=CEILING.MATH("a")', result: '#VALUE!' },
    ],
  ),
  multiple(
    'CEILING.PRECISE',
    'The next multiple above, whatever the signs; of 1 if the significance is left out.',
    [NUMBER, OPTIONAL_STEP],
    ceilingMath,
    [
      { formula: '=CEILING.PRECISE(-4.3, -2)', result: '-4' },
      { formula: '=CEILING.PRECISE(4.3)', result: '5' },
      { formula: '=CEILING.PRECISE([@blank], 2)', result: '0' },
      { formula: '=CEILING.PRECISE(#N/A, 2)', result: '#N/A' },
    ],
  ),
  multiple(
    'ISO.CEILING',
    'The next multiple above, whatever the signs; of 1 if the significance is left out.',
    [NUMBER, OPTIONAL_STEP],
    ceilingMath,
    [
      { formula: '=ISO.CEILING(4.3, -2)', result: '6' },
      { formula: '=ISO.CEILING(-4.3)', result: '-4' },
      { formula: '=ISO.CEILING([@blank])', result: '0' },
      { formula: '=ISO.CEILING("a")', result: '#VALUE!' },
    ],
  ),
  multiple('FLOOR', 'The next multiple below; with a negative significance, negative numbers go towards zero.', [NUMBER, STEP], floor, [
    { formula: '=FLOOR(3.7, 2)', result: '2' },
    { formula: '=FLOOR(0.3, 0.1)', result: '0.3' },
    { formula: '=FLOOR(-2.5, -2)', result: '-2' },
    { formula: '=FLOOR(2.5, 0)', result: '#DIV/0!' },
    { formula: '=FLOOR([@blank], 2)', result: '0' },
  ]),
  multiple(
    'FLOOR.MATH',
    'The next multiple below, of 1 if the significance is left out; with a mode, negative numbers go towards zero.',
    [NUMBER, OPTIONAL_STEP, MODE],
    floorMath,
    [
      { formula: '=FLOOR.MATH(24.3, 5)', result: '20' },
      { formula: '=FLOOR.MATH(-8.1, 2)', result: '-10' },
      { formula: '=FLOOR.MATH(-5.5, 2, -1)', result: '-4' },
      { formula: '=FLOOR.MATH([@blank])', result: '0' },
      { formula: '=FLOOR.MATH("a")', result: '#VALUE!' },
    ],
  ),
  multiple(
    'FLOOR.PRECISE',
    'The next multiple below, whatever the signs; of 1 if the significance is left out.',
    [NUMBER, OPTIONAL_STEP],
    floorMath,
    [
      { formula: '=FLOOR.PRECISE(-3.2, -1)', result: '-4' },
      { formula: '=FLOOR.PRECISE(3.2)', result: '3' },
      { formula: '=FLOOR.PRECISE([@blank])', result: '0' },
      { formula: '=FLOOR.PRECISE(1/0)', result: '#DIV/0!' },
    ],
  ),
  MROUND,
  multiple('EVEN', 'The next even number away from zero.', [NUMBER], even, [
    { formula: '=EVEN(1.5)', result: '2' },
    { formula: '=EVEN(-1)', result: '-2' },
    { formula: '=EVEN([@blank])', result: '0' },
    { formula: '=EVEN("a")', result: '#VALUE!' },
  ]),
  multiple('ODD', 'The next odd number away from zero.', [NUMBER], odd, [
    { formula: '=ODD(1.5)', result: '3' },
    { formula: '=ODD(-2)', result: '-3' },
    { formula: '=ODD([@blank])', result: '1' },
    { formula: '=ODD("a")', result: '#VALUE!' },
  ]),
]
