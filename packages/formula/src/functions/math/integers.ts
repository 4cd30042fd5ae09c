import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { wholeQuotient } from '../../numeric/multiple.ts'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import { inLane } from '../../value/in-lane.ts'
import { laneOf } from '../../value/lane.ts'
import { withoutNoise } from '../../value/without-noise.ts'
import { isTypeProblem, type Example, type FunctionDefinition, type StrictMaker } from '../definition.ts'
import { widestNumber } from '../results.ts'
import { numberButNoBoolean, wholeNumbers } from '../toolpak.ts'

const makeQuotient: StrictMaker = ({ args, result }) => {
  const lane = laneOf(result.type) ?? 'decimal'
  const [readNumber, readDivisor] = [numberButNoBoolean(args[0], lane), numberButNoBoolean(args[1], lane)]
  return (first: Value, second: Value) => {
    const [number, divisor] = [readNumber(first), readDivisor(second)]
    if (isCellError(number)) return number
    if (isCellError(divisor)) return divisor
    const by = withoutNoise(divisor)
    return by.isZero() ? DIV0 : inLane(Decimal.of(wholeQuotient(withoutNoise(number), by, 'toward-zero'), 0), lane)
  }
}

/** Euclid. */
function greatestDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function leastMultiple(a: bigint, b: bigint): bigint {
  return a === 0n || b === 0n ? 0n : (a / greatestDivisor(a, b)) * b
}

/** GCD and LCM: of whole numbers from 0 to 2^53; what grows beyond is `#NUM!`. */
function overIntegers(
  name: string,
  help: string,
  start: bigint,
  combine: (a: bigint, b: bigint) => bigint,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'math',
    help,
    params: [{ name: 'number', kind: 'values' }],
    repeat: 1,
    result: widestNumber(),
    evaluation: {
      mode: 'strict',
      make: ({ result }) => {
        const lane = laneOf(result.type) ?? 'decimal'
        return (values: readonly Value[]) => {
          const numbers = wholeNumbers(values)
          if (isCellError(numbers)) return numbers
          let combined = start
          for (const one of numbers) {
            combined = combine(combined, BigInt(one))
            if (combined > BigInt(Number.MAX_SAFE_INTEGER)) return NUM
          }
          return inLane(Decimal.of(numbers.length === 0 ? 0n : combined, 0), lane)
        }
      },
    },
    volatility: 'pure',
    examples,
  }
}

/** Whole numbers. */
export const INTEGERS: readonly FunctionDefinition[] = [
  {
    name: 'QUOTIENT',
    category: 'math',
    help: 'The whole part of a division.',
    params: [
      { name: 'number', kind: 'value' },
      { name: 'divisor', kind: 'value' },
    ],
    result: widestNumber(),
    evaluation: { mode: 'strict', make: makeQuotient },
    volatility: 'pure',
    examples: [
      { formula: '=QUOTIENT(-10, 3)', result: '-3' },
      { formula: '=QUOTIENT(0.3, 0.1)', result: '3' },
      { formula: '=QUOTIENT([@blank], 3)', result: '0' },
      { formula: '=QUOTIENT(1, 0)', result: '#DIV/0!' },
    ],
  },
  {
    name: 'SIGN',
    category: 'math',
    help: 'The sign of a number: 1, −1 or 0.',
    params: [{ name: 'number', kind: 'number' }],
    result: (types) => {
      const number = widestNumber()(types)
      return isTypeProblem(number) ? number : { type: { type: 'int' }, nullable: false }
    },
    evaluation: { mode: 'strict', make: () => (number: AnyNumber) => toDecimal(number).sign() },
    volatility: 'pure',
    examples: [
      { formula: '=SIGN(-0.00001)', result: '-1' },
      { formula: '=SIGN([@price])', result: '1' },
      { formula: '=SIGN([@blank])', result: '0' },
      { formula: '=SIGN("a")', result: '#VALUE!' },
    ],
  },
  overIntegers('GCD', 'The greatest whole number that divides all of them; fractions are cut off.', 0n, greatestDivisor, [
    { formula: '=GCD(24, 36)', result: '12' },
    { formula: '=GCD({5.9,15}, [@blank])', result: '5' },
    { formula: '=GCD(-1, 5)', result: '#NUM!' },
  ]),
  overIntegers('LCM', 'The least whole number that all of them divide; fractions are cut off.', 1n, leastMultiple, [
    { formula: '=LCM(24, 36)', result: '72' },
    { formula: '=LCM({4,6}, [@blank])', result: '12' },
    { formula: '=LCM(5, "a")', result: '#VALUE!' },
  ]),
]
