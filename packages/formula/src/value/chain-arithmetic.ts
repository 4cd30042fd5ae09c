import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { floatOf, floatPower, type DecimalFloat } from '@sheetflow/core/decimal-float'
import { digitCount, powerOfTen } from '@sheetflow/core/decimal-units'
import { powerDecimal, spendPower } from './arithmetic.ts'
import { DIV0, NUM } from './cell-errors.ts'
import { fractionalPowerDigits } from './fractional-power.ts'
import { Unrounded } from './unrounded.ts'

/**
 * Arithmetic inside of a chain (ADR 035): decimals among themselves are computed as ever, exactly; a quotient or power that has more than 15 digits stays unrounded,
 * and so does all that is computed from it.
 */
export type ChainNumber = Decimal | Unrounded

/** What a chain computes with two numbers; where it takes one the second is not looked at. */
export type ChainCombine = (a: ChainNumber, b: ChainNumber) => ChainNumber | CellError

const MEANT_DIGITS = 15
const MOST_PLACES = 38

/** `a / b`; exact where the quotient has at most 15 digits. */
export function chainDivide(a: ChainNumber, b: ChainNumber): ChainNumber | CellError {
  if (isNothing(b)) return DIV0
  if (isNothing(a)) return Decimal.ZERO
  if (a instanceof Decimal && b instanceof Decimal) {
    const exact = exactQuotient(a, b)
    if (exact !== null) return exact
  }
  const [x, y] = [fractionOf(a), fractionOf(b)]
  return Unrounded.of(x.above * y.below, x.below * y.above, null)
}

export function chainMultiply(a: ChainNumber, b: ChainNumber): ChainNumber | CellError {
  if (a instanceof Decimal && b instanceof Decimal) return a.mul(b) ?? NUM
  const [x, y] = [fractionOf(a), fractionOf(b)]
  return Unrounded.of(x.above * y.above, x.below * y.below, null)
}

/** `a + b`, meant up to the places of the coarsest of them; what is nothing there is 0. */
export function chainAdd(a: ChainNumber, b: ChainNumber): ChainNumber | CellError {
  if (a instanceof Decimal && b instanceof Decimal) return a.add(b) ?? NUM
  const places = Math.min(placesOf(a), placesOf(b))
  const [x, y] = [fractionOf(a), fractionOf(b)]
  const [above, below] = x.below === y.below ? [x.above + y.above, x.below] : [x.above * y.below + y.above * x.below, x.below * y.below]
  const twice = 2n * (above < 0n ? -above : above)
  const vanishes = places >= 0 ? twice * powerOfTen(places) < below : twice < below * powerOfTen(-places)
  return vanishes ? Decimal.ZERO : Unrounded.of(above, below, places)
}

export function chainSubtract(a: ChainNumber, b: ChainNumber): ChainNumber | CellError {
  const minus = chainNegate(b)
  return isCellError(minus) ? minus : chainAdd(a, minus)
}

export function chainNegate(a: ChainNumber): ChainNumber | CellError {
  return a instanceof Decimal ? a.neg() : Unrounded.of(-a.above, a.below, a.places)
}

/** Digits of a power while a chain goes on. */
const POWER_DIGITS = 60

/** Excel's `^`, as `powerDecimal`, with at least 50 digits where it does not come out in 15. */
export function chainPower(base: ChainNumber, exponent: ChainNumber): ChainNumber | CellError {
  if (isNothing(base)) return powerDecimal(Decimal.ZERO, isNothing(exponent) ? Decimal.ZERO : Decimal.of(signOf(exponent), 0))
  if (isNothing(exponent)) return Decimal.of(1, 0)
  const { above, below } = fractionOf(exponent)
  const isWhole = above % below === 0n
  spendPower(isWhole)
  const digits = digitsOf(base)
  if (isWhole) {
    const whole = Number(above / below)
    if (!Number.isSafeInteger(whole)) return NUM
    const power = floatPower(digits, whole)
    return power === null ? NUM : powerOf(power.units, power.exponent)
  }
  if (signOf(base) < 0) return NUM
  const power = fractionalPowerDigits(digits, above, below)
  return power === null ? NUM : powerOf(power.units, power.exponent)
}

/** `units × 10^exponent`; exact where that has at most 15 digits. */
function powerOf(units: bigint, exponent: number): ChainNumber | CellError {
  if (units === 0n) return Decimal.ZERO
  if (Math.abs(exponent) > 1000) return exponent > 0 ? NUM : Decimal.ZERO
  const exact = ofFewDigits(units, -exponent)
  if (exact !== null) return exact
  return exponent >= 0 ? Unrounded.of(units * powerOfTen(exponent), 1n, null) : Unrounded.of(units, powerOfTen(-exponent), null)
}

/** At most 60 digits of a number, cut off. */
function digitsOf(value: ChainNumber): DecimalFloat {
  if (value instanceof Decimal) return floatOf(value.units, value.scale)
  const { above, below } = value
  const shift = POWER_DIGITS + digitCount(below) - digitCount(above)
  return { units: shift >= 0 ? (above * powerOfTen(shift)) / below : above / (below * powerOfTen(-shift)), exponent: -shift }
}

function placesOf(value: ChainNumber): number {
  return value instanceof Decimal ? Infinity : value.meantPlaces()
}

function isNothing(value: ChainNumber): boolean {
  return value instanceof Decimal && value.isZero()
}

function signOf(value: ChainNumber): number {
  return value instanceof Decimal ? value.sign() : value.above < 0n ? -1 : 1
}

function fractionOf(value: ChainNumber): { readonly above: bigint; readonly below: bigint } {
  return value instanceof Decimal ? { above: BigInt(value.units), below: powerOfTen(value.scale) } : value
}

/** The quotient where it has at most 15 significant digits, and 38 places; null: it has more. Neither is zero. */
function exactQuotient(a: Decimal, b: Decimal): Decimal | null {
  if (typeof a.units === 'number' && typeof b.units === 'number') {
    // Of a divisor without its factors 2 and 5 the quotient either is whole or never ends.
    let rest = Math.abs(b.units)
    let twos = 0
    let fives = 0
    for (; rest % 2 === 0; twos++) rest /= 2
    for (; rest % 5 === 0; fives++) rest /= 5
    if (a.units % rest !== 0) return null
    const places = Math.max(twos, fives)
    const units = Math.sign(b.units) * (a.units / rest) * 2 ** (places - twos) * 5 ** (places - fives)
    if (Number.isSafeInteger(units)) return ofFewDigits(units, places + a.scale - b.scale)
  }
  const quotient = a.div(b)
  if (quotient === null) return null
  const product = BigInt(quotient.units) * BigInt(b.units) * powerOfTen(a.scale)
  return product === BigInt(a.units) * powerOfTen(quotient.scale + b.scale) ? quotient : null
}

/** `units / 10^scale`, if that has at most 15 significant digits, 38 places, and 38 digits in all. */
function ofFewDigits(units: number | bigint, scale: number): Decimal | null {
  if (scale < -MOST_PLACES || scale > 4 * MOST_PLACES) return null
  const value = scale >= 0 ? Decimal.of(units, scale).normalize() : Decimal.of(BigInt(units) * powerOfTen(-scale), 0)
  if (value.scale > MOST_PLACES || value.digits() > MOST_PLACES) return null
  return digitCount(value.units) <= MEANT_DIGITS || value.significant(MEANT_DIGITS).eq(value) ? value : null
}
