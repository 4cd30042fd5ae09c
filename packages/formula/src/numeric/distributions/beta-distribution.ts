import { binomialKernel, incompleteBeta } from '../special/incomplete-beta.ts'
import { invertTails } from '../special/invert-tails.ts'
import { mirrored, type Tails } from '../special/tails.ts'

/** The density at x of the beta distribution on 0..1; `y` is 1 − x. At the ends it may be infinite. */
export function betaDensity(x: number, y: number, a: number, b: number): number {
  if (x === 0) return a < 1 ? Infinity : a === 1 ? b : 0
  if (y === 0) return b < 1 ? Infinity : b === 1 ? a : 0
  return (binomialKernel(a, b, x, y) * a * b) / (a + b) / x / y
}

/** The x at which the beta distribution on 0..1 has these tails. Solved from the end that is nearer, so that nothing is lost near 1. */
export function inverseBeta(tails: Tails, a: number, b: number): number {
  const half = incompleteBeta(a, b, 0.5, 0.5)
  if (Number.isNaN(half.lower)) return Number.NaN
  return half.lower >= tails.lower ? fromZero(tails, a, b) : 1 - fromZero(mirrored(tails), b, a)
}

function fromZero(tails: Tails, a: number, b: number): number {
  const distribution = {
    tails: (x: number) => (x < 1 ? incompleteBeta(a, b, x, 1 - x) : { lower: 1, upper: 0 }),
    density: (x: number) => (x < 1 ? betaDensity(x, 1 - x, a, b) : 0),
  }
  return invertTails(distribution, tails)
}
