import type { Tails } from './tails.ts'
import { spend } from '../../value/budget.ts'

/** A continuous distribution over the numbers above 0. */
export interface PositiveDistribution {
  tails(x: number): Tails
  density(x: number): number
}

const MAX_STEPS = 250
const PRECISION = 2.2e-16
/** What one of them counts in the budget. */
const STEPS = 20

/**
 * The point below which `lower` and above which `upper` of the distribution lie; the smaller of the two is what is solved for, so that far tails keep their
 * precision. Newton's steps for the logarithm of the tail, inside of a bracket; where one leaves it, the bracket is halved by order of magnitude. Always ends.
 */
export function invertTails({ tails, density }: PositiveDistribution, { lower, upper }: Tails): number {
  if (!(lower >= 0) || !(upper >= 0)) return Number.NaN
  if (lower === 0) return 0
  if (upper === 0) return Infinity
  let low = Number.MIN_VALUE
  let high = Number.MAX_VALUE
  let at = 1
  for (let step = 0; step < MAX_STEPS; step++) {
    spend(STEPS)
    const found = tails(at)
    const isBelow = lower <= upper
    const [tail, wanted] = isBelow ? [found.lower, lower] : [found.upper, upper]
    if (Number.isNaN(tail)) return Number.NaN
    if (tail === wanted) return at
    if (tail < wanted === isBelow) low = at
    else high = at
    const change = (Math.log(tail / wanted) * tail) / density(at)
    // A lower tail is like a power near 0, an upper one falls like an exponential.
    const newton = isBelow ? at * Math.exp(-change / at) : at + change
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
