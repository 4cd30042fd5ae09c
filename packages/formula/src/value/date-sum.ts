import { must } from '@sheetflow/core/assert'
import { daysFromSerial, serialFromDays, timestampOf } from '@sheetflow/core/calendar'
import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { ExprType, FormulaType } from '../bound.ts'
import { NUM } from './cell-errors.ts'
import { chainAdd, chainDivide, chainSubtract, type ChainNumber } from './chain-arithmetic.ts'
import { laneOf } from './lane.ts'
import { operandReader } from './operand-reader.ts'
import { isDay, laneReader, momentReader } from './readers.ts'
import { isDateType, typeLabel } from './type-rules.ts'
import { leaveChain, passOn } from './unrounded.ts'

/** What `+` and `−` make of dates: the whole days between two, a day some days later, or a moment. */
type Shape = 'days-between' | 'moments-between' | 'day' | 'moment' | 'number'

/** The type of `a ± b` where one is a date, or why there is none. */
export function dateSumType(
  op: '+' | '-',
  { args }: { readonly args: readonly ExprType[] },
): ExprType | { readonly problem: string; readonly argument: number | null; readonly fix?: string } {
  const [a, b] = [args[0]?.type ?? null, args[1]?.type ?? null]
  if (op === '+' && hasDay(a) && hasDay(b))
    return { problem: 'two dates cannot be added', argument: 1, fix: 'add a number of days, or subtract the dates' }
  for (const [index, type] of [a, b].entries()) {
    if (laneOf(type) === null) return { problem: `a number of days is needed here, not ${typeLabel(type)}`, argument: index }
  }
  return { type: typeOfShape(shapeOf(op, a, b)), nullable: false }
}

function typeOfShape(shape: Shape): FormulaType {
  switch (shape) {
    case 'days-between':
      return { type: 'int' }
    case 'moments-between':
    case 'number':
      return { type: 'decimal' }
    case 'day':
      return { type: 'date' }
    case 'moment':
      return { type: 'timestamp' }
  }
}

function hasDay(type: FormulaType | null): boolean {
  return isDateType(type) && type?.type !== 'time'
}

function shapeOf(op: '+' | '-', a: FormulaType | null, b: FormulaType | null): Shape {
  if (op === '-' && a?.type === 'date' && b?.type === 'date') return 'days-between'
  if (op === '-' && hasDay(a) && hasDay(b)) return 'moments-between'
  if (!hasDay(a) && (op === '-' || !hasDay(b))) return 'number'
  const [day, other] = hasDay(a) ? [a, b] : [b, a]
  const lane = other?.type === 'time' ? 'decimal' : laneOf(other)
  return day?.type === 'date' && (lane === 'int' || lane === 'bigint') ? 'day' : 'moment'
}

/** Runs what `dateSumType` typed. Results outside the years 0001..9999 are `#NUM!`. */
export function dateSum(op: '+' | '-', args: readonly ExprType[], result: ExprType): (a: Value, b: Value) => Value {
  const [a, b] = [args[0]?.type ?? null, args[1]?.type ?? null]
  const shape = shapeOf(op, a, b)
  const give = result.unrounded === true ? passOn : leaveChain
  if (shape === 'days-between' || shape === 'moments-between') return between(a, b, shape, give)
  if (shape === 'number') return numbers(op, args, give)
  return hasDay(a) ? shifted(op, a, b, shape) : flipped(shifted(op, b, a, shape))
}

/** What a chain of arithmetic goes on with, or what it ends in. */
type Give = (value: ChainNumber | CellError) => Value

function between(a: FormulaType | null, b: FormulaType | null, shape: Shape, give: Give): (a: Value, b: Value) => Value {
  const [left, right] = [momentReader(a), momentReader(b)]
  return (x, y) => {
    const from = left(x)
    const to = right(y)
    if (isCellError(from)) return from
    if (isCellError(to)) return to
    const days = serialFromDays(from.days) - serialFromDays(to.days)
    if (shape === 'days-between') return days
    const micros = Decimal.of(BigInt(days) * 86_400_000_000n + BigInt(from.micros - to.micros), 0)
    return give(chainDivide(micros, MICROS_A_DAY))
  }
}

const MICROS_A_DAY = Decimal.of(86_400_000_000, 0)

function numbers(op: '+' | '-', args: readonly ExprType[], give: Give): (a: Value, b: Value) => Value {
  const [left, right] = args.map((arg) => operandReader(arg, 'decimal'))
  const combine = op === '+' ? chainAdd : chainSubtract
  return (x, y) => {
    const m = must(left)(x)
    if (isCellError(m)) return m
    const n = must(right)(y)
    return isCellError(n) ? n : give(combine(m as ChainNumber, n as ChainNumber))
  }
}

/** A day or moment ± a number of days. */
function shifted(op: '+' | '-', day: FormulaType | null, by: FormulaType | null, shape: Shape): (a: Value, b: Value) => Value {
  const [moment, number] = [momentReader(day), laneReader(by, 'decimal')]
  return (x, y) => {
    const from = moment(x)
    if (isCellError(from)) return from
    const days = number(y)
    if (isCellError(days)) return days
    const result = move(from, op === '+' ? (days as Decimal) : (days as Decimal).neg())
    return shape === 'day' && !isCellError(result) ? result.days : result
  }
}

function move(from: Timestamp, by: Decimal): Timestamp | CellError {
  const whole = by.rescale(0, 'truncate')
  const days = Number(whole.units)
  if (!(Math.abs(days) < 4_000_000)) return NUM
  const micros = Number(by.sub(whole)?.mul(MICROS_A_DAY)?.rescale(0, 'half-away').units ?? 0)
  const moved = timestampOf(daysFromSerial(serialFromDays(from.days) + days), from.micros + micros)
  return isDay(moved.days) ? moved : NUM
}

function flipped(run: (a: Value, b: Value) => Value): (a: Value, b: Value) => Value {
  return (a, b) => run(b, a)
}
