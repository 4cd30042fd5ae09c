import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { isDateType, isNumberType, isTextType } from '../value/type-rules.ts'
import type { CallTypes, FunctionDefinition } from './definition.ts'
import { always } from './results.ts'

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

function isOfType(test: (type: CallTypes['args'][number]['type']) => boolean): (types: CallTypes) => (value: Value) => boolean {
  return ({ args }) => {
    const fits = test(args[0]?.type ?? null)
    return (value) => fits && value !== null && !isCellError(value)
  }
}

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
  question('ISNA', 'TRUE for #N/A alone.', () => (value) => isCellError(value) && value.kind === '#N/A', [
    { formula: '=ISNA(#N/A)', result: 'TRUE' },
    { formula: '=ISNA([@blank])', result: 'FALSE' },
    { formula: '=ISNA(1/0)', result: 'FALSE' },
  ]),
  question(
    'ISNUMBER',
    'TRUE for numbers and dates.',
    isOfType((type) => isNumberType(type) || isDateType(type)),
    [
      { formula: '=ISNUMBER([@price])', result: 'TRUE' },
      { formula: '=ISNUMBER([@blank])', result: 'FALSE' },
      { formula: '=ISNUMBER(1/0)', result: 'FALSE' },
    ],
  ),
  question('ISTEXT', 'TRUE for text.', isOfType(isTextType), [
    { formula: '=ISTEXT([@name])', result: 'TRUE' },
    { formula: '=ISTEXT([@blank])', result: 'FALSE' },
    { formula: '=ISTEXT(#N/A)', result: 'FALSE' },
  ]),
  question(
    'ISLOGICAL',
    'TRUE for TRUE and FALSE.',
    isOfType((type) => type?.type === 'bool'),
    [
      { formula: '=ISLOGICAL(TRUE)', result: 'TRUE' },
      { formula: '=ISLOGICAL([@blank])', result: 'FALSE' },
      { formula: '=ISLOGICAL(#N/A)', result: 'FALSE' },
    ],
  ),
]
