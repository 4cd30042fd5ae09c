import { assert } from './assert.ts'
import { SheetflowError } from './errors.ts'
import { floatDivide, floatOf, floatPower, floatRound } from './decimal-float.ts'
import { digitCount, POWERS, powerOfTen, rescaleUnits } from './decimal-units.ts'
import type { DecimalMode, Units } from './decimal-units.ts'

/** A result with more digits than this is the cell error `#NUM!` (FORMATS 1). */
export const MAX_DIGITS = 38
/** Significant digits that a quotient or power is stored with. */
export const QUOTIENT_DIGITS = 15

/** Exponents beyond this are refused when parsing: Postgres' own numeric ends at 131,072 digits before and 16,383 behind the point. */
const MAX_EXPONENT = 150_000

/**
 * An exact decimal number: `units / 10^scale`, `scale ≥ 0`. Immutable.
 *
 * Two lanes: `units` is a `number` whenever it is a safe integer, else a `bigint`; a value has one form per scale, so
 * two decimals of equal scale are equal exactly if their `units` are. A decimal may hold any number of digits (sources do); only
 * *computing* is bounded: `add sub mul div pow` answer `null` where the result needs more than 38 digits (`#NUM!`).
 */
export class Decimal {
  readonly units: Units
  readonly scale: number

  private constructor(units: Units, scale: number) {
    this.units = units
    this.scale = scale
  }

  static readonly ZERO: Decimal = new Decimal(0, 0)

  /** `units / 10^scale`; `units` an integer of either lane, `scale` an integer ≥ 0. */
  static of(units: Units, scale: number): Decimal {
    assert(Number.isInteger(scale) && scale >= 0, 'a scale is a whole number ≥ 0')
    if (typeof units === 'number') {
      assert(Number.isSafeInteger(units), 'units in the number lane are safe integers')
      return new Decimal(units + 0, scale)
    }
    return new Decimal(toLane(units), scale)
  }

  /** Reads any decimal text (`-12.50`, `.5`, `1.5e-7`), exactly; the scale is the text's. `core/bad-value` if it is none. */
  static parse(text: string): Decimal {
    const parsed = Decimal.tryParse(text)
    if (parsed === null) throw new SheetflowError('core/bad-value', `'${text.slice(0, 60)}' is not a decimal number`)
    return parsed
  }

  /** As `parse`, with `null` for what is no decimal number. */
  static tryParse(text: string): Decimal | null {
    return parseShort(text) ?? parseLong(text)
  }

  /** The decimal that a finite double prints as (its shortest form): 0.1 is 0.1. */
  static fromNumber(double: number): Decimal {
    if (Number.isSafeInteger(double)) return new Decimal(double + 0, 0)
    assert(Number.isFinite(double), 'only finite doubles are decimals')
    return Decimal.parse(String(double))
  }

  /** The exact sum at the greater scale, or null beyond 38 digits. */
  add(other: Decimal): Decimal | null {
    if (this.scale === other.scale && typeof this.units === 'number' && typeof other.units === 'number') {
      const sum = this.units + other.units
      if (Number.isSafeInteger(sum)) return new Decimal(sum, this.scale)
    }
    const scale = Math.max(this.scale, other.scale)
    return bounded(toLane(bigUnits(this, scale) + bigUnits(other, scale)), scale)
  }

  /** The exact difference at the greater scale, or null beyond 38 digits. */
  sub(other: Decimal): Decimal | null {
    if (this.scale === other.scale && typeof this.units === 'number' && typeof other.units === 'number') {
      const difference = this.units - other.units
      if (Number.isSafeInteger(difference)) return new Decimal(difference, this.scale)
    }
    const scale = Math.max(this.scale, other.scale)
    return bounded(toLane(bigUnits(this, scale) - bigUnits(other, scale)), scale)
  }

  /** The exact product (scales add up), or null beyond 38 digits. */
  mul(other: Decimal): Decimal | null {
    const scale = this.scale + other.scale
    if (typeof this.units === 'number' && typeof other.units === 'number') {
      const product = this.units * other.units
      if (Number.isSafeInteger(product) && scale <= MAX_DIGITS) return new Decimal(product + 0, scale)
    }
    return bounded(toLane(BigInt(this.units) * BigInt(other.units)), scale)
  }

  /** The quotient rounded to 15 significant digits (half away from zero), without trailing zeros; null beyond 38 digits. `other` is not zero. */
  div(other: Decimal): Decimal | null {
    assert(!other.isZero(), 'division by zero is #DIV/0!, decided by the caller')
    return fromFloat(floatDivide(floatOf(this.units, this.scale), floatOf(other.units, other.scale)))
  }

  /** This to a whole power, rounded as `div`; null beyond 38 digits. Zero to a negative power is the caller's `#DIV/0!`; `0^0` is 1. */
  pow(exponent: number): Decimal | null {
    assert(Number.isSafeInteger(exponent), 'powers of a decimal are whole')
    assert(exponent >= 0 || !this.isZero(), 'zero to a negative power is #DIV/0!, decided by the caller')
    const power = floatPower(floatOf(this.units, this.scale), exponent)
    return power === null ? null : fromFloat(power)
  }

  neg(): Decimal {
    return new Decimal(typeof this.units === 'number' ? 0 - this.units : -this.units, this.scale)
  }

  abs(): Decimal {
    return this.sign() < 0 ? this.neg() : this
  }

  /** −1, 0 or 1 by value: `1.0` and `1.00` are equal. */
  cmp(other: Decimal): -1 | 0 | 1 {
    const a = this.units
    const b = other.units
    if (this.scale === other.scale) return a < b ? -1 : a > b ? 1 : 0
    const sign = this.sign()
    if (sign !== other.sign()) return sign < other.sign() ? -1 : 1
    const scale = Math.max(this.scale, other.scale)
    const x = scaledUnits(this, scale)
    const y = scaledUnits(other, scale)
    return x < y ? -1 : x > y ? 1 : 0
  }

  /** Equal by value. */
  eq(other: Decimal): boolean {
    return this.cmp(other) === 0
  }

  isZero(): boolean {
    return this.units === 0
  }

  sign(): -1 | 0 | 1 {
    return this.units < 0 ? -1 : this.units > 0 ? 1 : 0
  }

  /** Does it have no fraction by value? */
  isInteger(): boolean {
    return this.scale === 0 || this.normalize().scale === 0
  }

  /** Digits needed to write it: the greater of the digits of its units and its scale. Zero has its scale, at least 1. */
  digits(): number {
    return Math.max(digitCount(this.units), this.scale)
  }

  /** The same value at another scale; digits that fall away are rounded half away from zero or cut off. */
  rescale(scale: number, mode: DecimalMode): Decimal {
    if (scale === this.scale) return this
    assert(Number.isInteger(scale) && scale >= 0, 'a scale is a whole number ≥ 0')
    return new Decimal(toLane(rescaleUnits(this.units, this.scale, scale, mode)), scale)
  }

  /** Rounded to so many places; negative ones round before the point (`ROUND(1234, -2)`), at scale 0. */
  round(places: number, mode: DecimalMode): Decimal {
    if (places >= 0) return places >= this.scale ? this : this.rescale(places, mode)
    if (-places > digitCount(this.units) + 1) return Decimal.ZERO
    const kept = toLane(rescaleUnits(this.units, this.scale - places, 0, mode))
    return new Decimal(toLane(BigInt(kept) * powerOfTen(-places)), 0)
  }

  /** At most so many significant digits, half away from zero, without trailing zeros. */
  significant(digits: number): Decimal {
    return fromFloatExact(floatRound(floatOf(this.units, this.scale), digits))
  }

  /** The same value without trailing zeros behind the point. */
  normalize(): Decimal {
    if (this.scale === 0) return this
    if (this.units === 0) return Decimal.ZERO
    return typeof this.units === 'number' ? stripNumber(this.units, this.scale) : stripBig(this.units, this.scale)
  }

  /** All digits, never an exponent: `-0.050`. Zero has no sign. */
  toString(): string {
    if (this.scale === 0) return String(this.units)
    const negative = this.units < 0
    const digits = String(this.units)
    const padded = (negative ? digits.slice(1) : digits).padStart(this.scale + 1, '0')
    const point = padded.length - this.scale
    return `${negative ? '-' : ''}${padded.slice(0, point)}.${padded.slice(point)}`
  }

  /** The nearest double (±Infinity beyond its range). */
  toNumber(): number {
    // Both operands are exact doubles here, so the quotient is the correctly rounded one.
    if (typeof this.units === 'number' && this.scale <= 22) return this.units / 10 ** this.scale
    return Number(this.toString())
  }

  toJSON(): string {
    return this.toString()
  }
}

/** A bigint in its lane: a number where that is exact. */
function toLane(units: Units): Units {
  if (typeof units === 'number') return units + 0
  return units >= -9007199254740991n && units <= 9007199254740991n ? Number(units) : units
}

/** The result of a computation: trailing zeros go before 38 digits are exceeded, then it is null. */
function bounded(units: Units, scale: number): Decimal | null {
  const result = Decimal.of(units, scale)
  if (typeof units === 'number' && scale <= MAX_DIGITS) return result
  if (result.digits() <= MAX_DIGITS) return result
  const short = result.normalize()
  return short.digits() <= MAX_DIGITS ? short : null
}

function bigUnits(value: Decimal, scale: number): bigint {
  const units = BigInt(value.units)
  return value.scale === scale ? units : units * powerOfTen(scale - value.scale)
}

/** Units at a greater scale, in the number lane if they stay safe there. */
function scaledUnits(value: Decimal, scale: number): Units {
  const by = scale - value.scale
  const power = POWERS[by]
  if (typeof value.units === 'number' && power !== undefined) {
    const scaled = value.units * power
    if (Number.isSafeInteger(scaled)) return scaled
  }
  return bigUnits(value, scale)
}

function stripNumber(units: number, scale: number): Decimal {
  let rest = units
  let places = scale
  while (places > 0 && rest % 10 === 0) {
    rest /= 10
    places--
  }
  return Decimal.of(rest, places)
}

function stripBig(units: bigint, scale: number): Decimal {
  const text = String(units)
  let zeros = 0
  while (zeros < scale && text.charCodeAt(text.length - 1 - zeros) === 48) zeros++
  return zeros === 0 ? Decimal.of(units, scale) : Decimal.of(toLane(units / powerOfTen(zeros)), scale - zeros)
}

/** A rounded quotient as it is stored: 15 significant digits and at most 38 places (smaller parts vanish, as in Excel). */
function fromFloat(float: { readonly units: bigint; readonly exponent: number }): Decimal | null {
  // Digits in front of the point; what is far outside is decided here, so that no giant power of ten is ever built.
  const whole = digitCount(float.units) + float.exponent
  if (float.units === 0n || whole < -MAX_DIGITS) return Decimal.ZERO
  if (whole > MAX_DIGITS) return null
  const stored = fromFloatExact(floatRound(float, Math.min(QUOTIENT_DIGITS, whole + MAX_DIGITS)))
  return stored.digits() <= MAX_DIGITS ? stored : null
}

function fromFloatExact(float: { readonly units: bigint; readonly exponent: number }): Decimal {
  if (float.units === 0n) return Decimal.ZERO
  if (float.exponent >= 0) return Decimal.of(toLane(float.units * powerOfTen(float.exponent)), 0)
  return Decimal.of(toLane(float.units), -float.exponent).normalize()
}

/** The common case without allocation: at most 15 digits, no exponent. Null: let `parseLong` look. */
function parseShort(text: string): Decimal | null {
  const length = text.length
  if (length === 0 || length > 16) return null
  let i = 0
  const first = text.charCodeAt(0)
  if (first === 45 || first === 43) i = 1
  let units = 0
  let point = -1
  const from = i
  for (; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) units = units * 10 + (code - 48)
    else if (code === 46 && point < 0) point = i
    else return null
  }
  const digits = length - from - (point < 0 ? 0 : 1)
  if (digits === 0 || digits > 15) return null
  return Decimal.of(first === 45 ? 0 - units : units, point < 0 ? 0 : length - point - 1)
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,7}))?$/

function parseLong(text: string): Decimal | null {
  const match = DECIMAL.exec(text)
  if (match === null) return null
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match
  if (whole === '' && fraction === '') return null
  const exponent = Number(exponentText)
  if (Math.abs(exponent) > MAX_EXPONENT) return null
  const magnitude = BigInt(whole + fraction)
  const scale = fraction.length - exponent
  const units = scale < 0 ? magnitude * powerOfTen(-scale) : magnitude
  return Decimal.of(toLane(sign === '-' ? -units : units), Math.max(scale, 0))
}
