import { binomialKernel, incompleteBeta } from '../special/incomplete-beta.ts'
import { incompleteGamma, poissonKernel } from '../special/incomplete-gamma.ts'
import { spend } from '../../value/budget.ts'

/** How likely `count` events are where `mean` are expected. */
export function poissonProbability(count: number, mean: number): number {
  return poissonKernel(count, mean)
}

/** How likely at most `count` events are. */
export function poissonUpTo(count: number, mean: number): number {
  return incompleteGamma(count + 1, mean).upper
}

/** How likely `hits` among `trials` are. */
export function binomialProbability(hits: number, trials: number, chance: number): number {
  return binomialKernel(hits, trials - hits, chance, 1 - chance)
}

/** How likely at most `hits` among `trials` are. */
export function binomialUpTo(hits: number, trials: number, chance: number): number {
  if (hits < 0) return 0
  return hits >= trials ? 1 : incompleteBeta(trials - hits, hits + 1, 1 - chance, chance).lower
}

/** Rounding of the cumulated probabilities must not push the result one further. */
const NEARLY = 1 - 1e-14

/** The smallest number of hits that at most so many are with a probability of `wanted` or more. */
export function inverseBinomial(trials: number, chance: number, wanted: number): number {
  if (wanted === 1) return trials
  let low = -1
  let high = trials
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2)
    const reached = binomialUpTo(middle, trials, chance)
    if (Number.isNaN(reached)) return Number.NaN
    if (reached >= wanted * NEARLY) high = middle
    else low = middle
  }
  return high
}

/** How likely `failures` before the last of so many `successes` are. */
export function negativeBinomialProbability(failures: number, successes: number, chance: number): number {
  return (binomialKernel(successes, failures, chance, 1 - chance) * successes) / (successes + failures)
}

/** How likely at most `failures` are. */
export function negativeBinomialUpTo(failures: number, successes: number, chance: number): number {
  return incompleteBeta(successes, failures + 1, chance, 1 - chance).lower
}

/** A sample drawn without putting back. */
export interface Draw {
  readonly sample: number
  /** How many of the population count as hits. */
  readonly marked: number
  readonly population: number
}

/** How likely `hits` in the sample are (C. Loader: a product of three binomial probabilities). */
export function hypergeometricProbability(hits: number, { sample, marked, population }: Draw): number {
  const [part, rest] = [sample / population, (population - sample) / population]
  const others = population - marked
  const together = binomialKernel(hits, marked - hits, part, rest) * binomialKernel(sample - hits, others - sample + hits, part, rest)
  return together / binomialKernel(sample, population - sample, part, rest)
}

/** No more terms than this are added up. */
const MAX_TERMS = 2_000_000

/** How likely at most `hits` in the sample are; not a number where that has too many terms. */
export function hypergeometricUpTo(hits: number, draw: Draw): number {
  const { sample, marked, population } = draw
  if (hits <= (sample * marked) / population) return sumDown(hits, draw)
  if (hits >= Math.min(sample, marked)) return 1
  // The others are drawn without the marked: what is above is below there.
  return 1 - sumDown(sample - hits - 1, { ...draw, marked: population - marked })
}

/** From the greatest term, which is the first, downwards. */
function sumDown(hits: number, draw: Draw): number {
  const { sample, marked, population } = draw
  const least = Math.max(0, sample + marked - population)
  if (hits < least) return 0
  let term = 1
  let sum = 1
  let count = hits
  for (; count > least; count--) {
    term *= (count / (marked - count + 1)) * ((population - marked - sample + count) / (sample - count + 1))
    sum += term
    if (term < sum * 1e-17) break
    if (hits - count > MAX_TERMS) break
  }
  spend((hits - count) / 8)
  if (hits - count > MAX_TERMS) return Number.NaN
  return sum * hypergeometricProbability(hits, draw)
}
