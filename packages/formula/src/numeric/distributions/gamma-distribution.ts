import { incompleteGamma, poissonKernel } from '../special/incomplete-gamma.ts'
import { invertTails } from '../special/invert-tails.ts'
import type { Tails } from '../special/tails.ts'

/** The density at x of the gamma distribution with that shape and scale 1; at 0 it may be infinite. */
export function gammaDensity(x: number, shape: number): number {
  if (x === 0) return shape < 1 ? Infinity : shape === 1 ? 1 : 0
  return (poissonKernel(shape, x) * shape) / x
}

/** The x at which the gamma distribution with that shape and scale 1 has these tails. */
export function inverseGamma(tails: Tails, shape: number): number {
  return invertTails({ tails: (x) => incompleteGamma(shape, x), density: (x) => gammaDensity(x, shape) }, tails)
}
