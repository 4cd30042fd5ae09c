import { erfc } from './error-function.ts'
import { logGammaOf1p, stirlingError } from './gamma.ts'
import { deviance, log1pMinus } from './log1p-minus.ts'
import { ALL_BELOW, NO_TAILS, NONE_BELOW, type Tails } from './tails.ts'
import { spend } from '../../value/budget.ts'

/** No more terms than this: about 8·√a are needed. */
const MAX_TERMS = 20_000
/** From this shape on the uniform expansion has all digits. */
const UNIFORM_FROM = 1e6
const TINY = 1e-300

/** `xᵃ·e⁻ˣ / Γ(a + 1)`, Poisson's probability of `a` where x is expected. a ≥ 0, x ≥ 0. */
export function poissonKernel(a: number, x: number): number {
  if (a === 0) return Math.exp(-x)
  if (x === 0) return 0
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a)
}

/**
 * The regularised incomplete gamma functions P(a, x) and Q(a, x), a > 0, x ≥ 0: by their series, Legendre's continued fraction, and for great a Temme's uniform
 * expansion (N. Temme, "The asymptotic expansion of the incomplete gamma functions", 1979).
 */
export function incompleteGamma(a: number, x: number): Tails {
  if (!(a > 0) || !(x >= 0)) return NO_TAILS
  if (x === 0) return NONE_BELOW
  if (x === Infinity) return ALL_BELOW
  if (a > UNIFORM_FROM) return uniform(a, x)
  if (a < 1 && x < 1.5) return ofSmall(a, x)
  if (x < a + 1) {
    const lower = poissonKernel(a, x) * series(a, x)
    return { lower, upper: 1 - lower }
  }
  const upper = poissonKernel(a, x) * a * continuedFraction(a, x)
  return { lower: 1 - upper, upper }
}

/** `1 + x/(a+1) + x²/((a+1)(a+2)) + …`. */
function series(a: number, x: number): number {
  let term = 1
  let sum = 1
  for (let n = 1; n < MAX_TERMS; n++) {
    term *= x / (a + n)
    sum += term
    if (term < sum * 1e-17) {
      spend(n / 8)
      return sum
    }
  }
  spend(MAX_TERMS / 8)
  return Number.NaN
}

/** Of Q, by Lentz' method. */
function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < MAX_TERMS; n++) {
    const an = -n * (n - a)
    b += 2
    d = an * d + b
    d = 1 / (d === 0 ? TINY : d)
    c = b + an / c
    if (c === 0) c = TINY
    const step = c * d
    fraction *= step
    if (Math.abs(step - 1) < 1e-16) {
      spend(n / 8)
      return fraction
    }
  }
  spend(MAX_TERMS / 8)
  return Number.NaN
}

/** a < 1 and small x: Q from what `xᵃ/Γ(a + 1)` differs from 1 by, so that it is right where P is nearly 1. */
function ofSmall(a: number, x: number): Tails {
  const exponent = a * Math.log(x) - logGammaOf1p(a)
  const off = Math.expm1(exponent)
  let term = 1
  let sum = 0
  for (let n = 1; n < 100; n++) {
    term *= -x / n
    const next = sum + term / (a + n)
    if (next === sum) break
    sum = next
  }
  const rest = a * sum
  return { lower: Math.exp(exponent) * (1 + rest), upper: -off - (1 + off) * rest }
}

/** Great a: `½·erfc(±η·√(a/2))` and a correction by powers of η and 1/a. */
function uniform(a: number, x: number): Tails {
  const mu = (x - a) / a
  const eta = Math.sign(mu) * Math.sqrt(-2 * log1pMinus(mu))
  const c0 = -1 / 3 + eta * (1 / 12 + eta * (-2 / 135 + eta * (1 / 864 + eta / 2835)))
  const c1 = -1 / 540 + eta * (-1 / 288 + eta / 378)
  const correction = (Math.exp(-0.5 * a * eta * eta) / Math.sqrt(2 * Math.PI * a)) * (c0 + c1 / a)
  const z = eta * Math.sqrt(a / 2)
  return { lower: Math.max(0, 0.5 * erfc(-z) - correction), upper: Math.max(0, 0.5 * erfc(z) + correction) }
}
