import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { ADD, divideDecimal, double } from '../../value/arithmetic.ts'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { gridOf } from '../../value/grid.ts'
import { laneOf, type Lane } from '../../value/lane.ts'
import { numbersReader } from '../../value/list-readers.ts'
import { isDateType } from '../../value/type-rules.ts'
import type { CallTypes, Evaluation, FunctionDefinition, LazyArgument, LazyMaker, StrictMaker, TypeProblem } from '../definition.ts'
import { always, onlyNumbers, oneOf, quotient, widestNumber } from '../results.ts'

/**
 * Over values of the row at hand (`SUM([@a], [@b])`) and arrays. Over whole columns (`SUM(t[a])`) the binder makes aggregate nodes of these functions.
 * As Excel does with cells, Blank counts for nothing here.
 */
const NUMBERS = [{ name: 'value', kind: 'numbers' }] as const
const VALUES = [{ name: 'value', kind: 'values' }] as const

const ZERO: Readonly<Record<Lane, AnyNumber>> = { int: 0, bigint: 0n, decimal: Decimal.ZERO, double: 0 }

const makeSum: StrictMaker =
  ({ lane }) =>
  (numbers: readonly AnyNumber[]) => {
    let sum: AnyNumber | CellError = ZERO[lane]
    for (const one of numbers) {
      sum = ADD[lane](sum, one)
      if (isCellError(sum)) return sum
    }
    return sum
  }

const makeAverage: StrictMaker = ({ lane }) => (lane === 'double' ? meanOfDoubles : meanOfDecimals)

function meanOfDoubles(numbers: readonly number[]): Value {
  return numbers.length === 0 ? DIV0 : double(numbers.reduce((sum, one) => sum + one, 0) / numbers.length)
}

function meanOfDecimals(numbers: readonly AnyNumber[]): Value {
  if (numbers.length === 0) return DIV0
  let sum = Decimal.ZERO
  for (const one of numbers) {
    const next = sum.add(toDecimal(one))
    if (next === null) return NUM
    sum = next
  }
  return divideDecimal(sum, Decimal.of(numbers.length, 0))
}

/** MIN and MAX of the values that are not Blank; of none 0, as in Excel. */
function extreme(wins: (order: number) => boolean): LazyMaker {
  return (args, result) => {
    if (isDateType(result.type)) return extremeDate(args, result, wins)
    const lane = laneOf(result.type) ?? 'int'
    const parts = args.map(({ type, run, grid }) => ({ run: grid ?? run, read: numbersReader(type, lane) }))
    return (row) => {
      let best: AnyNumber | null = null
      for (const { run, read } of parts) {
        const numbers = read(run(row))
        if (isCellError(numbers)) return numbers
        for (const one of numbers) if (best === null || wins(compareNumbers(one, best))) best = one
      }
      return best ?? ZERO[lane]
    }
  }
}

/** Of no dates at all Blank: there is no date that stands for nothing. */
function extremeDate<Row>(args: readonly LazyArgument<Row>[], result: ExprType, wins: (order: number) => boolean): (row: Row) => Value {
  const parts = args.map(({ type, run, grid }) => ({ run: grid ?? run, convert: conversion(type.type, result.type) }))
  return (row) => {
    let best: Value = null
    for (const { run, convert } of parts) {
      for (const raw of gridOf(run(row)).cells) {
        if (isCellError(raw)) return raw
        const value = convert === null ? raw : convert(raw)
        if (value !== null && (best === null || wins(compareMoments(value, best)))) best = value
      }
    }
    return best
  }
}

function compareMoments(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && 'micros' in a && 'micros' in b) {
    return a.days - b.days || a.micros - b.micros
  }
  return 0
}

function extremeType(types: CallTypes): ExprType | TypeProblem {
  if (types.args.some((one) => isDateType(one.type))) {
    const dates = oneOf(
      types,
      types.args.map((_, index) => index),
    )
    return 'problem' in dates ? dates : { ...dates, nullable: types.args.every((one) => one.nullable) }
  }
  return onlyNumbers(types, widestNumber())
}

/** COUNT counts numbers and dates, COUNTA what is not Blank; errors are counted by COUNTA alone. */
function counting(counts: (value: Value) => boolean): Evaluation {
  return { mode: 'strict', make: () => (values: readonly Value[]) => values.filter(counts).length }
}

function statistic(
  name: string,
  help: string,
  params: FunctionDefinition['params'],
  result: FunctionDefinition['result'],
  evaluation: Evaluation,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  return { name, category: 'statistical', help, params, repeat: 1, result, evaluation, volatility: 'pure', examples }
}

/** Sums, counts and extremes. */
export const TOTALS: readonly FunctionDefinition[] = [
  statistic(
    'SUM',
    'The sum of a column or of values; exact.',
    NUMBERS,
    (types) => onlyNumbers(types, widestNumber()),
    { mode: 'strict', make: makeSum },
    [
      { formula: '=SUM(items[amount])', result: '60.5' },
      { formula: '=SUM([@price], 0.1, 0.2)', result: '9.8' },
      { formula: '=SUM([@blank])', result: '0' },
      { formula: '=SUM(1, #N/A)', result: '#N/A' },
    ],
  ),
  {
    ...statistic(
      'AVERAGE',
      'The mean of the numbers; of none #DIV/0!.',
      NUMBERS,
      (types) => onlyNumbers(types, quotient),
      { mode: 'strict', make: makeAverage },
      [
        { formula: '=AVERAGE(items[amount])', result: '20.1666666666667' },
        { formula: '=AVERAGE(1, 2, [@blank])', result: '1.5' },
        { formula: '=AVERAGE({1,"a",4})', result: '2.5' },
        { formula: '=AVERAGE([@blank])', result: '#DIV/0!' },
        { formula: '=AVERAGE(, 4)', result: '2' },
      ],
    ),
    fraction: true,
  },
  statistic(
    'MIN',
    'The smallest number or earliest date; of none 0, or Blank for dates.',
    NUMBERS,
    extremeType,
    { mode: 'lazy', make: extreme((order) => order < 0) },
    [
      { formula: '=MIN(items[amount])', result: '10' },
      { formula: '=MIN([@price], 3)', result: '3' },
      { formula: '=MIN([@blank])', result: '0' },
      { formula: '=MIN(, 5)', result: '0' },
      { formula: '=MIN(1, #N/A)', result: '#N/A' },
    ],
  ),
  statistic(
    'MAX',
    'The greatest number or latest date; of none 0, or Blank for dates.',
    NUMBERS,
    extremeType,
    { mode: 'lazy', make: extreme((order) => order > 0) },
    [
      { formula: '=MAX(items[amount])', result: '30.5' },
      { formula: '=MAX([@price], [@blank])', result: '9.5' },
      { formula: '=MAX([@blank])', result: '0' },
      { formula: '=MAX(, -1)', result: '0' },
      { formula: '=MAX(1, 1/0)', result: '#DIV/0!' },
    ],
  ),
  statistic('COUNT', 'How many numbers and dates there are.', VALUES, always('int'), counting(isNumber), [
    { formula: '=COUNT(items[amount])', result: '3' },
    { formula: '=COUNT([@price], "a", [@date])', result: '2' },
    { formula: '=COUNT([@blank])', result: '0' },
    { formula: '=COUNT(#N/A)', result: '0' },
    { formula: '=COUNT(1, TRUE, "5", "x")', result: '3' },
    { formula: '=COUNT({TRUE,"5"})', result: '0' },
    { formula: '=COUNT(1, ,)', result: '3' },
  ]),
  statistic(
    'COUNTA',
    'How many values are not Blank.',
    VALUES,
    always('int'),
    counting((value) => value !== null),
    [
      { formula: '=COUNTA(items[note])', result: '2' },
      { formula: '=COUNTA([@price], "")', result: '2' },
      { formula: '=COUNTA([@blank])', result: '0' },
      { formula: '=COUNTA(#N/A)', result: '1' },
      { formula: '=COUNTA(1, ,)', result: '3' },
    ],
  ),
]
