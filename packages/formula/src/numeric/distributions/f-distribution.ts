import { binomialKernel, incompleteBeta } from '../special/incomplete-beta.ts'
import { invertTails } from '../special/invert-tails.ts'
import { ALL_BELOW, type Tails } from '../special/tails.ts'

/** What of the F distribution with these degrees of freedom lies below and above f ≥ 0. */
export function fTails(f: number, above: number, below: number): Tails {
  const ratio = (above / below) * f
  if (ratio === Infinity) return ALL_BELOW
  return incompleteBeta(above / 2, below / 2, ratio / (1 + ratio), 1 / (1 + ratio))
}

/** The density of the F distribution; at 0 it may be infinite. */
export function fDensity(f: number, above: number, below: number): number {
  if (f === 0) return above < 2 ? Infinity : above === 2 ? 1 : 0
  const [a, b] = [above / 2, below / 2]
  const ratio = (above / below) * f
  return (binomialKernel(a, b, ratio / (1 + ratio), 1 / (1 + ratio)) * a * b) / (a + b) / f
}

/** The f at which the F distribution has these tails. */
export function inverseF(tails: Tails, above: number, below: number): number {
  return invertTails({ tails: (f) => fTails(f, above, below), density: (f) => fDensity(f, above, below) }, tails)
}
