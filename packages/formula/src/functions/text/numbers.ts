import type { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { VALUE } from '../../value/cell-errors.ts'
import { laneOf } from '../../value/lane.ts'
import { serialFromText } from '../../value/number-text.ts'
import { laneReader } from '../../value/readers.ts'
import type { FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { always } from '../results.ts'
import { bahtText } from './baht.ts'
import { cellText, text, TEXT_PARAM } from './define.ts'

const MAX_DECIMALS = 127

const NUMBER: Parameter = { name: 'number', kind: 'number' }
const DECIMALS: Parameter = { name: 'decimals', kind: 'integer', optional: true, fallback: 2 }

/** Rounded half away from zero and written with so many decimals; negative: rounded before the point. Without the sign. */
function fixed(value: Decimal, decimals: number, grouped: boolean): string {
  const [whole = '0', fraction] = value.abs().rescale(Math.max(0, decimals), 'half-away').toString().split('.')
  const digits = grouped ? whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',') : whole
  return fraction === undefined ? digits : `${digits}.${fraction}`
}

function rounded(number: AnyNumber, decimals: number): Decimal {
  return toDecimal(number).round(Math.max(-400, decimals), 'half-away')
}

const makeValue: StrictMaker = ({ args }) => {
  const type = args[0]?.type ?? null
  if (type?.type === 'bool') return () => VALUE
  const read = laneReader(type, laneOf(type) === 'double' ? 'double' : 'decimal')
  return (value: Value) => {
    if (typeof value === 'string') return serialFromText(value) ?? VALUE
    return typeof value === 'boolean' ? VALUE : read(value)
  }
}

const VALUE_FUNCTION: FunctionDefinition = {
  name: 'VALUE',
  category: 'text',
  help: 'The number that a text reads as (en-US), dates and times as their serial number; Blank is 0.',
  params: [{ name: 'text', kind: 'value' }],
  result: ({ args }) => ({ type: { type: args[0]?.type?.type === 'double' ? 'double' : 'decimal' }, nullable: false }),
  evaluation: { mode: 'strict', make: makeValue },
  volatility: 'pure',
  examples: [
    { formula: '=VALUE("1,234.50")', result: '1234.5' },
    { formula: '=VALUE("12%")', result: '0.12' },
    { formula: '=VALUE("2026-11-23")', result: '46349' },
    { formula: '=VALUE([@blank])', result: '0' },
    { formula: '=VALUE("")', result: '#VALUE!' },
  ],
}

/** Excel's rules: spaces count nowhere, group separators nowhere before the decimal one, percent signs at the end each for a hundredth; '' is 0. */
function numberValue(value: string, decimalSeparator: string, groupSeparator: string): Decimal | CellError {
  const decimal = decimalSeparator.charAt(0)
  const group = groupSeparator.charAt(0)
  if (decimal === '' || group === '' || decimal === group) return VALUE
  const compact = value.replaceAll(/\s/g, '')
  if (compact === '') return Decimal.ZERO
  const [, body = '', percents = ''] = /^(.*?)(%*)$/s.exec(compact) ?? []
  const [whole = '', ...fractions] = body.split(decimal)
  const digits = [whole.replaceAll(group, ''), ...fractions].join('.')
  if (fractions.length > 1 || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i.test(digits) || digits.length > 400) return VALUE
  const number = Decimal.tryParse(digits)
  return number === null ? VALUE : (number.mul(Decimal.of(1, percents.length * 2)) ?? VALUE)
}

const NUMBERVALUE: FunctionDefinition = {
  name: 'NUMBERVALUE',
  category: 'text',
  help: 'The number that a text reads as with these separators, which are "." and "," unless given.',
  params: [
    TEXT_PARAM,
    { name: 'decimal_separator', kind: 'text', optional: true, fallback: '.' },
    { name: 'group_separator', kind: 'text', optional: true, fallback: ',' },
  ],
  result: always('decimal'),
  evaluation: {
    mode: 'strict',
    make: ({ args }) => {
      // Alone, a decimal comma takes the group separator's place.
      const grouped = args.length > 2
      return (value: string, decimal: string, group: string) =>
        numberValue(value, decimal, grouped || decimal.charAt(0) !== ',' ? group : '.')
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=NUMBERVALUE("2.500,27", ",", ".")', result: '2500.27' },
    { formula: '=NUMBERVALUE("3.5%")', result: '0.035' },
    { formula: '=NUMBERVALUE([@blank])', result: '0' },
    { formula: '=NUMBERVALUE("1.2.3")', result: '#VALUE!' },
  ],
}

const T: FunctionDefinition = {
  name: 'T',
  category: 'text',
  help: 'The value if it is a text, else an empty text.',
  params: [{ name: 'value', kind: 'value' }],
  result: always('text'),
  evaluation: { mode: 'strict', make: () => (value: Value) => (typeof value === 'string' ? value : '') },
  volatility: 'pure',
  examples: [
    { formula: '=T([@name])', result: '"Anna"' },
    { formula: '=T(5)', result: '""' },
    { formula: '=T([@blank])', result: '""' },
    { formula: '=T(#N/A)', result: '#N/A' },
  ],
}

/** Numbers as texts, and the other way round. */
export const NUMBER_TEXTS: readonly FunctionDefinition[] = [
  VALUE_FUNCTION,
  NUMBERVALUE,
  text(
    'FIXED',
    'A number with so many decimals as text, with commas between thousands unless told otherwise.',
    [NUMBER, DECIMALS, { name: 'no_commas', kind: 'bool', optional: true, fallback: false }],
    (number: AnyNumber, decimals: number, noCommas: boolean) => {
      if (decimals > MAX_DECIMALS) return VALUE
      const value = rounded(number, decimals)
      return cellText((value.sign() < 0 ? '-' : '') + fixed(value, decimals, !noCommas))
    },
    [
      { formula: '=FIXED(1234.567, 1)', result: '"1,234.6"' },
      { formula: '=FIXED(-1234.567, -1, TRUE)', result: '"-1230"' },
      { formula: '=FIXED([@blank])', result: '"0.00"' },
      { formula: '=FIXED(1, 128)', result: '#VALUE!' },
    ],
  ),
  text(
    'DOLLAR',
    'An amount of dollars as text, negative ones in parentheses.',
    [NUMBER, DECIMALS],
    (number: AnyNumber, decimals: number) => {
      if (decimals > MAX_DECIMALS) return VALUE
      const value = rounded(number, decimals)
      const amount = `$${fixed(value, decimals, true)}`
      return cellText(value.sign() < 0 ? `(${amount})` : amount)
    },
    [
      { formula: '=DOLLAR(1234.567)', result: '"$1,234.57"' },
      { formula: '=DOLLAR(-1234.567, -2)', result: '"($1,200)"' },
      { formula: '=DOLLAR([@blank])', result: '"$0.00"' },
      { formula: '=DOLLAR("a")', result: '#VALUE!' },
    ],
  ),
  text('BAHTTEXT', 'An amount of baht in Thai words.', [NUMBER], (number: AnyNumber) => bahtText(toDecimal(number)), [
    { formula: '=BAHTTEXT(1234)', result: '"หนึ่งพันสองร้อยสามสิบสี่บาทถ้วน"' },
    { formula: '=BAHTTEXT(21.5)', result: '"ยี่สิบเอ็ดบาทห้าสิบสตางค์"' },
    { formula: '=BAHTTEXT([@blank])', result: '"ศูนย์บาทถ้วน"' },
    { formula: '=BAHTTEXT("a")', result: '#VALUE!' },
  ]),
  T,
]
