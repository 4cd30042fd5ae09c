import type { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { digitCount, powerOfTen } from '@sheetflow/core/decimal-units'
import type { Value } from '@sheetflow/core/value'
import { NUM } from './cell-errors.ts'

/** Significant digits that quotients and powers are meant to, and digits that a decimal has at most (FORMATS 1). */
const MEANT_DIGITS = 15
const MOST_DIGITS = 38
/** A numerator or denominator beyond this is cut down to so many digits; more than any formula that somebody writes comes to. */
const LONGEST = powerOfTen(400)
const CUT_DIGITS = 60
/** Intermediate results are not greater than 10^400; smaller ones than 10^−400 are nothing. */
const RANGE = 400

/**
 * A number on its way through a chain of arithmetic in which a quotient, a power or a time of day takes part (ADR 035): the fraction `above / below`, exact, and never
 * zero. It is rounded once, where it leaves the chain: to `places` behind the point (negative: before it), or to 15 significant digits where `places` is null.
 */
export class Unrounded {
  readonly above: bigint
  /** Greater than zero. */
  readonly below: bigint
  readonly places: number | null

  private constructor(above: bigint, below: bigint, places: number | null) {
    this.above = above
    this.below = below
    this.places = places
  }

  /** `below` is not zero; of nothing it is 0, of what is out of all range `#NUM!`. */
  static of(above: bigint, below: bigint, places: number | null): Decimal | Unrounded | CellError {
    if (above === 0n) return Decimal.ZERO
    const [n, d] = below < 0n ? [-above, -below] : [above, below]
    if (n < LONGEST && n > -LONGEST && d < LONGEST) return new Unrounded(n, d, places)
    const whole = wholeDigits(n, d)
    if (Math.abs(whole) > RANGE) return whole > 0 ? NUM : Decimal.ZERO
    const shift = CUT_DIGITS - whole
    return shift >= 0
      ? new Unrounded((n * powerOfTen(shift)) / d, powerOfTen(shift), places)
      : new Unrounded((n / (d * powerOfTen(-shift))) * powerOfTen(-shift), 1n, places)
  }

  /** Up to how many places behind the point it is meant. */
  meantPlaces(): number {
    return this.places ?? MEANT_DIGITS - wholeDigits(this.above, this.below)
  }

  /** As it leaves the chain: half away from zero, without trailing zeros; more than 38 digits before the point are `#NUM!`, what is beyond 38 places vanishes. */
  rounded(): Decimal | CellError {
    const { above, below } = this
    const whole = wholeDigits(above, below)
    if (whole > MOST_DIGITS) return NUM
    if (whole < -MOST_DIGITS) return Decimal.ZERO
    const places = Math.min(this.places ?? MEANT_DIGITS - whole, MOST_DIGITS - Math.max(whole, 0))
    const size = above < 0n ? -above : above
    const [dividend, divisor] = places >= 0 ? [size * powerOfTen(places), below] : [size, below * powerOfTen(-places)]
    const units = (2n * dividend + divisor) / (2n * divisor)
    const signed = above < 0n ? -units : units
    const result = places >= 0 ? Decimal.of(signed, places).normalize() : Decimal.of(signed * powerOfTen(-places), 0)
    return result.digits() <= MOST_DIGITS ? result : NUM
  }

  /** The nearest double, or nearly so; ±Infinity beyond their range. */
  toNumber(): number {
    const shift = CUT_DIGITS - wholeDigits(this.above, this.below)
    const units = shift >= 0 ? (this.above * powerOfTen(shift)) / this.below : this.above / (this.below * powerOfTen(-shift))
    return Number(`${units}e${-shift}`)
  }
}

/**
 * Where a part of a formula is marked `unrounded` its value may be one of these, in the place of a decimal. Only what reads such a part ever meets it, so that no
 * other code has to know of them.
 */
export function passOn(value: Decimal | Unrounded | CellError): Value {
  return value as Value
}

/** A value that leaves a chain. */
export function leaveChain(value: unknown): Value {
  return value instanceof Unrounded ? value.rounded() : (value as Value)
}

/** Digits of a fraction before the point; 0 for 0.5, −1 for 0.05. */
function wholeDigits(above: bigint, below: bigint): number {
  const size = above < 0n ? -above : above
  const digits = digitCount(size) - digitCount(below)
  const isLonger = digits >= 0 ? size >= below * powerOfTen(digits) : size * powerOfTen(-digits) >= below
  return isLonger ? digits + 1 : digits
}
