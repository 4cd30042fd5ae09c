import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import { NUM } from './cell-errors.ts'

/** Digits that a computed decimal keeps (FORMATS 1). */
const DIGITS = 15

/**
 * What a function computed in doubles gives, in the form of its result type: a decimal of 15 digits, or a double where an argument was one (FORMATS 1). What is
 * no finite number, or has more than 38 digits as a decimal, is `#NUM!`.
 */
export function realForm({ type }: ExprType): (number: number) => Value {
  if (type?.type === 'double') return (number) => (Number.isFinite(number) ? number + 0 : NUM)
  return (number) => {
    if (!Number.isFinite(number)) return NUM
    const value = Decimal.fromNumber(number).significant(DIGITS)
    return value.digits() <= 38 ? value : NUM
  }
}
