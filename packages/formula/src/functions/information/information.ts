import { isCellError } from '@sheetflow/core/cell-error'
import { isNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { FormulaType } from '../../bound.ts'
import { isDateType, isNumberType, isTextType } from '../../value/type-rules.ts'
import type { CallTypes, FunctionDefinition } from '../definition.ts'
import { KINDS } from './kinds.ts'
import { PARITY } from './parity.ts'
import { always } from '../results.ts'

/** A question about one value, which may be an error. */
function question(
  name: string,
  help: string,
  make: (types: CallTypes) => (value: Value) => boolean,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  return {
    name,
    category: 'information',
    help,
    params: [{ name: 'value', kind: 'any' }],
    result: always('bool'),
    evaluation: { mode: 'strict', make },
    volatility: 'pure',
    examples,
  }
}

/** Is a value that is there of a kind? Its static type says so, or where that is not known its form. */
function isOfKind(
  ofType: (type: FormulaType) => boolean,
  ofForm: (value: Value) => boolean,
): (types: CallTypes) => (value: Value) => boolean {
  return ({ args }) => {
    const type = args[0]?.type ?? null
    if (type?.type === 'any') return ofForm
    const fits = type !== null && ofType(type)
    return (value) => fits && value !== null && !isCellError(value)
  }
}

const isTextValue = isOfKind(isTextType, (value) => typeof value === 'string')

/** Questions about a value's kind. */
export const INFORMATION: readonly FunctionDefinition[] = [
  question('ISBLANK', 'TRUE for Blank alone; "" is a text.', () => (value) => value === null, [
    { formula: '=ISBLANK([@blank])', result: 'TRUE' },
    { formula: '=ISBLANK("")', result: 'FALSE' },
    { formula: '=ISBLANK(#N/A)', result: 'FALSE' },
  ]),
  question('ISERROR', 'TRUE for any error.', () => (value) => isCellError(value), [
    { formula: '=ISERROR(1/0)', result: 'TRUE' },
    { formula: '=ISERROR([@blank])', result: 'FALSE' },
    { formula: '=ISERROR(#N/A)', result: 'TRUE' },
  ]),
  question('ISERR', 'TRUE for any error but #N/A.', () => (value) => isCellError(value) && value.kind !== '#N/A', [
    { formula: '=ISERR(1/0)', result: 'TRUE' },
    { formula: '=ISERR([@blank])', result: 'FALSE' },
    { formula: '=ISERR(#N/A)', result: 'FALSE' },
  ]),
  question('ISNA', 'TRUE for #N/A alone.', () => (value) => isCellError(value) && value.kind === '#N/A', [
    { formula: '=ISNA(#N/A)', result: 'TRUE' },
    { formula: '=ISNA([@blank])', result: 'FALSE' },
    { formula: '=ISNA(1/0)', result: 'FALSE' },
  ]),
  question(
    'ISNUMBER',
    'TRUE for numbers and dates.',
    isOfKind((type) => isNumberType(type) || isDateType(type), isNumber),
    [
      { formula: '=ISNUMBER([@price])', result: 'TRUE' },
      { formula: '=ISNUMBER({1,"1",TRUE})', result: '{TRUE,FALSE,FALSE}' },
      { formula: '=ISNUMBER([@blank])', result: 'FALSE' },
      { formula: '=ISNUMBER(1/0)', result: 'FALSE' },
    ],
  ),
  question('ISTEXT', 'TRUE for text.', isTextValue, [
    { formula: '=ISTEXT([@name])', result: 'TRUE' },
    { formula: '=ISTEXT({1,"1"})', result: '{FALSE,TRUE}' },
    { formula: '=ISTEXT([@blank])', result: 'FALSE' },
    { formula: '=ISTEXT(#N/A)', result: 'FALSE' },
  ]),
  question(
    'ISNONTEXT',
    'TRUE for all but text: also for Blank and errors.',
    (types) => {
      const isText = isTextValue(types)
      return (value) => !isText(value)
    },
    [
      { formula: '=ISNONTEXT([@price])', result: 'TRUE' },
      { formula: '=ISNONTEXT([@name])', result: 'FALSE' },
      { formula: '=ISNONTEXT([@blank])', result: 'TRUE' },
      { formula: '=ISNONTEXT(#N/A)', result: 'TRUE' },
    ],
  ),
  question(
    'ISLOGICAL',
    'TRUE for TRUE and FALSE.',
    isOfKind(
      (type) => type.type === 'bool',
      (value) => typeof value === 'boolean',
    ),
    [
      { formula: '=ISLOGICAL(TRUE)', result: 'TRUE' },
      { formula: '=ISLOGICAL({1,TRUE})', result: '{FALSE,TRUE}' },
      { formula: '=ISLOGICAL([@blank])', result: 'FALSE' },
      { formula: '=ISLOGICAL(#N/A)', result: 'FALSE' },
    ],
  ),
  ...PARITY,
  ...KINDS,
]
