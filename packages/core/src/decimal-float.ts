import { digitCount, divideBig, powerOfTen } from './decimal-units.ts'
import type { Units } from './decimal-units.ts'

/** `units × 10^exponent`: the working form of quotients and powers. */
export interface DecimalFloat {
  readonly units: bigint
  readonly exponent: number
}

/** Digits of a quotient before it is rounded; what lies behind them is cut off, so the rounding that follows is the only one. */
const QUOTIENT = 34
/** Working digits of powers: a chain of ≤ 106 multiplications (53-bit exponent) loses far less than the 34 that are promised. */
const WORKING = 60
/** Beyond this a power has overflowed or vanished whatever follows. */
const FAR = 1_000_000

export function floatOf(units: Units, scale: number): DecimalFloat {
  return { units: BigInt(units), exponent: -scale }
}

/** a / b to 34 significant digits, cut off. `b` is not zero. */
export function floatDivide(a: DecimalFloat, b: DecimalFloat, digits: number = QUOTIENT): DecimalFloat {
  const shift = Math.max(0, digits + digitCount(b.units) - digitCount(a.units) + 1)
  return { units: (a.units * powerOfTen(shift)) / b.units, exponent: a.exponent - b.exponent - shift }
}

/** base^exponent by squaring; null where it left every range, zero where it vanished. */
export function floatPower(base: DecimalFloat, exponent: number): DecimalFloat | null {
  const magnitude = positivePower(base, Math.abs(exponent))
  if (exponent >= 0) return magnitude.exponent > FAR ? null : magnitude
  if (magnitude.exponent > FAR) return { units: 0n, exponent: 0 }
  if (magnitude.units === 0n) return null
  return floatDivide({ units: 1n, exponent: 0 }, magnitude, WORKING)
}

/** At most so many significant digits, half away from zero. */
export function floatRound(value: DecimalFloat, digits: number): DecimalFloat {
  const excess = digitCount(value.units) - digits
  if (excess <= 0) return value
  return { units: divideBig(value.units, powerOfTen(excess), 'half-away'), exponent: value.exponent + excess }
}

function positivePower(base: DecimalFloat, exponent: number): DecimalFloat {
  let result: DecimalFloat = { units: 1n, exponent: 0 }
  let square = base
  for (let rest = exponent; rest > 0;) {
    if (rest % 2 === 1) result = multiply(result, square)
    rest = Math.floor(rest / 2)
    if (rest > 0) square = multiply(square, square)
    if (isFar(result) || isFar(square)) return far(result, square)
  }
  return result
}

function isFar(value: DecimalFloat): boolean {
  return Math.abs(value.exponent) > FAR
}

/** A factor left the range: the power is infinite or nothing, by the direction in which it left. */
function far(result: DecimalFloat, square: DecimalFloat): DecimalFloat {
  const gone = isFar(result) ? result : square
  return gone.exponent > 0 ? { units: 1n, exponent: FAR + 1 } : { units: 0n, exponent: 0 }
}

function multiply(a: DecimalFloat, b: DecimalFloat): DecimalFloat {
  const units = a.units * b.units
  const excess = digitCount(units) - WORKING
  if (excess <= 0) return { units, exponent: a.exponent + b.exponent }
  return { units: units / powerOfTen(excess), exponent: a.exponent + b.exponent + excess }
}
