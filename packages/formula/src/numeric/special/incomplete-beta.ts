import { stirlingError } from './gamma.ts'
import { deviance } from './log1p-minus.ts'
import { ALL_BELOW, mirrored, NO_TAILS, NONE_BELOW, type Tails } from './tails.ts'

/** No more steps than this: about √max(a, b) are needed. */
const MAX_STEPS = 300_000
/** So many on the other side, where it converges slowly. */
const SLOW_STEPS = 20_000
const TINY = 1e-300

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
  const kernel = binomialKernel(a, b, x, y)
  const lower = Math.min(1, kernel * (b / (a + b)) * continuedFraction(a, b, x, MAX_STEPS))
  const upper = 1 - lower
  if (!(upper < 0.1)) return { lower, upper }
  const slow = kernel * (a / (a + b)) * continuedFraction(b, a, y, SLOW_STEPS)
  return { lower, upper: slow < 0.11 ? slow : upper }
}

/** By Lentz' method, two terms a step. */
function continuedFraction(a: number, b: number, x: number, steps: number): number {
  let c = 1
  let d = inverse(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < steps; m++) {
    const even = ((m * (b - m)) / (a + 2 * m - 1)) * (x / (a + 2 * m))
    d = inverse(1 + even * d)
    c = nonZero(1 + even / c)
    fraction *= d * c
    const odd = -((((a + m) / (a + 2 * m)) * (a + b + m)) / (a + 2 * m + 1)) * x
    d = inverse(1 + odd * d)
    c = nonZero(1 + odd / c)
    const step = d * c
    fraction *= step
    if (Math.abs(step - 1) < 1e-16) return fraction
  }
  return Number.NaN
}

function nonZero(value: number): number {
  return value === 0 ? TINY : value
}

function inverse(value: number): number {
  return 1 / nonZero(value)
}
