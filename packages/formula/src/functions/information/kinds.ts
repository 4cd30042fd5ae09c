import { isCellError, type CellErrorKind } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { FormulaType } from '../../bound.ts'
import { NA } from '../../value/cell-errors.ts'
import { laneOf, typeOfLane } from '../../value/lane.ts'
import { laneReader } from '../../value/readers.ts'
import { isDateType, isNumberType, isTextType } from '../../value/type-rules.ts'
import type { FunctionDefinition, LazyMaker, StrictMaker } from '../definition.ts'
import { always } from '../results.ts'

/** Excel's numbers of the errors; those that Excel has no number for are `#N/A`. */
const ERROR_NUMBERS: Partial<Record<CellErrorKind, number>> = {
  '#NULL!': 1,
  '#DIV/0!': 2,
  '#VALUE!': 3,
  '#REF!': 4,
  '#NAME?': 5,
  '#NUM!': 6,
  '#N/A': 7,
  '#BUSY!': 8,
  '#SPILL!': 9,
  '#CALC!': 14,
}

const ERROR_TYPE: FunctionDefinition = {
  name: 'ERROR.TYPE',
  category: 'information',
  help: 'The number of an error: #NULL! 1, #DIV/0! 2, #VALUE! 3, #REF! 4, #NAME? 5, #NUM! 6, #N/A 7; of what is no error #N/A.',
  params: [{ name: 'value', kind: 'any' }],
  result: always('int'),
  evaluation: {
    mode: 'strict',
    make: () => (value: Value) => (isCellError(value) ? (ERROR_NUMBERS[value.kind] ?? NA) : NA),
  },
  volatility: 'pure',
  examples: [
    { formula: '=ERROR.TYPE(1/0)', result: '2' },
    { formula: '=ERROR.TYPE(#N/A)', result: '7' },
    { formula: '=ERROR.TYPE([@blank])', result: '#N/A' },
  ],
}

/** Excel's number of a value's kind; Blank is a number, as an empty cell. */
function typeNumber(type: FormulaType | null, value: Value): number {
  if (isCellError(value)) return 16
  if (typeof value === 'boolean') return 4
  return value !== null && (isTextType(type) || typeof value === 'string') ? 2 : 1
}

const makeType: LazyMaker = ([argument]) => {
  if (argument === undefined) return () => NA
  const { type, run, grid } = argument
  if (grid === undefined) return (row) => typeNumber(type.type, run(row))
  return (row) => {
    const { cells } = grid(row)
    return cells.length === 1 ? typeNumber(type.type, cells[0] ?? null) : 64
  }
}

const TYPE: FunctionDefinition = {
  name: 'TYPE',
  category: 'information',
  help: 'The kind of a value: 1 number or Blank, 2 text, 4 boolean, 16 error, 64 array of several.',
  params: [{ name: 'value', kind: 'array' }],
  result: always('int'),
  evaluation: { mode: 'lazy', make: makeType },
  volatility: 'pure',
  examples: [
    { formula: '=TYPE([@name])', result: '2' },
    { formula: '=TYPE([@date])', result: '1' },
    { formula: '=TYPE([@blank])', result: '1' },
    { formula: '=TYPE({1,2})', result: '64' },
    { formula: '=TYPE(1/0)', result: '16' },
  ],
}

const makeN: StrictMaker = ({ args, result }) => {
  const type = args[0]?.type ?? null
  const read = laneReader(type, laneOf(result.type) ?? 'int')
  if (type?.type === 'any') return (value: Value) => (typeof value === 'string' ? read(null) : read(value))
  return isCountable(type) ? read : () => 0
}

/** What N gives its number of; all else is 0. */
function isCountable(type: FormulaType | null): boolean {
  return isNumberType(type) || isDateType(type) || type?.type === 'bool' || type?.type === 'any'
}

const N: FunctionDefinition = {
  name: 'N',
  category: 'information',
  help: 'The value as a number: dates are serial numbers, TRUE is 1; a text is 0.',
  params: [{ name: 'value', kind: 'value' }],
  result: ({ args }) => {
    const type = args[0]?.type ?? null
    return { type: typeOfLane((isCountable(type) ? laneOf(type) : null) ?? 'int'), nullable: false }
  },
  evaluation: { mode: 'strict', make: makeN },
  volatility: 'pure',
  examples: [
    { formula: '=N([@price])', result: '9.5' },
    { formula: '=N([@date])', result: '46349' },
    { formula: '=N(TRUE)', result: '1' },
    { formula: '=N({1,"7"})', result: '{1,0}' },
    { formula: '=N([@blank])', result: '0' },
    { formula: '=N(#N/A)', result: '#N/A' },
  ],
}

const NA_FUNCTION: FunctionDefinition = {
  name: 'NA',
  category: 'information',
  help: 'The error #N/A.',
  params: [],
  result: () => ({ type: null, nullable: false }),
  evaluation: { mode: 'strict', make: () => () => NA },
  volatility: 'pure',
  examples: [
    { formula: '=NA()', result: '#N/A' },
    { formula: '=IFNA(NA(), 5)', result: '5' },
    { formula: '=IF(ISBLANK([@blank]), NA(), 1)', result: '#N/A' },
  ],
}

const ISREF: FunctionDefinition = {
  name: 'ISREF',
  category: 'information',
  help: 'TRUE for a column, of this row or a whole one; FALSE for all that is computed.',
  params: [{ name: 'value', kind: 'any' }],
  result: always('bool'),
  evaluation: { mode: 'bound' },
  volatility: 'pure',
  examples: [
    { formula: '=ISREF([@blank])', result: 'TRUE' },
    { formula: '=ISREF(items[amount])', result: 'TRUE' },
    { formula: '=ISREF(1)', result: 'FALSE' },
    { formula: '=ISREF(#N/A)', result: 'FALSE' },
  ],
}

const ISOMITTED: FunctionDefinition = {
  name: 'ISOMITTED',
  category: 'information',
  help: 'TRUE for a parameter of a LAMBDA, written [name], that its call has left out.',
  params: [{ name: 'parameter', kind: 'any' }],
  result: always('bool'),
  evaluation: { mode: 'bound' },
  volatility: 'pure',
  examples: [
    { formula: '=LAMBDA(net, [rate], net*(1+IF(ISOMITTED(rate), 0.23, rate)))(100)', result: '123' },
    { formula: '=LAMBDA(net, [rate], net*(1+IF(ISOMITTED(rate), 0.23, rate)))(100, 0.08)', result: '108' },
    { formula: '=LAMBDA(x, [y], ISOMITTED(y))([@blank], [@blank])', result: 'FALSE' },
    { formula: '=LAMBDA(x, [y], IF(ISOMITTED(y), #N/A, y))(1)', result: '#N/A' },
  ],
}

/** What kind of value it is. */
export const KINDS: readonly FunctionDefinition[] = [ERROR_TYPE, TYPE, N, NA_FUNCTION, ISREF, ISOMITTED]
