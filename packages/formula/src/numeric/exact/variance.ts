import type { AnyNumber } from '@sheetflow/core/number'
import { ratio, sumOf, wholeNumbers, type Ratio } from './ratio.ts'

/** The mean, exact; null of none. */
export function mean(numbers: readonly AnyNumber[]): Ratio | null {
  const { units, scale } = wholeNumbers(numbers)
  return units.length === 0 ? null : ratio(sumOf(units), BigInt(units.length), scale)
}

/** The variance, exact: of a sample (by n − 1) or of all there is; null of too few. */
export function variance(numbers: readonly AnyNumber[], ofSample: boolean): Ratio | null {
  const { units, scale } = wholeNumbers(numbers)
  const n = BigInt(units.length)
  const by = ofSample ? n - 1n : n
  if (by <= 0n) return null
  const sum = sumOf(units)
  return ratio(n * sumOf(units.map((one) => one * one)) - sum * sum, n * by, 2 * scale)
}
