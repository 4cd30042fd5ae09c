import { stirlingError } from './gamma.ts'
import { deviance } from './log1p-minus.ts'
import { ALL_BELOW, mirrored, NO_TAILS, NONE_BELOW, type Tails } from './tails.ts'
import { spend } from '../../value/budget.ts'

/** No more steps than this: about √max(a, b) are needed. */
const MAX_STEPS = 300_000
/** So many on the other side, where it converges slowly. */
const SLOW_STEPS = 20_000

/**
 * `Γ(a+b+1)/(Γ(a+1)·Γ(b+1)) · xᵃ·yᵇ` where `y` is 1 − x: the binomial probability of `a` among `a + b` (C. Loader's form). a, b ≥ 0.
 */
export function binomialKernel(a: number, b: number, x: number, y: number): number {
  if (a === 0) return powerOf(y, x, b)
  if (b === 0) return powerOf(x, y, a)
  if (x === 0 || y === 0) return 0
  const n = a + b
  const exponent = stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * y)
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * a) / b)
}

/** `base` to a power, where `rest` is what it is less than 1. */
function powerOf(base: number, rest: number, exponent: number): number {
  if (exponent === 0) return 1
  return rest < 0.5 ? Math.exp(exponent * Math.log1p(-rest)) : base ** exponent
}

/**
 * The regularised incomplete beta function I_x(a, b) and its complement; `y` is 1 − x, given apart so that nothing is lost near 1. By the continued fraction of
 * Didonato and Morris (ACM TOMS 708, 1992) on the side where it converges fast. Beyond about a, b = 1e10 not a number.
 */
export function incompleteBeta(a: number, b: number, x: number, y: number): Tails {
  if (!(a > 0) || !(b > 0) || !(x >= 0) || !(y >= 0)) return NO_TAILS
  if (x === 0) return NONE_BELOW
  if (y === 0) return ALL_BELOW
  if (x > (a + 1) / (a + b + 2)) return mirrored(lowerSide(b, a, y, x))
  return lowerSide(a, b, x, y)
}

/** For x on the side of the mean where the fraction converges fast. What is left to 1 is computed by itself where the difference would have lost digits. */
function lowerSide(a: number, b: number, x: number, y: number): Tails {
  const kernel = (binomialKernel(a, b, x, y) * a) / (a / b + 1)
  const lower = Math.min(1, kernel * continuedFraction(a, b, x, y, MAX_STEPS))
  const upper = 1 - lower
  if (!(upper < 0.1)) return { lower, upper }
  const slow = kernel * continuedFraction(b, a, y, x, SLOW_STEPS)
  return { lower, upper: slow < 0.11 ? slow : upper }
}

/** The fraction BFRAC of ACM TOMS 708, whose terms keep their digits where x or y is nearly 0. */
function continuedFraction(a: number, b: number, x: number, y: number, steps: number): number {
  // How far x is from the mean, times a + b.
  const c = 1 + (a > b ? (a + b) * y - b : a - (a + b) * x)
  const c1 = 1 + 1 / a
  let p = 1
  let s = a + 1
  let above = { before: 0, last: 1 }
  let below = { before: 1, last: c / c1 }
  let fraction = c1 / c
  for (let n = 1; n < steps; n++) {
    const t = n / a
    const w = n * (b - n) * x
    const alpha = p * (p + b / a) * (a / s) ** 2 * w * x
    const beta = n + w / s + ((1 + t) / (c1 + 2 * t)) * (c + n * (y + 1))
    p = 1 + t
    s += 2
    const nextAbove = alpha * above.before + beta * above.last
    const nextBelow = alpha * below.before + beta * below.last
    const next = nextAbove / nextBelow
    if (Math.abs(next - fraction) <= 1e-16 * next) {
      spend(n / 4)
      return next
    }
    fraction = next
    // Scaled, so that nothing runs out of range.
    above = { before: above.last / nextBelow, last: next }
    below = { before: below.last / nextBelow, last: 1 }
  }
  spend(steps / 4)
  return Number.NaN
}
