import type { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { AnyNumber } from '@sheetflow/core/number'
import type { ExprType } from '../bound.ts'
import { NUM } from './cell-errors.ts'
import { inLane } from './in-lane.ts'

/** Digits that a computed decimal keeps (FORMATS 1). */
const DIGITS = 15
/** Digits, and so places behind the point, that a decimal has at most: smaller parts vanish, as those of quotients do. */
const PLACES = 38

/**
 * What a function computed in doubles gives, in the form of its result type: a decimal of 15 digits, or a double where an argument was one (FORMATS 1). What is
 * no finite number, or has more than 38 digits before the point as a decimal, is `#NUM!`.
 */
export function realForm({ type }: ExprType): (number: number) => AnyNumber | CellError {
  if (type?.type === 'double') return (number) => (Number.isFinite(number) ? number + 0 : NUM)
  return (number) => {
    if (!Number.isFinite(number)) return NUM
    // Rounded once: the shortest form of the double is rounded already.
    const value = Decimal.parse(number.toPrecision(DIGITS)).normalize()
    if (value.scale > PLACES) return value.rescale(PLACES, 'half-away').normalize()
    return value.digits() <= PLACES ? value : NUM
  }
}

/** What was computed exactly, in the form of the same result types: all its digits, or the nearest double. More than 38 digits are `#NUM!`. */
export function exactForm({ type }: ExprType): (number: Decimal) => AnyNumber | CellError {
  const lane = type?.type === 'double' ? 'double' : 'decimal'
  return (number) => inLane(number, lane)
}
