import { stirlingError } from '../special/gamma.ts'
import { incompleteBeta } from '../special/incomplete-beta.ts'
import { invertTails } from '../special/invert-tails.ts'
import { deviance } from '../special/log1p-minus.ts'
import { mirrored, type Tails } from '../special/tails.ts'

const ROOT_TWO_PI = 2.5066282746310002

/** How much of Student's distribution lies between −|t| and |t| (`lower`), and outside (`upper`). */
function within(t: number, freedom: number): Tails {
  if (Math.abs(t) > 1) {
    const ratio = freedom / t / t
    return mirrored(incompleteBeta(freedom / 2, 0.5, ratio / (1 + ratio), 1 / (1 + ratio)))
  }
  const ratio = (t * t) / freedom
  return incompleteBeta(0.5, freedom / 2, ratio / (1 + ratio), 1 / (1 + ratio))
}

/** What of Student's t distribution lies below and above t. */
export function studentTails(t: number, freedom: number): Tails {
  const { lower, upper } = within(t, freedom)
  const right = { lower: 0.5 + lower / 2, upper: upper / 2 }
  return t < 0 ? mirrored(right) : right
}

/** Its density, in C. Loader's form. */
export function studentDensity(t: number, freedom: number): number {
  const half = freedom / 2
  const factor = stirlingError(half + 0.5) - stirlingError(half) - deviance(half, half + 0.5)
  const ratio = (t * t) / freedom
  const power = ratio > 0.2 ? half * Math.log1p(ratio) : (t * t) / 2 - deviance(half, half + (t * t) / 2)
  return Math.exp(factor - power) / ROOT_TWO_PI / Math.sqrt(1 + ratio)
}

/** The t ≥ 0 of which `upper` lies outside of −t..t; `lower` is the rest. */
export function inverseStudent(tails: Tails, freedom: number): number {
  return invertTails({ tails: (t) => within(t, freedom), density: (t) => 2 * studentDensity(t, freedom) }, tails)
}
