import { spend } from '../../value/budget.ts'
import { logGamma } from '../special/gamma.ts'

/**
 * Modified Bessel functions, I and K, of whole order for x ≥ 0. I by its power series (Abramowitz & Stegun 9.6.10), whose terms are all positive. K of the
 * orders 0 and 1 by its series (9.6.11) up to 2, beyond by Steed's continued fraction (Temme, "On the numerical evaluation of the modified Bessel function of
 * the third kind", 1975), then by the forward recurrence, which is stable.
 */

const EULER_GAMMA = 0.5772156649015329
const EPSILON = 1e-17
const NEAR = 2

/** I of order n ≥ 0 at x ≥ 0. */
export function besselI(n: number, x: number): number {
  const half = x / 2
  const square = half * half
  let term = firstTerm(n, half)
  let sum = term
  for (let k = 1; term > sum * EPSILON && Number.isFinite(sum); k++) {
    term *= square / (k * (n + k))
    sum += term
  }
  return sum
}

/** `halfⁿ/n!`; by logarithms where the product would leave the doubles on its way. */
function firstTerm(n: number, half: number): number {
  if (half > 700) return Math.exp(n * Math.log(half) - logGamma(n + 1))
  spend(n / 16)
  let term = 1
  for (let k = 1; k <= n && term > 0; k++) term *= half / k
  return term
}

/** K of order n ≥ 0 at x > 0. */
export function besselK(n: number, x: number): number {
  let [before, at] = x <= NEAR ? seriesK(x) : steedK(x)
  if (n === 0) return before
  spend(n / 16)
  for (let k = 1; k < n && Number.isFinite(at); k++) [before, at] = [at, ((2 * k) / x) * at + before]
  return at
}

/** K of the orders 0 and 1, near. */
function seriesK(x: number): readonly [number, number] {
  const square = (x * x) / 4
  const log = Math.log(x / 2) + EULER_GAMMA
  let [zero, one] = [-log, log - 0.5]
  let [power, harmonic] = [1, 0]
  let weight = 1
  for (let k = 1; k < 30; k++) {
    power *= square / (k * k)
    harmonic += 1 / k
    weight = power / (k + 1)
    zero += power * (harmonic - log)
    one += weight * (log - harmonic - 1 / (2 * (k + 1)))
  }
  return [zero, 1 / x + (x / 2) * one]
}

/** K of the orders 0 and 1 for x > 2. */
function steedK(x: number): readonly [number, number] {
  let b = 2 * (1 + x)
  let d = 1 / b
  let [h, step] = [d, d]
  let [before, at] = [0, 1]
  let [a, c, q] = [-0.25, 0.25, 0.25]
  let sum = 1 + q * step
  for (let i = 2; i < 1000; i++) {
    a -= 2 * (i - 1)
    c = (-a * c) / i
    const next = (before - b * at) / a
    ;[before, at] = [at, next]
    q += c * next
    b += 2
    d = 1 / (b + a * d)
    step *= b * d - 1
    h += step
    const change = q * step
    sum += change
    if (Math.abs(change / sum) < EPSILON) break
  }
  const zero = (Math.sqrt(Math.PI / (2 * x)) * Math.exp(-x)) / sum
  return [zero, (zero * (x + 0.5 - 0.25 * h)) / x]
}
