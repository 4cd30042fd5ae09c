import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import { ADD, divideDecimal, double } from '../value/arithmetic.ts'
import { DIV0, NUM } from '../value/cell-errors.ts'
import { conversion } from '../value/convert.ts'
import { laneOf, type Lane } from '../value/lane.ts'
import { laneReader } from '../value/readers.ts'
import { isDateType, isNumberType, isTextType } from '../value/type-rules.ts'
import type { CallTypes, FunctionDefinition, LazyArgument, LazyMaker, TypeProblem } from './definition.ts'
import { always, notNumber, oneOf, quotient, widestNumber } from './results.ts'

/**
 * Over values of the row at hand (`SUM([@a], [@b])`). Over whole columns (`SUM(t[a])`) the binder makes aggregate nodes of these functions.
 * As Excel does with cells, Blank counts for nothing here.
 */
const VALUES = [{ name: 'value', kind: 'any' }] as const

/** The values that are not Blank, read in one lane; the first error instead. */
function numbers<Row>(args: readonly LazyArgument<Row>[], lane: Lane): (row: Row) => AnyNumber[] | CellError {
  const parts = args.map((one) => ({ run: one.run, read: laneReader(one.type.type, lane) }))
  return (row) => {
    const found: AnyNumber[] = []
    for (const { run, read } of parts) {
      const value = run(row)
      if (value === null) continue
      const number = read(value)
      if (isCellError(number)) return number
      found.push(number)
    }
    return found
  }
}

const ZERO: Readonly<Record<Lane, AnyNumber>> = { int: 0, bigint: 0n, decimal: Decimal.ZERO, double: 0 }

const makeSum: LazyMaker = (args, result) => {
  const lane = laneOf(result.type) ?? 'int'
  const read = numbers(args, lane)
  return (row) => {
    const found = read(row)
    if (isCellError(found)) return found
    let sum: AnyNumber | CellError = ZERO[lane]
    for (const one of found) {
      sum = ADD[lane](sum, one)
      if (isCellError(sum)) return sum
    }
    return sum
  }
}

const makeAverage: LazyMaker = (args, result) => {
  const read = numbers(args, result.type?.type === 'double' ? 'double' : 'decimal')
  return (row) => {
    const found = read(row)
    if (isCellError(found)) return found
    if (found.length === 0) return DIV0
    if (result.type?.type === 'double') return double((found as number[]).reduce((sum, one) => sum + one, 0) / found.length)
    let sum = Decimal.ZERO
    for (const one of found) {
      const next = sum.add(toDecimal(one))
      if (next === null) return NUM
      sum = next
    }
    return divideDecimal(sum, Decimal.of(found.length, 0))
  }
}

/** MIN and MAX of the values that are not Blank; of none 0, as in Excel. */
function extreme(wins: (order: number) => boolean): LazyMaker {
  return (args, result) => {
    if (isDateType(result.type)) return extremeDate(args, result, wins)
    const lane = laneOf(result.type) ?? 'int'
    const read = numbers(args, lane)
    return (row) => {
      const found = read(row)
      if (isCellError(found)) return found
      return (
        found.reduce<AnyNumber | null>((best, one) => (best === null || wins(compareNumbers(one, best)) ? one : best), null) ?? ZERO[lane]
      )
    }
  }
}

/** Of no dates at all Blank: there is no date that stands for nothing. */
function extremeDate<Row>(args: readonly LazyArgument<Row>[], result: ExprType, wins: (order: number) => boolean): (row: Row) => Value {
  const parts = args.map((one) => ({ run: one.run, convert: conversion(one.type.type, result.type) }))
  return (row) => {
    let best: Value = null
    for (const { run, convert } of parts) {
      const raw = run(row)
      if (isCellError(raw)) return raw
      const value = convert === null ? raw : convert(raw)
      if (value !== null && (best === null || wins(compareMoments(value, best)))) best = value
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

/** In Excel these skip the text of cells silently; a column of text among them is a mistake. */
function onlyNumbers(types: CallTypes, rule: (types: CallTypes) => ExprType | TypeProblem): ExprType | TypeProblem {
  const index = types.args.findIndex((one) => isTextType(one.type))
  if (index >= 0) return { ...notNumber(types.args[index]?.type ?? null, index), fix: 'turn it into a number: VALUE(…)' }
  return rule(types)
}

/** COUNT counts numbers and dates, COUNTA what is not Blank; errors are counted by COUNTA alone. */
function counting(test: (type: ExprType['type']) => boolean, errors: boolean): LazyMaker {
  return (args) => (row) => {
    let count = 0
    for (const { run, type } of args) {
      const value = run(row)
      if (isCellError(value) ? errors : value !== null && test(type.type)) count++
    }
    return count
  }
}

function statistic(
  name: string,
  help: string,
  result: FunctionDefinition['result'],
  make: LazyMaker,
  examples: FunctionDefinition['examples'],
): FunctionDefinition {
  return {
    name,
    category: 'statistical',
    help,
    params: VALUES,
    repeat: 1,
    result,
    evaluation: { mode: 'lazy', make },
    volatility: 'pure',
    examples,
  }
}

/** Sums, counts and extremes. */
export const STATISTICAL: readonly FunctionDefinition[] = [
  statistic('SUM', 'The sum of a column or of values; exact.', (types) => onlyNumbers(types, widestNumber()), makeSum, [
    { formula: '=SUM(items[amount])', result: '60.5' },
    { formula: '=SUM([@price], 0.1, 0.2)', result: '9.8' },
    { formula: '=SUM([@blank])', result: '0' },
    { formula: '=SUM(1, #N/A)', result: '#N/A' },
  ]),
  statistic('AVERAGE', 'The mean of the numbers; of none #DIV/0!.', (types) => onlyNumbers(types, quotient), makeAverage, [
    { formula: '=AVERAGE(items[amount])', result: '20.1666666666667' },
    { formula: '=AVERAGE(1, 2, [@blank])', result: '1.5' },
    { formula: '=AVERAGE([@blank])', result: '#DIV/0!' },
  ]),
  statistic(
    'MIN',
    'The smallest number or earliest date; of none 0, or Blank for dates.',
    extremeType,
    extreme((order) => order < 0),
    [
      { formula: '=MIN(items[amount])', result: '10' },
      { formula: '=MIN([@price], 3)', result: '3' },
      { formula: '=MIN([@blank])', result: '0' },
      { formula: '=MIN(1, #N/A)', result: '#N/A' },
    ],
  ),
  statistic(
    'MAX',
    'The greatest number or latest date; of none 0, or Blank for dates.',
    extremeType,
    extreme((order) => order > 0),
    [
      { formula: '=MAX(items[amount])', result: '30.5' },
      { formula: '=MAX([@price], [@blank])', result: '9.5' },
      { formula: '=MAX([@blank])', result: '0' },
      { formula: '=MAX(1, 1/0)', result: '#DIV/0!' },
    ],
  ),
  statistic(
    'COUNT',
    'How many numbers and dates there are.',
    always('int'),
    counting((type) => isNumberType(type) || isDateType(type), false),
    [
      { formula: '=COUNT(items[amount])', result: '3' },
      { formula: '=COUNT([@price], "a", [@date])', result: '2' },
      { formula: '=COUNT([@blank])', result: '0' },
      { formula: '=COUNT(#N/A)', result: '0' },
    ],
  ),
  statistic(
    'COUNTA',
    'How many values are not Blank.',
    always('int'),
    counting(() => true, true),
    [
      { formula: '=COUNTA(items[note])', result: '2' },
      { formula: '=COUNTA([@price], "")', result: '2' },
      { formula: '=COUNTA([@blank])', result: '0' },
      { formula: '=COUNTA(#N/A)', result: '1' },
    ],
  ),
]
