import type { Tails } from './tails.ts'

/** A continuous distribution over the numbers above 0. */
export interface PositiveDistribution {
  tails(x: number): Tails
  density(x: number): number
}

const MAX_STEPS = 250
const PRECISION = 2.2e-16

/**
 * The point below which `lower` and above which `upper` of the distribution lie; the smaller of the two is what is solved for, so that far tails keep their
 * precision. Newton's steps inside of a bracket; where one leaves it, the bracket is halved by order of magnitude. Always ends: each step narrows the bracket.
 */
export function invertTails({ tails, density }: PositiveDistribution, { lower, upper }: Tails, start: number): number {
  if (!(lower >= 0) || !(upper >= 0)) return Number.NaN
  if (lower === 0) return 0
  if (upper === 0) return Infinity
  let low = Number.MIN_VALUE
  let high = Number.MAX_VALUE
  let at = start > low && start < high ? start : 1
  for (let step = 0; step < MAX_STEPS; step++) {
    const found = tails(at)
    const off = lower <= upper ? found.lower - lower : upper - found.upper
    if (Number.isNaN(off)) return Number.NaN
    if (off === 0) return at
    if (off < 0) low = at
    else high = at
    const newton = at - off / density(at)
    const next = newton > low && newton < high ? newton : middle(low, high)
    if (Math.abs(next - at) <= PRECISION * at || next <= low || next >= high) return next
    at = next
  }
  return at
}

/** Between two positive numbers, by order of magnitude while they are far apart. */
function middle(low: number, high: number): number {
  return high > 2 * low ? Math.sqrt(low) * Math.sqrt(high) : low + (high - low) / 2
}
