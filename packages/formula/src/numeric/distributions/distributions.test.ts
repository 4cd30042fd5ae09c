import { describe, expect, it } from 'vitest'
import { incompleteGamma } from '../special/incomplete-gamma.ts'
import { incompleteBeta } from '../special/incomplete-beta.ts'
import { betaDensity, inverseBeta } from './beta-distribution.ts'
import {
  binomialProbability,
  binomialUpTo,
  hypergeometricProbability,
  hypergeometricUpTo,
  inverseBinomial,
  negativeBinomialProbability,
  negativeBinomialUpTo,
} from './discrete-distributions.ts'
import { fDensity, fTails, inverseF } from './f-distribution.ts'
import { gammaDensity, inverseGamma } from './gamma-distribution.ts'
import { inverseStudent, studentDensity, studentTails } from './student-distribution.ts'

/** How far apart, as a part of the wanted value. */
function off(got: number, wanted: number): number {
  return Math.abs(got - wanted) / Math.abs(wanted)
}

const CLOSE = 1e-13
const TAILS = [1e-300, 1e-20, 1e-5, 0.01, 0.3, 0.5, 0.7, 0.99]

/** Wanted values: computed with 60 digits. */
describe('distributions are right to 1e-13 of their value', () => {
  it.each([
    [0.001, 3, 0.49963244748473046, 0.36755235191291924],
    [0.9, 1, 0.2667377083565741, 0.17586181557115507],
    [1.5, 10, 0.0822536632227201, 0.12744479428709168],
    [2.5, 1000, 0.006289283900545398, 0.017640133095133487],
    [40, 2, 0.0003122073360923703, 1.5595748834703734e-5],
    [1e5, 3.5, 5.6281042658760445e-18, 1.9698364924925262e-22],
    [2, 1e6, 0.022750266925659603, 0.053991060997102186],
  ])('Student at %d with %d', (t, freedom, upper, density) => {
    expect(off(studentTails(t, freedom).upper, upper)).toBeLessThan(CLOSE)
    expect(off(studentTails(-t, freedom).lower, upper)).toBeLessThan(CLOSE)
    expect(off(studentDensity(t, freedom), density)).toBeLessThan(CLOSE)
  })

  it.each([
    [0.01, 3, 7, 0.0015047529598883, 0.9984952470401117],
    [1, 5, 5, 0.5, 0.5],
    [15.2, 6, 4, 0.9899915934920557, 0.01000840650794436],
    [30, 2, 900, 0.9999999999997562, 2.4382283682969157e-13],
  ])('F at %d with %d and %d', (f, above, below, lower, upper) => {
    expect(off(fTails(f, above, below).lower, lower)).toBeLessThan(CLOSE)
    expect(off(fTails(f, above, below).upper, upper)).toBeLessThan(CLOSE)
  })

  it('densities', () => {
    expect(off(gammaDensity(1e-5, 0.3), 1057.0526872570067)).toBeLessThan(CLOSE)
    expect(off(gammaDensity(30, 3), 4.210930335978079e-11)).toBeLessThan(CLOSE)
    expect(off(gammaDensity(100, 90), 0.022535050160725743)).toBeLessThan(CLOSE)
    expect(off(betaDensity(0.01, 0.99, 0.5, 0.5), 3.199134725855654)).toBeLessThan(CLOSE)
    expect(off(betaDensity(0.3, 0.7, 2, 5), 2.1609000000000003)).toBeLessThan(CLOSE)
    expect(off(fDensity(0.01, 3, 7), 0.2237888732380983)).toBeLessThan(CLOSE)
    expect(off(fDensity(15.2, 6, 4), 0.0012253422655393563)).toBeLessThan(CLOSE)
  })

  it('counted things', () => {
    expect(off(binomialProbability(300, 1000, 0.25), 4.566114740563204e-5)).toBeLessThan(CLOSE)
    expect(off(binomialUpTo(300, 1000, 0.25), 0.9998520708254566)).toBeLessThan(CLOSE)
    expect(off(binomialUpTo(3, 1_000_000, 2e-6), 0.8571236409459222)).toBeLessThan(CLOSE)
    expect(off(negativeBinomialProbability(400, 30, 0.1), 0.0004691366157232893)).toBeLessThan(CLOSE)
    expect(off(negativeBinomialUpTo(400, 30, 0.1), 0.9882301718252178)).toBeLessThan(CLOSE)
    const draw = { sample: 100, marked: 500, population: 1000 }
    expect(off(hypergeometricProbability(70, draw), 1.0047730241154536e-5)).toBeLessThan(CLOSE)
    expect(off(hypergeometricUpTo(50, draw), 0.5419460460464065)).toBeLessThan(CLOSE)
    expect(off(hypergeometricUpTo(70, draw), 0.9999939801810221)).toBeLessThan(CLOSE)
    expect(hypergeometricUpTo(3, { sample: 10, marked: 17, population: 20 })).toBe(0)
  })
})

/** The greatest distance between a tail and that of the point found for it; points that are no doubles any more are left out. */
function farthest(found: (tail: number) => number, tailAt: (x: number) => number): number {
  const points = TAILS.map((tail) => ({ tail, x: found(tail) })).filter(({ x }) => x > 1e-280 && x < 1e150)
  return Math.max(...points.map(({ tail, x }) => off(tailAt(x), tail)))
}

describe('inverses give back what they are the inverse of', () => {
  it.each([0.001, 0.3, 1, 2.5, 100, 1e5])('gamma of shape %d', (shape) => {
    const distance = farthest(
      (tail) => inverseGamma({ lower: 1 - tail, upper: tail }, shape),
      (x) => incompleteGamma(shape, x).upper,
    )
    expect(distance).toBeLessThan(1e-10)
  })

  it.each([
    [0.5, 0.5],
    [2, 30],
    [300, 0.2],
  ])('beta of %d and %d', (a, b) => {
    const x = inverseBeta({ lower: 0.3, upper: 0.7 }, a, b)
    expect(off(x, 1 - inverseBeta({ lower: 0.7, upper: 0.3 }, b, a))).toBeLessThan(CLOSE)
    expect(off(incompleteBeta(a, b, x, 1 - x).lower, 0.3)).toBeLessThan(1e-11)
  })

  it.each([1, 2.5, 30, 1e6])('Student with %d', (freedom) => {
    const distance = farthest(
      (tail) => inverseStudent({ lower: 1 - tail, upper: tail }, freedom),
      (t) => 2 * studentTails(t, freedom).upper,
    )
    expect(distance).toBeLessThan(1e-10)
  })

  it.each([
    [1, 1],
    [3, 70],
    [1e5, 4],
  ])('F with %d and %d', (above, below) => {
    const distance = farthest(
      (tail) => inverseF({ lower: tail, upper: 1 - tail }, above, below),
      (f) => fTails(f, above, below).lower,
    )
    expect(distance).toBeLessThan(1e-10)
  })

  it('the number of hits is not one too many by rounding', () => {
    expect(inverseBinomial(1, 0.5, 0.5)).toBe(0)
    expect(inverseBinomial(6, 0.5, 0.75)).toBe(4)
    expect(inverseBinomial(10, 0.5, 0)).toBe(0)
    expect(inverseBinomial(10, 0.5, 1)).toBe(10)
    for (let hits = 0; hits <= 20; hits++) expect(inverseBinomial(20, 0.3, binomialUpTo(hits, 20, 0.3))).toBe(hits)
  })
})
