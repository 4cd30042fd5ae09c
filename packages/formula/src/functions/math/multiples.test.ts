import { describe, expect, it } from 'vitest'
import { inSheet } from '../../testing/result-text.ts'

describe('rounding to multiples', () => {
  it.each([
    // Microsoft's examples.
    ['=CEILING(2.5, 1)', '3'],
    ['=CEILING(-2.5, -2)', '-4'],
    ['=CEILING(-2.5, 2)', '-2'],
    ['=CEILING(1.5, 0.1)', '1.5'],
    ['=CEILING(0.234, 0.01)', '0.24'],
    ['=CEILING.MATH(24.3, 5)', '25'],
    ['=CEILING.MATH(6.7)', '7'],
    ['=CEILING.MATH(-8.1, 2)', '-8'],
    ['=CEILING.MATH(-5.5, 2, -1)', '-6'],
    ['=CEILING.PRECISE(-4.3, -2)', '-4'],
    ['=ISO.CEILING(-4.3, 2)', '-4'],
    ['=FLOOR(3.7, 2)', '2'],
    ['=FLOOR(-2.5, -2)', '-2'],
    ['=FLOOR(2.5, -2)', '#NUM!'],
    ['=FLOOR(1.58, 0.1)', '1.5'],
    ['=FLOOR(0.234, 0.01)', '0.23'],
    ['=FLOOR.MATH(24.3, 5)', '20'],
    ['=FLOOR.MATH(6.7)', '6'],
    ['=FLOOR.MATH(-8.1, 2)', '-10'],
    ['=FLOOR.MATH(-5.5, 2, -1)', '-4'],
    ['=FLOOR.PRECISE(-3.2, -1)', '-4'],
    ['=FLOOR.PRECISE(3.2, 1)', '3'],
    ['=MROUND(10, 3)', '9'],
    ['=MROUND(-10, -3)', '-9'],
    ['=MROUND(1.3, 0.2)', '1.4'],
    ['=MROUND(5, -2)', '#NUM!'],
    ['=EVEN(1.5)', '2'],
    ['=EVEN(3)', '4'],
    ['=EVEN(2)', '2'],
    ['=ODD(1.5)', '3'],
    ['=ODD(3)', '3'],
    ['=ODD(2)', '3'],
    ['=ODD(-2)', '-3'],
  ])('%s is %s', (formula, result) => {
    expect(inSheet(formula)).toBe(result)
  })

  it.each([
    ['=CEILING(5, 0)', '0'],
    ['=FLOOR(5, 0)', '#DIV/0!'],
    ['=FLOOR(0, 0)', '0'],
    ['=FLOOR.MATH(5, 0)', '0'],
    ['=CEILING(0, -3)', '0'],
    ['=FLOOR(-7, 2)', '-8'],
    ['=MROUND(7.5, 5)', '10'],
    ['=MROUND(5, 0)', '0'],
    ['=MROUND(0, -5)', '0'],
    ['=ODD(0.2)', '1'],
    ['=ODD(-0.2)', '-1'],
    ['=EVEN(-0.2)', '-2'],
  ])('at the edges: %s is %s', (formula, result) => {
    expect(inSheet(formula)).toBe(result)
  })

  it('is exact for decimals, great numbers and the sure digits of doubles', () => {
    expect(inSheet('=FLOOR(4.35*100, 1)')).toBe('435')
    expect(inSheet('=FLOOR([@bigint], 10)')).toBe('9007199254740990')
    expect(inSheet('=CEILING([@double], 0.1)')).toBe('0.3')
    expect(inSheet('=QUOTIENT([@double], 0.1)')).toBe('3')
    expect(inSheet('=ROUND([@double]*5-1, 0)')).toBe('1')
  })

  it('tells an argument that is left out from Blank', () => {
    expect(inSheet('=CEILING.MATH(-5.5, , 1)')).toBe('-6')
    expect(inSheet('=CEILING.MATH(-5.5, [@blank], 1)')).toBe('0')
    expect(inSheet('=FLOOR(5, )')).toBe('#DIV/0!')
  })

  it('reads no boolean where the Analysis ToolPak did not', () => {
    expect(inSheet('=MROUND([@flag], 1)')).toBe('#VALUE!')
    expect(inSheet('=QUOTIENT(7, [@flag])')).toBe('#VALUE!')
    expect(inSheet('=CEILING([@flag], 2)')).toBe('2')
  })
})
