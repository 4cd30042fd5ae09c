import type { Decimal } from '@sheetflow/core/decimal'
import { toDecimal, type AnyNumber } from '@sheetflow/core/number'

/** Digits of a double that Excel shows and rounds by. */
const DIGITS = 15

/** A number to be rounded, exact; of a double the 15 digits that are sure, so that 0.1+0.2 is 0.3, as rounding in Excel sees it. */
export function withoutNoise(number: AnyNumber): Decimal {
  const exact = toDecimal(number)
  return typeof number === 'number' && !Number.isInteger(number) ? exact.significant(DIGITS) : exact
}
