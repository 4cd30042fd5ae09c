import { describe, expect, it } from 'vitest'
import { inCalculator, inSheet } from '../../testing/result-text.ts'

describe('XOR', () => {
  it.each([
    ['=XOR(TRUE)', 'TRUE'],
    ['=XOR(TRUE, TRUE)', 'FALSE'],
    ['=XOR(TRUE, TRUE, TRUE)', 'TRUE'],
    ['=XOR(3>0, 2<9)', 'FALSE'],
    ['=XOR(3>12, 4>6)', 'FALSE'],
    ['=XOR({TRUE,FALSE;0,5}, 1)', 'TRUE'],
    ['=XOR({"a","TRUE"}, TRUE)', 'TRUE'],
    ['=XOR({"a","b"})', '#VALUE!'],
    ['=XOR("a")', '#VALUE!'],
    ['=XOR([@blank])', '#VALUE!'],
    ['=XOR(FALSE, 1/0)', '#DIV/0!'],
    ['=XOR({1,#N/A}, TRUE)', '#N/A'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })

  it('reads columns of the row', () => {
    expect(inSheet('=XOR([@flag], [@price]>100)')).toBe('TRUE')
  })
})

describe('one condition chooses an array as a whole, an array of conditions cell by cell, as Excel does', () => {
  it.each([
    ['=SUM(IF(TRUE, {1,2}, 0))', '3'],
    ['=IF(FALSE, {1,2}, 0)', '0'],
    ['=IF(TRUE, {1,2})', '{1,2}'],
    ['=IF(FALSE, {1,2})', 'FALSE'],
    ['=IF({TRUE,FALSE}, {1,2}, 0)', '{1,0}'],
    ['=IF({TRUE;FALSE}, {1,2}, {3,4})', '{1,2;3,4}'],
    ['=IF(#N/A, {1,2}, 0)', '#N/A'],
    ['=SUM(IF(TRUE, {1,2}, 1/0))', '3'],
    ['=SUM(IF(TRUE, {1,2}, {0.5}))', '3'],
    ['=SUM(IFS(FALSE, {1,2}, TRUE, {3,4}))', '7'],
    ['=IFS(TRUE, 5, TRUE, {3,4})', '5'],
    ['=IFS({TRUE,FALSE}, 1, TRUE, {3,4})', '{1,4}'],
    ['=SUM(SWITCH(2, 1, {1,2}, 2, {3,4}))', '7'],
    ['=SWITCH(9, 1, {1,2}, 5)', '5'],
    ['=SUM(SWITCH(9, 1, 5, {1,2}))', '3'],
    ['=SWITCH({1,9}, 1, {5,6}, 0)', '{5,0}'],
    ['=SWITCH(1, {1,2}, "a", "b")', '{"a","b"}'],
    ['=ROWS(IF([@flag], SEQUENCE(3), 0))', '3'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })
})
