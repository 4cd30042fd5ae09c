import { Decimal } from './decimal.ts'

/** Any number in memory: int and double (`number`), bigint, decimal. */
export type AnyNumber = number | bigint | Decimal

/**
 * −1, 0 or 1 by value, whatever the kinds; exact. The value of a double is the decimal that it prints as (its shortest form, which is also
 * its JSON form), so the double 0.1 equals the decimal 0.1. This keeps the order of doubles and is transitive over all kinds.
 */
export function compareNumbers(a: AnyNumber, b: AnyNumber): -1 | 0 | 1 {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  return toDecimal(a).cmp(toDecimal(b))
}

/** Exact, but for doubles, which become the decimal that they print as. */
export function toDecimal(value: AnyNumber): Decimal {
  if (typeof value === 'number') return Decimal.fromNumber(value)
  return typeof value === 'bigint' ? Decimal.of(value, 0) : value
}

/** The smallest exact number of that value: a safe integer, else a bigint, else a decimal without trailing zeros. */
export function normalNumber(value: AnyNumber): AnyNumber {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value + 0
  const decimal = toDecimal(value).normalize()
  return decimal.scale === 0 ? decimal.units : decimal
}

/** Is it a number in memory? */
export function isNumber(value: unknown): value is AnyNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal
}
