import { describe, expect, it } from 'vitest'
import { inCalculator, inSheet } from '../../testing/result-text.ts'

describe('functions computed in doubles', () => {
  // Published values: Abramowitz & Stegun, and mpmath to 40 digits; a sheet keeps 15.
  it.each([
    ['=PI()', '3.14159265358979'],
    ['=SIN(1)', '0.841470984807897'],
    ['=SIN(1000000)', '-0.349993502171293'],
    ['=COS(1)', '0.54030230586814'],
    ['=TAN(1)', '1.5574077246549'],
    ['=COT(2)', '-0.457657554360286'],
    ['=SEC(2)', '-2.40299796172238'],
    ['=CSC(2)', '1.09975017029462'],
    ['=ASIN(0.5)', '0.523598775598299'],
    ['=ACOS(-1)', '3.14159265358979'],
    ['=ATAN(2)', '1.10714871779409'],
    ['=ATAN2(-1, -1)', '-2.35619449019234'],
    ['=ACOT(-2)', '2.67794504458899'],
    ['=SINH(1)', '1.1752011936438'],
    ['=SINH(0.000001)', '0.00000100000000000017'],
    ['=COSH(1)', '1.54308063481524'],
    ['=TANH(0.000001)', '0.000000999999999999667'],
    ['=COTH(1)', '1.3130352854993300'],
    ['=SECH(1)', '0.648054273663885'],
    ['=CSCH(1)', '0.850918128239322'],
    ['=ASINH(0.000001)', '0.000000999999999999833'],
    ['=ACOSH(2)', '1.31695789692482'],
    ['=ATANH(0.5)', '0.549306144334055'],
    ['=ACOTH(2)', '0.549306144334055'],
    ['=ACOTH(-1.0000001)', '-8.4056214404672'],
    ['=EXP(1)', '2.71828182845905'],
    ['=LN(2)', '0.693147180559945'],
    ['=LOG10(2)', '0.301029995663981'],
    ['=LOG(86, 2.7182818)', '4.45434734288829'],
    ['=SQRTPI(1)', '1.77245385090552'],
    ['=DEGREES(1)', '57.2957795130823'],
    ['=RADIANS(1)', '0.0174532925199433'],
  ])('%s is %s', (formula, result) => {
    expect(inSheet(formula)).toBe(result.replace(/0+$/, ''))
  })

  it.each([
    ['=SIN(134217727)-SIN(134217727)', '0'],
    ['=TAN(-134217728)', '#NUM!'],
    ['=COT(0)', '#DIV/0!'],
    ['=CSCH(0)', '#DIV/0!'],
    ['=COTH(134217728)', '#NUM!'],
    ['=ATAN2(0, 0)', '#DIV/0!'],
    ['=ACOTH(0.5)', '#NUM!'],
    ['=ATANH(-1)', '#NUM!'],
    ['=ACOSH(0.9)', '#NUM!'],
    ['=EXP(710)', '#NUM!'],
    ['=EXP(-1000)', '0'],
    ['=LN(0)', '#NUM!'],
    ['=LOG(0)', '#NUM!'],
    ['=LOG(-2, 3)', '#NUM!'],
    ['=LOG(2, 0)', '#NUM!'],
    ['=LOG(2, -1)', '#NUM!'],
    ['=LOG(2, 1)', '#DIV/0!'],
    ['=LOG(100, )', '#NUM!'],
    ['=LOG(1024, 2)', '10'],
    ['=SIN("1e-8")', '0.00000001'],
    ['=COS(TRUE)', '0.54030230586814'],
    ['=POWER(0, 0)', '#NUM!'],
    ['=POWER(0, -1)', '#DIV/0!'],
    ['=POWER(-8, 1/3)', '#NUM!'],
    ['=POWER(98.6, 3.2)', '2401077.2220695800'],
    ['=POWER(1.1, 2)', '1.21'],
    ['=SQRTPI([@flag])', '#VALUE!'],
  ])('%s is %s', (formula, result) => {
    expect(inSheet(formula)).toBe(result.includes('.') ? result.replace(/0+$/, '') : result)
  })

  it('of a double, or where types are dynamic, they are doubles', () => {
    expect(inSheet('=EXP([@double])')).toBe(String(Math.exp(0.1 + 0.2)))
    expect(inCalculator('=EXP(1)')).toBe(String(Math.E))
    expect(inCalculator('=EXP(700)/EXP(699)')).toBe('2.718281828459045')
    expect(inCalculator('=SIN({0;1})')).toBe(`{0;${Math.sin(1)}}`)
  })
})

describe('SERIESSUM', () => {
  it.each([
    // Microsoft's example: the cosine of π/4 by its series.
    ['=ROUND(SERIESSUM(0.785398163, 0, 2, {1,-0.5,0.041666667,-0.001388889}), 6)', '0.707103'],
    ['=SERIESSUM(2, -1, 1, {4,3})', '5'],
    ['=SERIESSUM(2, 0, 1, 7)', '7'],
    ['=SERIESSUM(0, 0, 1, {1,2})', '#NUM!'],
    ['=SERIESSUM(0, 1, 1, {1,2})', '0'],
    ['=SERIESSUM(-8, 0.5, 1, {1})', '#NUM!'],
    ['=SERIESSUM(2, 0, 1, {1,TRUE})', '#VALUE!'],
    ['=SERIESSUM(2, 0, 1, {1,#N/A})', '#N/A'],
    ['=SERIESSUM("x", 0, 1, {1})', '#VALUE!'],
    ['=SERIESSUM(TRUE, 0, 1, {1})', '#VALUE!'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })
})
