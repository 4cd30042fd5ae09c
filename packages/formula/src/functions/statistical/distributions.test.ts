import { isCellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import { describe, expect, it } from 'vitest'
import { calculate } from '../../calculator/calculate.ts'
import { EXAMPLE_SHEET } from '../example-sheet.ts'
import { firstOf } from '../../value/grid.ts'

function numberOf(formula: string): number {
  const value = firstOf(calculate(`=${formula}`, EXAMPLE_SHEET).value)
  return isNumber(value) ? toDecimal(value).toNumber() : Number.NaN
}

function errorOf(formula: string): string | null {
  const value = firstOf(calculate(`=${formula}`, EXAMPLE_SHEET).value)
  return isCellError(value) ? value.kind : null
}

/** Wanted values: computed with 60 digits. */
describe('distributions are right to 1e-13 of their value, also far out', () => {
  it.each([
    ['NORM.S.DIST(-8, TRUE)', 6.220960574271784e-16],
    ['NORM.DIST(1e-3, 0, 2, FALSE)', 0.19947111526682537],
    ['NORM.S.INV(1e-20)', -9.262340089798407],
    ['LOGNORM.DIST(4, 3.5, 1.2, FALSE)', 0.017617596681819225],
    ['LOGNORM.INV(0.039084, 3.5, 1.2)', 4.000025218680635],
    ['GAUSS(1e-9)', 3.9894228040143266e-10],
    ['FISHER(1e-12)', 1e-12],
    ['CHISQ.DIST.RT(300, 3)', 9.94875834632771e-65],
    ['CHISQ.DIST(1e-9, 3, TRUE)', 8.410441737544068e-15],
    ['CHISQ.INV.RT(1e-30, 4)', 146.77366344605045],
    ['GAMMA.DIST(10.00001131, 9, 2, TRUE)', 0.06809400386978733],
    ['GAMMA.INV(0.068094, 9, 2)', 10.000011191437178],
    ['GAMMALN(4.5)', 2.4537365708424423],
    ['GAMMALN.PRECISE(1e10)', 220258509288.81058],
    ['GAMMA(-3.75)', 0.2678661288614166],
    ['WEIBULL.DIST(1e-12, 1.5, 2, TRUE)', 3.5355339059327377e-19],
    ['EXPON.DIST(1e-15, 2, TRUE)', 1.999999999999998e-15],
    ['POISSON.DIST(2.9, 5, FALSE)', 0.08422433748856832],
    ['POISSON.DIST(1000, 1000, TRUE)', 0.508409367168506],
    ['POISSON.DIST(150, 20, FALSE)', 5.148921855005111e-77],
    ['BETA.DIST(2, 8, 10, TRUE, 1, 3)', 0.6854705810546875],
    ['BETA.DIST(2, 8, 10, FALSE, 1, 3)', 1.4837646484375],
    ['BETA.INV(0.685470581, 8, 10, 1, 3)', 1.9999999999631428],
    ['F.DIST.RT(15.2068649, 6, 4)', 0.009999999952464601],
    ['F.INV(0.01, 6, 4)', 0.10930991412457854],
    ['T.DIST(60, 1, TRUE)', 0.9946953263673767],
    ['T.DIST.2T(1.959999998, 60)', 0.054644929975920874],
    ['T.INV.2T(0.546449, 60)', 0.606533075825755],
    ['T.INV(0.75, 2)', 0.816496580927726],
    ['T.INV(1e-12, 5)', -393.95695957760375],
    ['BINOM.DIST(30, 1000, 0.01, TRUE)', 0.999999935800714],
    ['BINOM.DIST.RANGE(60, 0.75, 45, 50)', 0.5236297934718872],
    ['NEGBINOM.DIST(10, 5, 0.25, TRUE)', 0.3135140584781766],
    ['HYPGEOM.DIST(1, 4, 8, 20, TRUE)', 0.46542827657378744],
    ['CONFIDENCE.NORM(0.05, 2.5, 50)', 0.692951912174839],
    ['CONFIDENCE.T(0.05, 1, 50)', 0.2841968554957299],
  ])('%s is %d', (formula, wanted) => {
    expect(Math.abs(numberOf(formula) / wanted - 1)).toBeLessThan(1e-13)
  })
})

describe('ends of distributions', () => {
  it.each([
    ['NORM.S.DIST(1e30, TRUE)', 1],
    ['NORM.S.DIST(-1e30, TRUE)', 0],
    ['CHISQ.DIST(0, 2, FALSE)', 0.5],
    ['CHISQ.INV(0, 3)', 0],
    ['CHISQ.INV.RT(1, 3)', 0],
    ['F.INV(0, 2, 3)', 0],
    ['GAMMA.DIST(0, 1, 2, FALSE)', 0.5],
    ['POISSON.DIST(0, 0, TRUE)', 1],
    ['BINOM.DIST(3, 3, 0.5, TRUE)', 1],
    ['BINOM.DIST(0, 5, 0, FALSE)', 1],
    ['BINOM.INV(100, 0.5, 1)', 100],
    ['T.DIST(1e30, 3, TRUE)', 1],
    ['T.INV.2T(1, 3)', 0],
    ['BETA.DIST(0, 2, 3, TRUE)', 0],
    ['BETA.DIST(1, 2, 3, TRUE)', 1],
    ['WEIBULL.DIST(0, 1, 2, FALSE)', 0.5],
    ['HYPGEOM.DIST(4, 4, 8, 20, TRUE)', 1],
    ['GAMMA(171)', 7.257415615307994e306],
    ['PERMUT(5.9, 2.9)', 20],
  ])('%s is %d', (formula, wanted) => {
    expect(numberOf(formula)).toBe(wanted)
  })

  it.each([
    'NORM.DIST(1, 0, -1, TRUE)',
    'NORM.S.INV(0)',
    'NORM.S.INV(1)',
    'LOGNORM.DIST(0, 1, 1, TRUE)',
    'CHISQ.DIST(0, 1, FALSE)',
    'CHISQ.DIST(1, 0.9, TRUE)',
    'CHISQ.DIST(1, 1e11, TRUE)',
    'CHISQ.INV(-0.1, 1)',
    'CHISQ.INV.RT(0, 1)',
    'GAMMA(0)',
    'GAMMA(-2)',
    'GAMMA(172)',
    'GAMMALN(-1)',
    'GAMMA.DIST(1, 0, 1, TRUE)',
    'GAMMA.INV(1, 1, 1)',
    'EXPON.DIST(-1, 1, TRUE)',
    'WEIBULL.DIST(1, 1, 0, TRUE)',
    'POISSON.DIST(1, -1, TRUE)',
    'BETA.DIST(0.5, 1, 1, TRUE, 1, 1)',
    'BETA.DIST(0, 0.5, 1, FALSE)',
    'BETA.INV(1, 2, 3)',
    'F.DIST(1, 1, 0, TRUE)',
    'F.INV.RT(0, 1, 1)',
    'T.DIST(1, 0.5, TRUE)',
    'TDIST(1, 5, 3)',
    'TDIST(-1, 5, 1)',
    'T.INV(0, 3)',
    'T.INV.2T(0, 3)',
    'BINOM.DIST(4, 3, 0.5, TRUE)',
    'BINOM.DIST(1, 3, 1.5, TRUE)',
    'BINOM.DIST.RANGE(10, 0.5, 5, 11)',
    'CRITBINOM(5, 0.5, 1.1)',
    'NEGBINOM.DIST(-1, 3, 0.5, TRUE)',
    'HYPGEOM.DIST(1, 30, 8, 20, TRUE)',
    'HYPGEOM.DIST(1, 18, 8, 20, TRUE)',
    'CONFIDENCE.NORM(0, 1, 10)',
    'CONFIDENCE.T(0.1, 1, 0)',
    'FISHER(-1)',
    'PERMUT(0, 0)',
    'PERMUTATIONA(2, 1e15)',
    // Beyond what can be computed: no endless loops.
    'BINOM.DIST(4500000000000000, 9000000000000000, 0.5, TRUE)',
    'BETA.DIST(0.5, 1e30, 1e30, TRUE)',
  ])('%s is #NUM!', (formula) => {
    expect(errorOf(formula)).toBe('#NUM!')
  })

  it('one observation has no confidence', () => {
    expect(errorOf('CONFIDENCE.T(0.1, 1, 1)')).toBe('#DIV/0!')
  })

  it('great parameters end in time', () => {
    expect(numberOf('T.DIST.2T(1.96, 1e10)')).toBeCloseTo(0.0499957902964409, 9)
    expect(numberOf('CHISQ.DIST(1e10, 1e10, TRUE)')).toBeCloseTo(0.5, 5)
    expect(numberOf('BINOM.INV(1e9, 0.5, 0.5)')).toBe(5e8)
  })
})

describe('by the rules of a sheet', () => {
  const { dynamic: _, ...sheet } = EXAMPLE_SHEET

  it('results are decimals of 15 digits', () => {
    expect(calculate('=NORM.S.DIST(1, TRUE)', sheet).type).toMatchObject({ type: { type: 'decimal' } })
    expect(calculate('=NORM.S.DIST(1, TRUE)', sheet).value).toMatchObject({ units: 841344746068543, scale: 15 })
    expect(calculate('=NORM.S.DIST(-30, TRUE)', sheet).value).toMatchObject({ units: 0 })
  })
})
