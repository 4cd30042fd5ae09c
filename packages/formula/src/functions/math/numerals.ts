import { Decimal } from '@sheetflow/core/decimal'
import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { numberOfRoman, roman } from '../../numeric/roman.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import { integerReader } from '../../value/readers.ts'
import { exactForm } from '../../value/real.ts'
import type { FunctionDefinition, StrictMaker } from '../definition.ts'
import { always, real } from '../results.ts'

/** Longer texts are no numerals to Excel. */
const MAX_LETTERS = 255

const GREATEST_ROMAN = 3999

/** TRUE is the classic form, FALSE the shortest. */
function formReader(arg: ExprType | undefined): (value: Value) => number | CellError {
  const read = integerReader(arg?.type ?? null)
  return (value) => (typeof value === 'boolean' ? (value ? 0 : 4) : read(value))
}

const makeRoman: StrictMaker = ({ args }) => {
  const readForm = formReader(args[1])
  return (number: number, given: Value) => {
    const form = readForm(given)
    if (isCellError(form)) return form
    return number < 0 || number > GREATEST_ROMAN || form < 0 || form > 4 ? VALUE : roman(number, form)
  }
}

function isRadix(radix: number): boolean {
  return radix >= 2 && radix <= 36
}

function inBase(number: number, radix: number, digits: number): string | CellError {
  if (number < 0 || !isRadix(radix) || digits < 0 || digits > MAX_LETTERS) return NUM
  return number.toString(radix).toUpperCase().padStart(digits, '0')
}

/** The number that a text is in a base; null where a letter is no digit there. */
function fromBase(text: string, radix: number): bigint | null {
  let number = 0n
  for (const letter of text.trim().toLowerCase()) {
    const digit = '0123456789abcdefghijklmnopqrstuvwxyz'.indexOf(letter)
    if (digit < 0 || digit >= radix) return null
    number = number * BigInt(radix) + BigInt(digit)
  }
  return number
}

const makeDecimal: StrictMaker = ({ result }) => {
  const form = exactForm(result)
  return (text: string, radix: number) => {
    if (text.length > MAX_LETTERS) return VALUE
    const number = isRadix(radix) ? fromBase(text, radix) : null
    return number === null ? NUM : form(Decimal.of(number, 0))
  }
}

/** Numbers written in other ways. */
export const NUMERALS: readonly FunctionDefinition[] = [
  {
    name: 'ROMAN',
    category: 'math',
    help: 'A number up to 3999 in Roman letters; the form from 0 (classic) to 4 says how short.',
    params: [
      { name: 'number', kind: 'integer' },
      { name: 'form', kind: 'value', optional: true, fallback: 0 },
    ],
    result: always('text'),
    evaluation: { mode: 'strict', make: makeRoman },
    volatility: 'pure',
    examples: [
      { formula: '=ROMAN(499)', result: '"CDXCIX"' },
      { formula: '=ROMAN(499, 4)', result: '"ID"' },
      { formula: '=ROMAN([@blank])', result: '""' },
      { formula: '=ROMAN(4000)', result: '#VALUE!' },
    ],
  },
  {
    name: 'ARABIC',
    category: 'math',
    help: 'The number of Roman letters.',
    params: [{ name: 'text', kind: 'text' }],
    result: always('int'),
    evaluation: {
      mode: 'strict',
      make: () => (text: string) => (text.length > MAX_LETTERS ? VALUE : (numberOfRoman(text) ?? VALUE)),
    },
    volatility: 'pure',
    examples: [
      { formula: '=ARABIC("mcmxii")', result: '1912' },
      { formula: '=ARABIC("-LVII")', result: '-57' },
      { formula: '=ARABIC([@blank])', result: '0' },
      { formula: '=ARABIC("A")', result: '#VALUE!' },
    ],
  },
  {
    name: 'BASE',
    category: 'math',
    help: 'A whole number from 0 on as a text in a base from 2 to 36, with at least so many digits.',
    params: [
      { name: 'number', kind: 'integer' },
      { name: 'radix', kind: 'integer' },
      { name: 'min_length', kind: 'integer', optional: true, fallback: 0 },
    ],
    result: always('text'),
    evaluation: { mode: 'strict', make: () => inBase },
    volatility: 'pure',
    examples: [
      { formula: '=BASE(7, 2)', result: '"111"' },
      { formula: '=BASE(15, 2, 10)', result: '"0000001111"' },
      { formula: '=BASE([@blank], 16)', result: '"0"' },
      { formula: '=BASE(7, 1)', result: '#NUM!' },
    ],
  },
  {
    name: 'DECIMAL',
    category: 'math',
    help: 'The number that a text is in a base from 2 to 36.',
    params: [
      { name: 'text', kind: 'text' },
      { name: 'radix', kind: 'integer' },
    ],
    result: ({ args, ...types }) => real({ ...types, args: args.slice(1) }),
    evaluation: { mode: 'strict', make: makeDecimal },
    volatility: 'pure',
    examples: [
      { formula: '=DECIMAL("FF", 16)', result: '255' },
      { formula: '=DECIMAL(111, 2)', result: '7' },
      { formula: '=DECIMAL([@blank], 10)', result: '0' },
      { formula: '=DECIMAL("12", 2)', result: '#NUM!' },
    ],
  },
]
