import { Decimal } from '@sheetflow/core/decimal'

/** Where a number goes that lies between two multiples. */
export type Direction = 'down' | 'up' | 'toward-zero' | 'away-from-zero' | 'half-away'

/** How often `step` goes into `value`, a whole number, exact. The signs count; `step` is not zero. */
export function wholeQuotient(value: Decimal, step: Decimal, direction: Direction): bigint {
  const scale = Math.max(value.scale, step.scale)
  const [x, s] = [unitsAt(value, scale), unitsAt(step, scale)]
  const whole = x / s
  const rest = x - whole * s
  if (rest === 0n) return whole
  const isNegative = x < 0n !== s < 0n
  return leavesZero(direction, isNegative, rest, s) ? whole + (isNegative ? -1n : 1n) : whole
}

/**
 * The multiple of `step` beside `value`, exact and without trailing zeros. The sign of `step` does not count; it is not zero. Null where it goes in more often than
 * a double can say, which is `#NUM!` in Excel.
 */
export function multipleOf(value: Decimal, step: Decimal, direction: Direction): Decimal | null {
  const size = step.abs()
  const times = wholeQuotient(value, size, direction)
  return magnitude(times) >= TIMES_LIMIT ? null : Decimal.of(times * BigInt(size.units), size.scale).normalize()
}

const TIMES_LIMIT: bigint = 1n << 1024n

function leavesZero(direction: Direction, isNegative: boolean, rest: bigint, step: bigint): boolean {
  switch (direction) {
    case 'down':
      return isNegative
    case 'up':
      return !isNegative
    case 'toward-zero':
      return false
    case 'away-from-zero':
      return true
    case 'half-away':
      return 2n * magnitude(rest) >= magnitude(step)
  }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

function unitsAt(value: Decimal, scale: number): bigint {
  return BigInt(value.rescale(scale, 'truncate').units)
}
