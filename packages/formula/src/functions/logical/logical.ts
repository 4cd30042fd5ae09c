import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { NA, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { excelCompare } from '../../value/excel-compare.ts'
import { gridOf, type FormulaValue } from '../../value/grid.ts'
import { boolReader, type Reader } from '../../value/readers.ts'
import type { CallTypes, FunctionDefinition, LazyArgument, LazyMaker, Thunk } from '../definition.ts'
import { ITERATION } from './iteration.ts'
import { always, oneOf } from '../results.ts'

const FALSE_TYPE: ExprType = { type: { type: 'bool' }, nullable: false }

/** The argument's value in the form of the result's type. */
function converted<Row>(argument: LazyArgument<Row> | undefined, result: ExprType, missing: Value): Thunk<Row> {
  if (argument === undefined) return () => missing
  const convert = conversion(argument.type.type, result.type)
  if (convert === null) return argument.run
  return (row) => convert(argument.run(row))
}

/** As `converted`, an array as a whole. */
function chosen<Row>(argument: LazyArgument<Row> | undefined, result: ExprType, missing: Value): (row: Row) => FormulaValue {
  const grid = argument?.grid
  if (argument === undefined || grid === undefined) return converted(argument, result, missing)
  const convert = conversion(argument.type.type, result.type)
  return convert === null ? grid : (row) => grid(row).map(convert)
}

function condition<Row>(argument: LazyArgument<Row> | undefined): (row: Row) => boolean | CellError {
  if (argument === undefined) return () => false
  const read: Reader<boolean> = boolReader(argument.type.type)
  return (row) => read(argument.run(row))
}

const makeIf: LazyMaker = (args, result) => {
  const test = condition(args[0])
  const yes = chosen(args[1], result, true)
  const no = chosen(args[2], result, false)
  return (row) => {
    const holds = test(row)
    return isCellError(holds) ? holds : holds ? yes(row) : no(row)
  }
}

const IF: FunctionDefinition = {
  name: 'IF',
  category: 'logical',
  help: 'One value if the condition holds, else another. Only the one that is needed is computed.',
  params: [
    { name: 'condition', kind: 'any' },
    { name: 'then', kind: 'any' },
    { name: 'else', kind: 'any', optional: true },
  ],
  result: (types) => oneOf(types, types.args.length > 2 ? [1, 2] : [1], types.args.length > 2 ? [] : [FALSE_TYPE]),
  decides: (index) => index === 0,
  evaluation: { mode: 'lazy', make: makeIf },
  volatility: 'pure',
  examples: [
    { formula: '=IF([@price]>5, "dear", "cheap")', result: '"dear"' },
    { formula: '=IF([@blank], 1, 2)', result: '2' },
    { formula: '=IF(TRUE, 1, 1/0)', result: '1' },
    { formula: '=SUM(IF(TRUE, {1,2}, 0))', result: '3' },
    { formula: '=IF(#N/A, 1, 2)', result: '#N/A' },
  ],
}

const makeIfs: LazyMaker = (args, result) => {
  const tests = args.filter((_, index) => index % 2 === 0).map((one) => condition(one))
  const values = args.filter((_, index) => index % 2 === 1).map((one) => chosen(one, result, null))
  return (row) => {
    for (const [index, test] of tests.entries()) {
      const holds = test(row)
      if (isCellError(holds)) return holds
      if (holds) return values[index]?.(row) ?? null
    }
    return NA
  }
}

const IFS: FunctionDefinition = {
  name: 'IFS',
  category: 'logical',
  help: 'The value behind the first condition that holds; #N/A if none does.',
  params: [
    { name: 'condition', kind: 'any' },
    { name: 'value', kind: 'any' },
  ],
  repeat: 2,
  result: (types) => oneOf(types, odd(types)),
  decides: (index) => index % 2 === 0,
  evaluation: { mode: 'lazy', make: makeIfs },
  volatility: 'pure',
  examples: [
    { formula: '=IFS([@price]>100, "A", [@price]>5, "B")', result: '"B"' },
    { formula: '=IFS([@blank], 1, TRUE, 2)', result: '2' },
    { formula: '=IFS([@price]>100, 1)', result: '#N/A' },
  ],
}

function odd(types: CallTypes): number[] {
  return types.args.map((_, index) => index).filter((index) => index % 2 === 1)
}

const makeSwitch: LazyMaker = (args, result) => {
  const [subject, ...rest] = args
  const cases = Array.from({ length: Math.floor(rest.length / 2) }, (_, index) => ({
    run: rest[index * 2]?.run,
    compare: excelCompare(subject?.type.type ?? null, rest[index * 2]?.type.type ?? null),
    value: chosen(rest[index * 2 + 1], result, null),
  }))
  const otherwise = rest.length % 2 === 1 ? chosen(rest.at(-1), result, null) : () => NA
  return (row) => {
    const value = subject?.run(row) ?? null
    if (isCellError(value)) return value
    for (const one of cases) {
      const candidate = one.run?.(row) ?? null
      if (isCellError(candidate)) return candidate
      if (one.compare(value, candidate) === 0) return one.value(row)
    }
    return otherwise(row)
  }
}

const SWITCH: FunctionDefinition = {
  name: 'SWITCH',
  category: 'logical',
  help: 'The result behind the first value that equals the subject; the last argument alone is the result if none does, else #N/A.',
  params: [
    { name: 'subject', kind: 'any' },
    { name: 'value', kind: 'any' },
    { name: 'result', kind: 'any' },
    { name: 'value_or_default', kind: 'any', optional: true },
    { name: 'result', kind: 'any', optional: true },
  ],
  repeat: 2,
  result: (types) => oneOf(types, switchResults(types.args.length)),
  decides: (index, count) => index === 0 || (index % 2 === 1 && index < count - 1),
  evaluation: { mode: 'lazy', make: makeSwitch },
  volatility: 'pure',
  examples: [
    { formula: '=SWITCH([@name], "bob", 1, "anna", 2)', result: '2' },
    { formula: '=SWITCH([@blank], 0, "none", "some")', result: '"none"' },
    { formula: '=SWITCH(5, 1, "a")', result: '#N/A' },
  ],
}

function switchResults(count: number): number[] {
  const results = Array.from({ length: count }, (_, index) => index).filter((index) => index > 0 && index % 2 === 0)
  return count % 2 === 0 ? [...results, count - 1] : results
}

/** IFERROR and IFNA: the value, unless it is an error that `catches`. */
function onError(catches: (error: CellError) => boolean): LazyMaker {
  return (args, result) => {
    const value = converted(args[0], result, null)
    const instead = converted(args[1], result, null)
    return (row) => {
      const first = value(row)
      return isCellError(first) && catches(first) ? instead(row) : first
    }
  }
}

const IFERROR: FunctionDefinition = {
  name: 'IFERROR',
  category: 'logical',
  help: 'The value, or another if it is an error.',
  params: [
    { name: 'value', kind: 'any' },
    { name: 'instead', kind: 'any' },
  ],
  result: (types) => oneOf(types, [0, 1]),
  evaluation: { mode: 'lazy', make: onError(() => true) },
  volatility: 'pure',
  examples: [
    { formula: '=IFERROR(1/0, 5)', result: '5' },
    { formula: '=IFERROR([@blank], 5)', result: '' },
    { formula: '=IFERROR(#N/A, #VALUE!)', result: '#VALUE!' },
  ],
}

const IFNA: FunctionDefinition = {
  name: 'IFNA',
  category: 'logical',
  help: 'The value, or another if it is #N/A.',
  params: [
    { name: 'value', kind: 'any' },
    { name: 'instead', kind: 'any' },
  ],
  result: (types) => oneOf(types, [0, 1]),
  evaluation: { mode: 'lazy', make: onError((error) => error.kind === '#N/A') },
  volatility: 'pure',
  examples: [
    { formula: '=IFNA(XLOOKUP(99, items[id], items[amount]), 0)', result: '0' },
    { formula: '=IFNA([@blank], 5)', result: '' },
    { formula: '=IFNA(1/0, 5)', result: '#DIV/0!' },
  ],
}

/** What was seen of the conditions that count; there is at least one. */
interface Seen {
  readonly some: boolean
  readonly all: boolean
  /** Does an odd number of them hold? */
  readonly odd: boolean
}

/** AND, OR, XOR: every argument is read, as Excel does, so an error shows wherever it stands; Blank, and text in arrays, count for nothing. */
function combined(decide: (seen: Seen) => boolean): LazyMaker {
  return (args) => {
    const parts = args.map(({ type, run, grid }) => ({ run: grid ?? run, isArray: grid !== undefined, read: boolReader(type.type) }))
    return (row) => {
      let count = 0
      let some = false
      let all = true
      let odd = false
      let error: CellError | null = null
      for (const { run, isArray, read } of parts) {
        for (const value of gridOf(run(row)).cells) {
          if (value === null || (isArray && typeof value === 'string')) continue
          const holds = read(value)
          if (isCellError(holds)) error ??= holds
          else {
            count++
            some ||= holds
            all &&= holds
            odd = odd !== holds
          }
        }
      }
      return error ?? (count === 0 ? VALUE : decide({ some, all, odd }))
    }
  }
}

const CONDITIONS = [{ name: 'condition', kind: 'values' }] as const

const AND: FunctionDefinition = {
  name: 'AND',
  category: 'logical',
  help: 'TRUE if all conditions hold. Blank counts for nothing; an error anywhere is the result.',
  params: CONDITIONS,
  repeat: 1,
  result: always('bool'),
  evaluation: { mode: 'lazy', make: combined(({ all }) => all) },
  volatility: 'pure',
  examples: [
    { formula: '=AND([@price]>5, [@quantity]>3)', result: 'TRUE' },
    { formula: '=AND(TRUE, [@blank])', result: 'TRUE' },
    { formula: '=AND(FALSE, #N/A)', result: '#N/A' },
  ],
}

const OR: FunctionDefinition = {
  name: 'OR',
  category: 'logical',
  help: 'TRUE if one of the conditions holds. Blank counts for nothing; an error anywhere is the result.',
  params: CONDITIONS,
  repeat: 1,
  result: always('bool'),
  evaluation: { mode: 'lazy', make: combined(({ some }) => some) },
  volatility: 'pure',
  examples: [
    { formula: '=OR([@price]>50, [@quantity]>3)', result: 'TRUE' },
    { formula: '=OR(FALSE, [@blank])', result: 'FALSE' },
    { formula: '=OR([@blank])', result: '#VALUE!' },
  ],
}

const XOR: FunctionDefinition = {
  name: 'XOR',
  category: 'logical',
  help: 'TRUE if an odd number of the conditions hold. Blank counts for nothing; an error anywhere is the result.',
  params: CONDITIONS,
  repeat: 1,
  result: always('bool'),
  evaluation: { mode: 'lazy', make: combined(({ odd }) => odd) },
  volatility: 'pure',
  examples: [
    { formula: '=XOR([@price]>5, [@quantity]>3)', result: 'FALSE' },
    { formula: '=XOR({TRUE,"a",FALSE}, [@blank])', result: 'TRUE' },
    { formula: '=XOR(TRUE, #N/A)', result: '#N/A' },
  ],
}

const NOT: FunctionDefinition = {
  name: 'NOT',
  category: 'logical',
  help: 'TRUE becomes FALSE and FALSE TRUE.',
  params: [{ name: 'condition', kind: 'bool' }],
  result: always('bool'),
  evaluation: { mode: 'strict', make: () => (holds: boolean) => !holds },
  volatility: 'pure',
  examples: [
    { formula: '=NOT([@price]>5)', result: 'FALSE' },
    { formula: '=NOT([@blank])', result: 'TRUE' },
    { formula: '=NOT("maybe")', result: '#VALUE!' },
  ],
}

/** TRUE() and FALSE(), which Excel also takes as calls. */
function constant(name: 'TRUE' | 'FALSE'): FunctionDefinition {
  return {
    name,
    category: 'logical',
    help: `The value ${name}.`,
    params: [],
    result: always('bool'),
    evaluation: { mode: 'strict', make: () => () => name === 'TRUE' },
    volatility: 'pure',
    examples: [
      { formula: `=${name}()`, result: name },
      { formula: `=AND(${name}(), [@blank])`, result: name },
      { formula: `=IF(${name}(), #N/A, #N/A)`, result: '#N/A' },
    ],
  }
}

/** Functions that decide. */
export const LOGICAL: readonly FunctionDefinition[] = [
  IF,
  IFS,
  SWITCH,
  IFERROR,
  IFNA,
  AND,
  OR,
  XOR,
  NOT,
  constant('TRUE'),
  constant('FALSE'),
  ...ITERATION,
]
