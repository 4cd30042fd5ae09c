import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { fractionalPowerDigits } from '@sheetflow/formula/value/fractional-power'
import { compareFractions, decimalOf, fractionOf } from './plain.ts'
import type { Fraction } from './plain.ts'

/**
 * A number inside of arithmetic. Exact ones are what they are; of others `places` says up to where they are meant (docs/formulas.md, quotients), null: to 15
 * digits.
 */
export interface InnerNumber {
  readonly is: Fraction
  readonly exact: boolean
  readonly places: number | null
}

const ZERO: Fraction = [0n, 1n]

export function exactly(is: Fraction): InnerNumber {
  return { is, exact: true, places: null }
}

/** A quotient or power: one of at most 15 digits and 38 places is a decimal as any other. */
export function meant(is: Fraction): InnerNumber {
  if (is[0] === 0n) return exactly(ZERO)
  const short = shown({ is, exact: false, places: null })
  const isShort = !isCellError(short) && compareFractions(fractionOf(short), is) === 0
  return isShort ? exactly(fractionOf(short)) : { is, exact: false, places: null }
}

/** `+ - * /` and `^` of numbers that were read. */
export function combined(op: string, a: InnerNumber, b: InnerNumber): InnerNumber | CellError {
  switch (op) {
    case '+':
      return added(a, b)
    case '-':
      return added(a, { ...b, is: [-b.is[0], b.is[1]] })
    case '*':
      return product(a, [b.is[0], b.is[1]], b.exact)
    case '/':
      if (b.is[0] === 0n) return new CellError('#DIV/0!')
      return quotient(a, b)
    default:
      return power(a, b)
  }
}

function added(a: InnerNumber, b: InnerNumber): InnerNumber | CellError {
  const is: Fraction = [a.is[0] * b.is[1] + b.is[0] * a.is[1], a.is[1] * b.is[1]]
  if (a.exact && b.exact) return ofDecimals(is)
  const places = Math.min(...[a, b].filter((one) => !one.exact).map(placesOf))
  // What is less than half of the last place that is meant.
  const doubled: Fraction = [2n * (is[0] < 0n ? -is[0] : is[0]), is[1]]
  const last: Fraction = places >= 0 ? [1n, 10n ** BigInt(places)] : [10n ** BigInt(-places), 1n]
  return compareFractions(doubled, last) < 0 ? exactly(ZERO) : { is, exact: false, places }
}

function product(a: InnerNumber, [above, below]: Fraction, exact: boolean): InnerNumber | CellError {
  const is: Fraction = [a.is[0] * above, a.is[1] * below]
  if (a.exact && exact) return ofDecimals(is)
  return is[0] === 0n ? exactly(ZERO) : { is, exact: false, places: null }
}

function quotient(a: InnerNumber, b: InnerNumber): InnerNumber {
  const [above, below] = [a.is[0] * b.is[1], a.is[1] * b.is[0]]
  const is: Fraction = below < 0n ? [-above, -below] : [above, below]
  if (above === 0n) return exactly(ZERO)
  return a.exact && b.exact ? meant(is) : { is, exact: false, places: null }
}

function power(base: InnerNumber, exponent: InnerNumber): InnerNumber | CellError {
  const sign = exponent.is[0]
  if (base.is[0] === 0n) return sign === 0n ? new CellError('#NUM!') : sign < 0n ? new CellError('#DIV/0!') : exactly(ZERO)
  if (sign % exponent.is[1] === 0n) return wholePower(base.is, sign / exponent.is[1])
  if (base.is[0] < 0n) return new CellError('#NUM!')
  const digits = 10n ** 60n
  const found = fractionalPowerDigits({ units: (base.is[0] * digits) / base.is[1], exponent: -60 }, exponent.is[0], exponent.is[1])
  if (found === null) return new CellError('#NUM!')
  const { units, exponent: tens } = found
  if (units === 0n) return exactly(ZERO)
  return meant(tens >= 0 ? [units * 10n ** BigInt(tens), 1n] : [units, 10n ** BigInt(-tens)])
}

function wholePower([above, below]: Fraction, exponent: bigint): InnerNumber | CellError {
  const times = exponent < 0n ? -exponent : exponent
  const most = Math.max(String(above).length, String(below).length)
  if (times * BigInt(most) > 20_000n) {
    // So many digits are nothing, or more than any number has.
    return Math.abs(Number(above)) > Number(below) === exponent > 0n ? new CellError('#NUM!') : exactly(ZERO)
  }
  const [x, y] = [above ** times, below ** times]
  if (exponent >= 0n) return meant([x, y])
  return meant(x < 0n ? [-y, -x] : [y, x])
}

/** Decimals among themselves have up to 38 digits. */
function ofDecimals(is: Fraction): InnerNumber | CellError {
  const decimal = decimalOf(is)
  return isCellError(decimal) ? decimal : exactly(fractionOf(decimal))
}

function placesOf({ is, places }: InnerNumber): number {
  return places ?? 15 - wholeDigits(is)
}

/** Digits before the point; of 0.05 it is −1. */
function wholeDigits([above, below]: Fraction): number {
  const size: Fraction = [above < 0n ? -above : above, below]
  let digits = String(size[0]).length - String(below).length
  while (compareFractions(size, tenTo(digits)) >= 0) digits++
  while (compareFractions(size, tenTo(digits - 1)) < 0) digits--
  return digits
}

function tenTo(digits: number): Fraction {
  return digits >= 0 ? [10n ** BigInt(digits), 1n] : [1n, 10n ** BigInt(-digits)]
}

/** What leaves the arithmetic. */
export function shown(number: InnerNumber): Decimal | CellError {
  if (number.exact) return decimalOf(number.is)
  const [above, below] = number.is
  const whole = wholeDigits(number.is)
  if (whole > 38) return new CellError('#NUM!')
  if (whole < -38) return Decimal.ZERO
  const places = Math.min(placesOf(number), whole > 0 ? 38 - whole : 38)
  const [up, down] = places >= 0 ? [10n ** BigInt(places), 1n] : [1n, 10n ** BigInt(-places)]
  const units = (2n * (above < 0n ? -above : above) * up + below * down) / (2n * below * down)
  const signed = (above < 0n ? -units : units) * down
  return decimalOf([signed, up])
}

/** The double next to it. */
export function nearestDouble({ is: [above, below] }: InnerNumber): number {
  if (above === 0n) return 0
  const places = 40 - wholeDigits([above, below])
  const digits = places >= 0 ? (above * 10n ** BigInt(places)) / below : above / (below * 10n ** BigInt(-places))
  return Number(`${digits}e${-places}`)
}
