import { describe, expect, it } from 'vitest'
import { inCalculator, inSheet } from '../testing/result-text.ts'

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
