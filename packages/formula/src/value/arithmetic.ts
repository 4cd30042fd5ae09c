import type { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { AnyNumber } from '@sheetflow/core/number'
import { spend } from './budget.ts'
import { DIV0, NUM } from './cell-errors.ts'
import type { Lane } from './lane.ts'
import { fractionalPower } from './fractional-power.ts'

/** `+ − *` over two numbers of one lane; out of range is `#NUM!`. */
export type Combine = (a: AnyNumber, b: AnyNumber) => AnyNumber | CellError

const MIN_BIGINT = -(2n ** 63n)
const MAX_BIGINT = 2n ** 63n - 1n

/** A whole number of the int lane: beyond ±(2^53 − 1) it is `#NUM!`. */
function int(value: number): number | CellError {
  return Number.isSafeInteger(value) ? value + 0 : NUM
}

/** A number of the bigint lane: 64 bits, as the columns that hold them. */
export function bigint(value: bigint): bigint | CellError {
  return value >= MIN_BIGINT && value <= MAX_BIGINT ? value : NUM
}

/** A finite double without a negative zero. */
export function double(value: number): number | CellError {
  return Number.isFinite(value) ? value + 0 : NUM
}

/** Lane → operation, for operations whose result stays in the lane of its operands. */
export const ADD: Readonly<Record<Lane, Combine>> = {
  int: (a, b) => int((a as number) + (b as number)),
  bigint: (a, b) => bigint((a as bigint) + (b as bigint)),
  decimal: (a, b) => (a as Decimal).add(b as Decimal) ?? NUM,
  double: (a, b) => double((a as number) + (b as number)),
}

/** See `ADD`. */
export const SUBTRACT: Readonly<Record<Lane, Combine>> = {
  int: (a, b) => int((a as number) - (b as number)),
  bigint: (a, b) => bigint((a as bigint) - (b as bigint)),
  decimal: (a, b) => (a as Decimal).sub(b as Decimal) ?? NUM,
  double: (a, b) => double((a as number) - (b as number)),
}

/** See `ADD`. */
export const MULTIPLY: Readonly<Record<Lane, Combine>> = {
  int: (a, b) => int((a as number) * (b as number)),
  bigint: (a, b) => bigint((a as bigint) * (b as bigint)),
  decimal: (a, b) => (a as Decimal).mul(b as Decimal) ?? NUM,
  double: (a, b) => double((a as number) * (b as number)),
}

/** Exact numbers divide as decimals: 34 digits computed, 15 kept. */
export function divideDecimal(a: Decimal, b: Decimal): Decimal | CellError {
  return b.isZero() ? DIV0 : (a.div(b) ?? NUM)
}

export function divideDouble(a: number, b: number): number | CellError {
  return b === 0 ? DIV0 : double(a / b)
}

/** What an exact power counts in the budget of an evaluation. */
const WHOLE_POWER = 150
const FRACTIONAL_POWER = 600

/** Counts a power of decimals in the budget; one with a whole exponent is the cheaper one. */
export function spendPower(isWhole: boolean): void {
  spend(isWhole ? WHOLE_POWER : FRACTIONAL_POWER)
}

/** Excel's `^`: `0^0` is `#NUM!`, zero to a negative power `#DIV/0!`, a root of a negative number `#NUM!`. */
export function powerDecimal(base: Decimal, exponent: Decimal): Decimal | CellError {
  if (base.isZero()) return exponent.isZero() ? NUM : exponent.sign() < 0 ? DIV0 : Decimal.ZERO
  const whole = exponent.normalize()
  spendPower(whole.scale === 0)
  if (whole.scale > 0) return base.sign() < 0 ? NUM : (fractionalPower(base, exponent) ?? NUM)
  const small = Number(whole.units)
  return Number.isSafeInteger(small) ? (base.pow(small) ?? NUM) : NUM
}

export function powerDouble(base: number, exponent: number): number | CellError {
  if (base === 0) return exponent === 0 ? NUM : exponent < 0 ? DIV0 : 0
  return double(base ** exponent)
}

/** The same with the sign turned. */
export const NEGATE: Readonly<Record<Lane, (a: AnyNumber) => AnyNumber | CellError>> = {
  int: (a) => 0 - (a as number),
  bigint: (a) => bigint(-(a as bigint)),
  decimal: (a) => (a as Decimal).neg(),
  double: (a) => 0 - (a as number),
}

/**
 * MOD with the sign of the divisor, exact: `a − b·FLOOR(a/b)`.
 */
export function modulo(lane: Lane): Combine {
  switch (lane) {
    case 'int':
    case 'double':
      return (a, b) => {
        const [x, y] = [a as number, b as number]
        if (y === 0) return DIV0
        const rest = x % y
        return rest === 0 ? 0 : rest < 0 === y < 0 ? rest : rest + y
      }
    case 'bigint':
      return (a, b) => {
        const [x, y] = [a as bigint, b as bigint]
        if (y === 0n) return DIV0
        const rest = x % y
        return rest === 0n || rest < 0n === y < 0n ? rest : rest + y
      }
    case 'decimal':
      return (a, b) => moduloDecimal(a as Decimal, b as Decimal)
  }
}

function moduloDecimal(a: Decimal, b: Decimal): Decimal | CellError {
  if (b.isZero()) return DIV0
  const scale = Math.max(a.scale, b.scale)
  const [x, y] = [BigInt(a.rescale(scale, 'truncate').units), BigInt(b.rescale(scale, 'truncate').units)]
  const rest = x % y
  return Decimal.of(rest === 0n || rest < 0n === y < 0n ? rest : rest + y, scale)
}
