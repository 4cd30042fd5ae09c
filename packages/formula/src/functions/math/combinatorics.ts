import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import { binomial, doubleFactorial, factorial, multinomial } from '../../numeric/combinations.ts'
import { NUM } from '../../value/cell-errors.ts'
import { exactForm } from '../../value/real.ts'
import { integerReader } from '../../value/readers.ts'
import type { Evaluation, Example, FunctionDefinition, Parameter } from '../definition.ts'
import { real } from '../results.ts'
import { numberButNoBoolean, wholeNumbers } from '../toolpak.ts'

/** Counts are exact as long as they have 38 digits; `null` is `#NUM!`. */
function counting(count: (...numbers: readonly number[]) => bigint | null): Evaluation {
  return {
    mode: 'strict',
    make: ({ result }) => {
      const form = exactForm(result)
      return (...numbers: readonly number[]) => {
        const counted = count(...numbers)
        return counted === null ? NUM : form(Decimal.of(counted, 0))
      }
    },
  }
}

function combinatoric(
  name: string,
  help: string,
  params: readonly Parameter[],
  evaluation: Evaluation,
  examples: readonly Example[],
): FunctionDefinition {
  return { name, category: 'math', help, params, result: real, evaluation, volatility: 'pure', examples }
}

function sets(number: number, chosen: number): bigint | null {
  return number < 0 || chosen < 0 || chosen > number ? null : binomial(number, chosen)
}

function setsWithRepetition(number: number, chosen: number): bigint | null {
  if (number === 0 && chosen === 0) return 1n
  return number < 0 || chosen < 0 ? null : sets(number + chosen - 1, chosen)
}

const doubleFactorialOf: Evaluation = {
  mode: 'strict',
  make: ({ args, result }) => {
    const [form, read, cut] = [exactForm(result), numberButNoBoolean(args[0], 'decimal'), integerReader({ type: 'decimal' })]
    return (value: Value) => {
      const number = read(value)
      const whole = isCellError(number) ? number : cut(number)
      if (isCellError(whole)) return whole
      const product = whole < -1 ? null : doubleFactorial(whole)
      return product === null ? NUM : form(Decimal.of(product, 0))
    }
  },
}

const multinomialOf: Evaluation = {
  mode: 'strict',
  make: ({ result }) => {
    const form = exactForm(result)
    return (values: readonly Value[]) => {
      const numbers = wholeNumbers(values)
      if (isCellError(numbers)) return numbers
      const ways = multinomial(numbers)
      return ways === null ? NUM : form(Decimal.of(ways, 0))
    }
  },
}

const NUMBER: Parameter = { name: 'number', kind: 'integer' }
const CHOSEN: Parameter = { name: 'chosen', kind: 'integer' }

/** Factorials, and how many ways there are to choose; fractions are cut off. */
export const COMBINATORICS: readonly FunctionDefinition[] = [
  combinatoric(
    'FACT',
    'The product of all whole numbers up to this one.',
    [NUMBER],
    counting((number) => (number === undefined || number < 0 ? null : factorial(number))),
    [
      { formula: '=FACT(5)', result: '120' },
      { formula: '=FACT(1.9)', result: '1' },
      { formula: '=FACT([@blank])', result: '1' },
      { formula: '=FACT(-1)', result: '#NUM!' },
    ],
  ),
  combinatoric(
    'FACTDOUBLE',
    'The product of every other whole number down from this one.',
    [{ name: 'number', kind: 'value' }],
    doubleFactorialOf,
    [
      { formula: '=FACTDOUBLE(6)', result: '48' },
      { formula: '=FACTDOUBLE(7)', result: '105' },
      { formula: '=FACTDOUBLE([@blank])', result: '1' },
      { formula: '=FACTDOUBLE(-2)', result: '#NUM!' },
    ],
  ),
  combinatoric(
    'COMBIN',
    'How many ways there are to choose so many of a number of things.',
    [NUMBER, CHOSEN],
    counting((number = 0, chosen = 0) => sets(number, chosen)),
    [
      { formula: '=COMBIN(8, 2)', result: '28' },
      { formula: '=COMBIN([@quantity], [@blank])', result: '1' },
      { formula: '=COMBIN(2, 3)', result: '#NUM!' },
    ],
  ),
  combinatoric(
    'COMBINA',
    'How many ways there are to choose so many of a number of things, each as often as you like.',
    [NUMBER, CHOSEN],
    counting((number = 0, chosen = 0) => setsWithRepetition(number, chosen)),
    [
      { formula: '=COMBINA(4, 3)', result: '20' },
      { formula: '=COMBINA(10, [@blank])', result: '1' },
      { formula: '=COMBINA(-1, 3)', result: '#NUM!' },
    ],
  ),
  {
    ...combinatoric(
      'MULTINOMIAL',
      'How many ways there are to divide things into groups of these sizes.',
      [{ name: 'number', kind: 'values' }],
      multinomialOf,
      [
        { formula: '=MULTINOMIAL(2, 3, 4)', result: '1260' },
        { formula: '=MULTINOMIAL({1,2}, [@blank])', result: '3' },
        { formula: '=MULTINOMIAL(TRUE, 2)', result: '#VALUE!' },
        { formula: '=MULTINOMIAL(-1, 2)', result: '#NUM!' },
      ],
    ),
    repeat: 1,
  },
]
