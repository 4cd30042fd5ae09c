import { Decimal } from '@sheetflow/core/decimal'
import { floatOf, type DecimalFloat } from '@sheetflow/core/decimal-float'
import { digitCount, powerOfTen } from '@sheetflow/core/decimal-units'

/**
 * Powers with a fraction in the exponent, computed in decimals so that every machine gets the same digits (law 13):
 * `b^x = exp(x · ln b)`, to 50 places inside, 15 significant digits kept.
 */
export function fractionalPower(base: Decimal, exponent: Decimal): Decimal | null {
  const power = fractionalPowerDigits(floatOf(base.units, base.scale), BigInt(exponent.units), powerOfTen(exponent.scale))
  if (power === null) return null
  const { units, exponent: tens } = power
  const result = (tens <= 0 ? Decimal.of(units, -tens) : Decimal.of(units * powerOfTen(tens), 0)).significant(15)
  const stored = result.scale > 38 ? result.rescale(38, 'half-away').normalize() : result
  return stored.digits() > 38 ? null : stored
}

/** `base^(above / below)` for a positive base, to 50 digits: null where it is far beyond 38 digits, 0 where it is far below 38 places. */
export function fractionalPowerDigits(base: DecimalFloat, above: bigint, below: bigint): DecimalFloat | null {
  const power = multiply((above * ONE) / below, naturalLog(base))
  // e^2000 is far beyond 38 digits, e^-2000 far below.
  if (power > 2000n * ONE) return null
  if (power < -2000n * ONE) return { units: 0n, exponent: 0 }
  return exponential(power)
}

const PLACES = 60
const ONE: bigint = powerOfTen(PLACES)

function multiply(a: bigint, b: bigint): bigint {
  return (a * b) / ONE
}

/** ln of a positive number: `m · 10^k` with m near 1. */
function naturalLog({ units, exponent }: DecimalFloat): bigint {
  const digits = digitCount(units)
  return logOfMantissa((units * ONE) / powerOfTen(digits)) + BigInt(digits + exponent) * LN10
}

/** ln m for 0.1 ≤ m < 1: doubled until m is near 1, then `2·artanh((m−1)/(m+1))`. */
function logOfMantissa(mantissa: bigint): bigint {
  let m = mantissa
  let halvings = 0n
  while (m < (ONE * 3n) / 4n) {
    m *= 2n
    halvings++
  }
  return artanhLog(m) - halvings * LN2
}

function artanhLog(m: bigint): bigint {
  const z = ((m - ONE) * ONE) / (m + ONE)
  const square = multiply(z, z)
  let term = z
  let sum = z
  for (let n = 3n; term !== 0n; n += 2n) {
    term = multiply(term, square)
    sum += term / n
  }
  return 2n * sum
}

const LN2: bigint = -artanhLogOfHalf()
const LN10: bigint = 3n * LN2 + artanhLog((ONE * 5n) / 4n)

/** ln ½ = 2·artanh(−1/3). */
function artanhLogOfHalf(): bigint {
  return artanhLog(ONE / 2n)
}

/** e^x: x is halved until the series is short, then squared back. */
function exponential(x: bigint): DecimalFloat {
  const tens = x / LN10
  let rest = x - tens * LN10
  rest /= 256n
  let term = ONE
  let sum = ONE
  for (let n = 1n; term !== 0n; n++) {
    term = multiply(term, rest) / n
    sum += term
  }
  for (let i = 0; i < 8; i++) sum = multiply(sum, sum)
  return { units: sum, exponent: Number(tens) - PLACES }
}
