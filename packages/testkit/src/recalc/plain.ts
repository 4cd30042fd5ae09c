import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { compareValues } from '@sheetflow/core/compare'
import { Decimal } from '@sheetflow/core/decimal'
import { fold } from '@sheetflow/core/fold'
import { isNumber } from '@sheetflow/core/number'
import type { AnyNumber } from '@sheetflow/core/number'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { ExprType, FormulaType } from '@sheetflow/formula/bound'

/** A value that says itself of which kind it is: a day is the moment at which it begins. */
export type Plain = Value

/** A value of a column of that type as a plain one. */
export function plainOf(type: FormulaType | null, value: Value): Plain {
  return type?.type === 'date' && typeof value === 'number' ? { days: value, micros: 0 } : value
}

type Kind = 'blank' | 'error' | 'number' | 'text' | 'bool' | 'moment' | 'other'

/** Which values can be compared with which. */
export function kindOf(value: Plain): Kind {
  if (value === null) return 'blank'
  if (isCellError(value)) return 'error'
  if (isNumber(value)) return 'number'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'bool'
  return isMoment(value) ? 'moment' : 'other'
}

/** A day and a time of it. */
export function isMoment(value: unknown): value is Timestamp {
  return typeof value === 'object' && value !== null && 'days' in value && 'micros' in value && !('months' in value)
}

const KINDS: readonly Kind[] = ['blank', 'number', 'moment', 'text', 'bool', 'other', 'error']

/** Blank, numbers and moments, texts with letter case aside, booleans, errors by name. Of different kinds: that of the kinds. */
export function compare(a: Plain, b: Plain): number {
  const [x, y] = [kindOf(a), kindOf(b)]
  if (x !== y) return KINDS.indexOf(x) - KINDS.indexOf(y)
  if (isNumber(a) && isNumber(b)) return compareFractions(fractionOf(a), fractionOf(b))
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(fold(a), fold(b))
  if (isMoment(a) && isMoment(b)) return a.days - b.days || a.micros - b.micros
  if (isCellError(a) && isCellError(b)) return byCodePoint(a.kind, b.kind)
  return typeof a === 'boolean' ? Number(a) - Number(b) : compareValues(a, b)
}

/** Texts as they are. */
export function compareExactly(a: Plain, b: Plain): number {
  return typeof a === 'string' && typeof b === 'string' ? byCodePoint(a, b) : compare(a, b)
}

function byCodePoint(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)]
  for (const [i, char] of x.entries()) {
    const other = y[i]
    if (other === undefined) return 1
    if (char !== other) return (char.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
  }
  return x.length - y.length
}

/** A number as two whole ones, the second above zero. */
export type Fraction = readonly [above: bigint, below: bigint]

/** Exact; a double is the decimal that it prints as. */
export function fractionOf(value: AnyNumber): Fraction {
  if (typeof value === 'bigint') return [value, 1n]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return [BigInt(value), 1n]
  const text = typeof value === 'number' ? String(value) : value.toString()
  const found = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)
  if (found === null) throw new Error(`no number: ${text}`)
  const [, sign, whole = '', part = '', exponent = '0'] = found
  const units = BigInt(whole + part) * (sign === '-' ? -1n : 1n)
  const scale = part.length - Number(exponent)
  return scale >= 0 ? [units, 10n ** BigInt(scale)] : [units * 10n ** BigInt(-scale), 1n]
}

export function compareFractions([a, x]: Fraction, [b, y]: Fraction): number {
  const [left, right] = [a * y, b * x]
  return left < right ? -1 : left > right ? 1 : 0
}

export function sumOf(values: readonly AnyNumber[]): Fraction {
  return values
    .map((value) => fractionOf(value))
    .reduce(([a, x], [b, y]): Fraction => (x >= y ? [a + b * (x / y), x] : [a * (y / x) + b, y]), [0n, 1n])
}

/** Exact, of a denominator that is a power of ten; of more than 38 digits `#NUM!`. */
export function decimalOf([above, below]: Fraction): Decimal | CellError {
  const value = Decimal.of(above, String(below).length - 1).normalize()
  return value.digits() > 38 ? new CellError('#NUM!') : value
}

/** Rounded to 15 digits, half away from zero. */
export function roundedOf([above, below]: Fraction): Decimal | CellError {
  if (above === 0n) return Decimal.of(0, 0)
  const size = above < 0n ? -above : above
  let places = 15 - (String(size).length - String(below).length)
  for (; ; places--) {
    const [dividend, divisor] = places >= 0 ? [size * 10n ** BigInt(places), below] : [size, below * 10n ** BigInt(-places)]
    const digits = (2n * dividend + divisor) / (2n * divisor)
    if (String(digits).length > 15 && digits !== 10n ** 15n) continue
    const value = places >= 0 ? Decimal.of(digits, places) : Decimal.of(digits * 10n ** BigInt(-places), 0)
    const signed = (above < 0n ? value.neg() : value).normalize()
    return signed.digits() > 38 ? new CellError('#NUM!') : signed
  }
}

/** The root, to 15 digits. */
export function rootOf([above, below]: Fraction): Decimal | CellError {
  // √(a/b) = √(a·b)/b, with so many zeros behind a·b that forty digits of the root are whole.
  const zeros = 10n ** 80n
  return roundedOf([wholeRoot(above * below * zeros * zeros), below * zeros])
}

function wholeRoot(square: bigint): bigint {
  if (square === 0n) return 0n
  let root = 10n ** BigInt(Math.ceil(String(square).length / 2))
  for (;;) {
    const next = (root + square / root) / 2n
    if (next >= root) return root
    root = next
  }
}

/** A value in the form of a wider type. */
export function widened(value: Value, { type }: ExprType): Value {
  if (value === null || isCellError(value) || type === null) return value
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal
  if (!isNumber) return value
  if (type.type === 'timestamp' && typeof value === 'number') return { days: value, micros: 0 }
  if (type.type === 'bigint') return BigInt(value.toString())
  if (type.type === 'double') return Number(value.toString())
  if (type.type !== 'decimal') return value
  return value instanceof Decimal ? value : typeof value === 'bigint' ? Decimal.of(value, 0) : Decimal.fromNumber(value)
}
