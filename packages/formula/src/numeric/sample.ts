import { Decimal } from '@sheetflow/core/decimal'
import { compareNumbers, toDecimal, type AnyNumber } from '@sheetflow/core/number'

/** `n·Σx² − (Σx)²`, exact: `n` times the sum of the squared distances from the mean. Divided by `n²` it is the variance, by `n·(n−1)` that of a sample. */
export function squaredSpread(numbers: readonly AnyNumber[]): Decimal {
  const decimals = numbers.map(toDecimal)
  const scale = decimals.reduce((most, one) => Math.max(most, one.scale), 0)
  let sum = 0n
  let squares = 0n
  for (const one of decimals) {
    const units = BigInt(one.rescale(scale, 'truncate').units)
    sum += units
    squares += units * units
  }
  return Decimal.of(BigInt(decimals.length) * squares - sum * sum, scale * 2)
}

/** From the smallest on. */
export function sorted(numbers: readonly AnyNumber[]): readonly AnyNumber[] {
  return numbers.toSorted(compareNumbers)
}

/** The number that occurs most often, of several the first; null where none occurs twice. */
export function mode(numbers: readonly AnyNumber[]): AnyNumber | null {
  const counts = new Map<string, { readonly number: AnyNumber; count: number }>()
  for (const number of numbers) {
    const key = toDecimal(number).normalize().toString()
    const seen = counts.get(key)
    if (seen === undefined) counts.set(key, { number, count: 1 })
    else seen.count++
  }
  let best: { readonly number: AnyNumber; readonly count: number } | null = null
  for (const one of counts.values()) if (one.count > (best?.count ?? 1)) best = one
  return best?.number ?? null
}

/** Where a quantile lies among sorted numbers, counted from 0: at a place, or so far between it and the next. */
export interface QuantilePlace {
  readonly index: number
  readonly fraction: Decimal
}

/**
 * The place of the quantile `k` among `count` numbers. `inclusive`: 0 is the smallest and 1 the greatest number (PERCENTILE.INC); else both ends lie outside
 * (PERCENTILE.EXC). Null where there is none.
 */
export function quantilePlace(k: Decimal, count: number, inclusive: boolean): QuantilePlace | null {
  const steps = k.mul(Decimal.of(inclusive ? count - 1 : count + 1, 0))
  const place = inclusive ? steps : (steps?.sub(Decimal.of(1, 0)) ?? null)
  if (place === null || place.sign() < 0) return null
  const whole = place.rescale(0, 'truncate')
  const fraction = place.sub(whole) ?? Decimal.ZERO
  const index = Number(whole.units)
  return index > count - 1 || (index === count - 1 && !fraction.isZero()) ? null : { index, fraction }
}
