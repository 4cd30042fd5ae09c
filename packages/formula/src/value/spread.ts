import { Decimal, MAX_DIGITS, QUOTIENT_DIGITS } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { FormulaType, SpreadFunction } from '../bound.ts'
import { double } from './arithmetic.ts'
import { DIV0, NUM } from './cell-errors.ts'

/** Digits that a root is computed to before it is rounded. */
const ROOT_DIGITS = 36

/**
 * Variance or standard deviation of `count` values from their exact sums: `(n·Σx² − (Σx)²) / n(n−1)`, or `/ n²` of all there is. Exact up to
 * the last division, so values that are all the same have none. Of too few values `#DIV/0!`.
 */
export function spread(fn: SpreadFunction, count: number, sum: Decimal, squares: Decimal, type: FormulaType): Value {
  const ofSample = fn === 'var-s' || fn === 'stdev-s'
  if (count < (ofSample ? 2 : 1)) return DIV0
  const isRoot = fn === 'stdev-s' || fn === 'stdev-p'
  const scale = Math.max(squares.scale, 2 * sum.scale)
  const above = BigInt(count) * unitsAt(squares, scale) - unitsAt(sum, sum.scale) ** 2n * 10n ** BigInt(scale - 2 * sum.scale)
  const below = BigInt(count) * BigInt(ofSample ? count - 1 : count)
  if (type.type === 'double') {
    const variance = Decimal.of(above, scale).toNumber() / Number(below)
    return double(isRoot ? Math.sqrt(variance) : variance)
  }
  if (isRoot) return rootOf(above, below * 10n ** BigInt(scale))
  return Decimal.of(above, scale).div(Decimal.of(below, 0)) ?? NUM
}

function unitsAt(value: Decimal, scale: number): bigint {
  return BigInt(value.units) * 10n ** BigInt(scale - value.scale)
}

/** The root of a fraction, rounded as quotients are. */
function rootOf(above: bigint, below: bigint): Value {
  const places = Math.max(0, ROOT_DIGITS + Math.ceil((String(below).length - String(above).length) / 2))
  const root = Decimal.of(wholeRoot((above * 10n ** BigInt(2 * places)) / below), places).significant(QUOTIENT_DIGITS)
  return root.digits() > MAX_DIGITS ? NUM : root
}

/** The greatest whole number whose square is not greater (Newton, from above). */
function wholeRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
