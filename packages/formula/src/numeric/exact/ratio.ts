import type { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { ExprType } from '../../bound.ts'
import { NUM } from '../../value/cell-errors.ts'
import { realForm } from '../../value/real.ts'

/** A fraction of whole numbers, exact; `below` is not 0. */
export interface Ratio {
  readonly above: bigint
  readonly below: bigint
}

/** Numbers as whole multiples of `1/10^scale`. */
export interface WholeNumbers {
  readonly units: readonly bigint[]
  readonly scale: number
}

/** Numbers of any kind at one common scale; a double is the decimal that it prints as. */
export function wholeNumbers(numbers: readonly AnyNumber[]): WholeNumbers {
  const decimals = numbers.map(toDecimal)
  const scale = decimals.reduce((most, one) => Math.max(most, one.scale), 0)
  return { units: decimals.map((one) => BigInt(one.units) * 10n ** BigInt(scale - one.scale)), scale }
}

export function sumOf(units: readonly bigint[]): bigint {
  let sum = 0n
  for (const one of units) sum += one
  return sum
}

/** `above / below / 10^scale`. */
export function ratio(above: bigint, below: bigint, scale = 0): Ratio {
  return scale >= 0 ? { above, below: below * 10n ** BigInt(scale) } : { above: above * 10n ** BigInt(-scale), below }
}

/** More digits of the quotient than any form keeps. */
const DIGITS = 40
/** Digits that quotients keep as decimals, and their places behind the point (FORMATS 1). */
const KEPT_DIGITS = 15
const KEPT_PLACES = 38

/** The quotient cut off to 40 digits: `units / 10^places`, `places` may be negative. */
function divided({ above, below }: Ratio): { readonly units: bigint; readonly places: number } {
  const places = DIGITS + lengthOf(below) - lengthOf(above)
  const units = places >= 0 ? (above * 10n ** BigInt(places)) / below : above / (below * 10n ** BigInt(-places))
  return { units, places }
}

function lengthOf(whole: bigint): number {
  return String(whole < 0n ? -whole : whole).length
}

/** The nearest double. */
export function toDouble(value: Ratio): number {
  const { units, places } = divided(value)
  return Number(`${units}e${-places}`)
}

/** A fraction in the form of a call's result: as quotients are kept, a decimal of 15 digits or a double. What has no such form is `#NUM!`. */
export function ratioForm(result: ExprType): (value: Ratio) => Decimal | number | CellError {
  if (result.type?.type === 'double') {
    const form = realForm(result)
    return (value) => form(toDouble(value)) as number | CellError
  }
  return (value) => {
    const { units, places } = divided(value)
    const quotient = places >= 0 ? Decimal.of(units, places) : Decimal.of(units * 10n ** BigInt(-places), 0)
    const kept = quotient.significant(KEPT_DIGITS)
    if (kept.scale > KEPT_PLACES) return kept.rescale(KEPT_PLACES, 'half-away').normalize()
    return kept.digits() <= KEPT_PLACES ? kept : NUM
  }
}
