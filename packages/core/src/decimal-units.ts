/** Whole numbers of either lane: a `number` that is a safe integer, or a `bigint`. */
export type Units = number | bigint

/** How digits that fall away are treated: rounded half away from zero, or cut off. */
export type DecimalMode = 'half-away' | 'truncate'

/** 10^0 … 10^15 as safe integers. */
export const POWERS: readonly number[] = Array.from({ length: 16 }, (_, i) => 10 ** i)

const BIG_POWERS: readonly bigint[] = Array.from({ length: 80 }, (_, i) => 10n ** BigInt(i))

/** 10^n as a bigint, n ≥ 0. */
export function powerOfTen(n: number): bigint {
  return BIG_POWERS[n] ?? 10n ** BigInt(n)
}

/** Number of decimal digits of |units|; 1 for zero. */
export function digitCount(units: Units): number {
  if (typeof units === 'bigint') return String(units < 0n ? -units : units).length
  const magnitude = Math.abs(units)
  let digits = 1
  while (digits < 16 && magnitude >= (POWERS[digits] ?? Infinity)) digits++
  return digits
}

/** `units / 10^from` as units at scale `to`. */
export function rescaleUnits(units: Units, from: number, to: number, mode: DecimalMode): Units {
  if (to >= from) return BigInt(units) * powerOfTen(to - from)
  const power = POWERS[from - to]
  return typeof units === 'number' && power !== undefined
    ? divideNumber(units, power, mode)
    : divideBig(BigInt(units), powerOfTen(from - to), mode)
}

/** Quotient of safe integers: `%` is exact and so is the division of what is left. */
function divideNumber(units: number, by: number, mode: DecimalMode): number {
  const rest = units % by
  const whole = (units - rest) / by
  if (mode === 'truncate' || Math.abs(rest) < by / 2) return whole
  return whole + Math.sign(units)
}

/** Quotient of bigints, `by` > 0, rounded by `mode`. */
export function divideBig(units: bigint, by: bigint, mode: DecimalMode): bigint {
  const whole = units / by
  if (mode === 'truncate') return whole
  const rest = units - whole * by
  const twice = (rest < 0n ? -rest : rest) * 2n
  return twice < by ? whole : units < 0n ? whole - 1n : whole + 1n
}
