import { daysFromSerial, serialFromDays, MAX_DAYS, MIN_DAYS } from '@sheetflow/core/calendar'
import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { FormulaType } from '../bound.ts'
import { NUM, VALUE } from './cell-errors.ts'
import { laneOf, type Lane } from './lane.ts'
import { dayFraction, momentFromText, serialFromText, serialOfMoment } from './number-text.ts'
import { isNumberType, isTextType } from './type-rules.ts'

/**
 * Readers turn a value of a known static type into what an operation wants, with Excel's coercions: Blank is 0, '' or FALSE; text that is a
 * number is one; TRUE is 1; dates are serial numbers where numbers are wanted. What cannot be read is `#VALUE!`; errors go through.
 */
export type Reader<T> = (value: Value) => T | CellError

/** Reads a number in its own lane (`laneOf(type)`). */
function ownNumber(type: FormulaType | null): Reader<AnyNumber> {
  if (isNumberType(type))
    return (value) => (value === null ? zeroOf(laneOf(type) ?? 'int') : isCellError(value) ? value : (value as AnyNumber))
  if (isTextType(type)) return numberOfText
  switch (type?.type) {
    case 'bool':
      return (value) => (isCellError(value) ? value : value === true ? 1 : 0)
    case 'date':
      return (value) => (typeof value === 'number' ? serialFromDays(value) : isCellError(value) ? value : 0)
    case 'time':
      return (value) => (typeof value === 'number' ? dayFraction(value) : isCellError(value) ? value : Decimal.ZERO)
    case 'timestamp':
    case 'timestamptz':
      return (value) => (value === null ? Decimal.ZERO : isCellError(value) ? value : serialOfMoment(value as Timestamp))
    case 'any':
      return numberOfAny
    case undefined:
      return (value) => (isCellError(value) ? value : 0)
    default:
      return (value) => (isCellError(value) ? value : VALUE)
  }
}

function numberOfText(value: Value): AnyNumber | CellError {
  if (value === null) return Decimal.ZERO
  if (isCellError(value)) return value
  return typeof value === 'string' ? (serialFromText(value) ?? VALUE) : VALUE
}

function numberOfAny(value: Value): AnyNumber | CellError {
  if (isNumber(value)) return toDecimal(value)
  if (typeof value === 'boolean') return value ? Decimal.of(1, 0) : Decimal.ZERO
  return numberOfText(value)
}

function zeroOf(lane: Lane): AnyNumber {
  return lane === 'bigint' ? 0n : lane === 'decimal' ? Decimal.ZERO : 0
}

/** Reads a number as a value of `lane`, which must be at least as wide as the type's own. */
export function laneReader(type: FormulaType | null, lane: Lane): Reader<AnyNumber> {
  const own = laneOf(type) ?? 'int'
  const read = ownNumber(type)
  if (own === lane) return read
  switch (lane) {
    case 'int':
      return read
    case 'bigint':
      return (value) => {
        const number = read(value)
        return typeof number === 'number' ? BigInt(number) : number
      }
    case 'decimal':
      return (value) => {
        const number = read(value)
        return isCellError(number) ? number : toDecimal(number)
      }
    case 'double':
      return (value) => {
        const number = read(value)
        return isCellError(number) ? number : toDouble(number)
      }
  }
}

/** The nearest double; beyond their range `#NUM!`. */
function toDouble(number: AnyNumber): number | CellError {
  const double = number instanceof Decimal ? number.toNumber() : Number(number)
  return Number.isFinite(double) ? double : NUM
}

/** Reads a whole number, cut off towards zero, as counts and positions are (`LEFT("abc", 1.9)`); beyond ±2^53 `#NUM!`. */
export function integerReader(type: FormulaType | null): Reader<number> {
  const read = ownNumber(type)
  return (value) => {
    const number = read(value)
    if (isCellError(number)) return number
    const whole = typeof number === 'number' ? Math.trunc(number) : number instanceof Decimal ? number.rescale(0, 'truncate').units : number
    const small = Number(whole)
    return Number.isSafeInteger(small) ? small + 0 : NUM
  }
}

/** Reads a truth value: numbers are TRUE unless 0, the texts TRUE and FALSE are themselves. */
export function boolReader(type: FormulaType | null): Reader<boolean> {
  if (type?.type === 'bool') return (value) => (isCellError(value) ? value : value === true)
  if (isTextType(type)) return boolOfText
  if (type?.type === 'any')
    return (value) => (typeof value === 'boolean' ? value : typeof value === 'string' ? boolOfText(value) : boolOfNumber(value))
  const read = ownNumber(type)
  return (value) => {
    const number = read(value)
    if (isCellError(number)) return number
    return number instanceof Decimal ? !number.isZero() : Number(number) !== 0
  }
}

function boolOfText(value: Value): boolean | CellError {
  if (value === null) return false
  if (isCellError(value)) return value
  const word = typeof value === 'string' ? value.toLowerCase() : ''
  return word === 'true' ? true : word === 'false' ? false : VALUE
}

/** A value of `any` type that is no text. */
function boolOfNumber(value: Value): boolean | CellError {
  if (isCellError(value)) return value
  return isNumber(value) ? !toDecimal(value).isZero() : value === null ? false : VALUE
}

/** Reads a moment of the calendar: dates, timestamps, serial numbers, texts that are dates. Blank is the serial number 0. */
export function momentReader(type: FormulaType | null): Reader<Timestamp> {
  if (type?.type === 'date')
    return (value) => (isCellError(value) ? value : value === null ? momentOfSerial(Decimal.ZERO) : { days: value as number, micros: 0 })
  if (type?.type === 'timestamp' || type?.type === 'timestamptz') {
    return (value) => (isCellError(value) ? value : value === null ? momentOfSerial(Decimal.ZERO) : (value as Timestamp))
  }
  if (isTextType(type)) {
    return (value) => {
      if (isCellError(value)) return value
      return typeof value === 'string' ? momentOfText(value) : momentOfSerial(Decimal.ZERO)
    }
  }
  if (type?.type === 'any') return (value) => (typeof value === 'string' ? momentOfText(value) : momentOfNumber(numberOfAny(value)))
  const read = ownNumber(type)
  return (value) => momentOfNumber(read(value))
}

function momentOfNumber(number: AnyNumber | CellError): Timestamp | CellError {
  return isCellError(number) ? number : momentOfSerial(toDecimal(number))
}

function momentOfText(text: string): Timestamp | CellError {
  const moment = momentFromText(text)
  if (moment !== null) return moment
  const serial = serialFromText(text)
  return serial === null ? VALUE : momentOfSerial(serial)
}

const MICROS_A_DAY = Decimal.of(86_400_000_000, 0)

/** The moment of a serial number; before Excel's beginning and after 9999 `#NUM!`. */
export function momentOfSerial(serial: Decimal): Timestamp | CellError {
  if (serial.sign() < 0 || serial.cmp(END_SERIAL) >= 0) return NUM
  const whole = serial.rescale(0, 'truncate')
  const micros = Number(serial.sub(whole)?.mul(MICROS_A_DAY)?.rescale(0, 'half-away').units ?? 0)
  const days = daysFromSerial(Number(whole.units))
  if (micros < 86_400_000_000) return { days, micros }
  return isDay(days + 1) ? { days: days + 1, micros: 0 } : NUM
}

/** Of the day behind the last one. */
const END_SERIAL = Decimal.of(serialFromDays(MAX_DAYS) + 1, 0)

/** Is that a day of the years 0001..9999? */
export function isDay(days: number): boolean {
  return days >= MIN_DAYS && days <= MAX_DAYS
}
