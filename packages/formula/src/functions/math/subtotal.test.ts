import { describe, expect, it } from 'vitest'
import { inCalculator, inSheet } from '../../testing/result-text.ts'

const NUMBERS = '{2,4,4,4;5,5,7,9}'

describe('SUBTOTAL', () => {
  it.each([
    [1, '5'],
    [2, '8'],
    [3, '8'],
    [4, '9'],
    [5, '2'],
    [6, '201600'],
    [7, '2.1380899352994'],
    [8, '2'],
    [9, '40'],
    [10, '4.57142857142857'],
    [11, '4'],
    [109, '40'],
    [111, '4'],
    [0, '#VALUE!'],
    [12, '#VALUE!'],
    [100, '#VALUE!'],
    [112, '#VALUE!'],
  ])('%d of numbers is %s', (fn, result) => {
    expect(inCalculator(`=SUBTOTAL(${fn}, ${NUMBERS})`)).toBe(result)
  })

  it.each([
    [1, '#DIV/0!'],
    [2, '0'],
    [3, '1'],
    [4, '0'],
    [6, '0'],
    [7, '#DIV/0!'],
    [9, '0'],
    [11, '#DIV/0!'],
  ])('%d of no numbers is %s', (fn, result) => {
    expect(inCalculator(`=SUBTOTAL(${fn}, "5")`)).toBe(result)
  })

  it('counts errors as values, and hands them through otherwise', () => {
    expect(inCalculator('=SUBTOTAL(2, {1,#N/A})')).toBe('1')
    expect(inCalculator('=SUBTOTAL(3, {1,#N/A})')).toBe('2')
    expect(inCalculator('=SUBTOTAL(9, {1,#N/A})')).toBe('#N/A')
  })

  it('computes in doubles where a value is one', () => {
    expect(inSheet('=SUBTOTAL(9, [@double], 1)')).toBe('1.3')
    expect(inSheet('=SUBTOTAL(1, [@price], [@quantity])')).toBe('6.75')
  })
})

describe('AGGREGATE', () => {
  it.each([
    // Microsoft's example: the errors among the numbers are left out.
    ['=AGGREGATE(4, 6, {#DIV/0!;72;30;#NUM!;31;96;32;81;33;53;34})', '96'],
    ['=AGGREGATE(14, 6, {#DIV/0!;72;30;#NUM!;31;96;32;81;33;53;34}, 3)', '72'],
    ['=AGGREGATE(15, 6, {#DIV/0!;72;30;#NUM!;31}, 2)', '31'],
    ['=AGGREGATE(15, 6, {#DIV/0!;72;30})', '#VALUE!'],
    ['=AGGREGATE(12, 4, {1,3,2,10})', '2.5'],
    ['=AGGREGATE(12, 4, {"a","b"})', '#NUM!'],
    ['=AGGREGATE(13, 4, {1,3,3,1,2})', '1'],
    ['=AGGREGATE(13, 4, {1,2,3})', '#N/A'],
    ['=AGGREGATE(16, 4, {1,2,3,4}, 0.3)', '1.9'],
    ['=AGGREGATE(17, 4, {1,2,4,7,8,9,10,12}, 1)', '3.5'],
    ['=AGGREGATE(18, 4, {6,7,15,36,39,40,41,42,43,47,49}, 0.25)', '15'],
    ['=AGGREGATE(19, 4, {6,7,15,36,39,40,41,42,43,47,49}, 3)', '43'],
    ['=AGGREGATE(19, 4, {6,7,15,36}, 0)', '#NUM!'],
    // The ends, and what lies beyond them, with and without them.
    ['=AGGREGATE(16, 4, {1,2,3,4}, 0)', '1'],
    ['=AGGREGATE(16, 4, {1,2,3,4}, 1)', '4'],
    ['=AGGREGATE(16, 4, {1,2,3,4}, 1.1)', '#NUM!'],
    ['=AGGREGATE(16, 4, {1,2,3,4}, -0.1)', '#NUM!'],
    ['=AGGREGATE(18, 4, {1,2,3,4}, 0.2)', '1'],
    ['=AGGREGATE(18, 4, {1,2,3,4}, 0.5)', '2.5'],
    ['=AGGREGATE(18, 4, {1,2,3,4}, 0.19)', '#NUM!'],
    ['=AGGREGATE(18, 4, {1,2,3,4}, 0.81)', '#NUM!'],
    // As LARGE and SMALL: a part of a place counts as one.
    ['=AGGREGATE(14, 4, {5,6,7}, 1.5)', '6'],
    ['=LARGE({5,6,7}, 1.5)', '6'],
    ['=AGGREGATE(14, 4, {1,2}, #N/A)', '#N/A'],
    ['=AGGREGATE(9, 4, {1,#N/A})', '#N/A'],
    ['=AGGREGATE(3, 6, {1,#N/A})', '1'],
    ['=AGGREGATE(9, 8, {1,2})', '#VALUE!'],
    ['=AGGREGATE(20, 4, {1,2}, 1)', '#VALUE!'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })
})
