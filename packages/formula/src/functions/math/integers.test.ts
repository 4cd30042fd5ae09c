import { expect, it } from 'vitest'
import { inCalculator, inSheet } from '../../testing/result-text.ts'

it.each([
  ['=GCD(5, 2)', '1'],
  ['=GCD(24, 36)', '12'],
  ['=GCD(7, 1)', '1'],
  ['=GCD(5, 0)', '5'],
  ['=GCD(0, 0)', '0'],
  ['=GCD([@blank])', '0'],
  ['=GCD("12", 8)', '4'],
  ['=GCD(9007199254740992, 2)', '#NUM!'],
  ['=LCM(5, 2)', '10'],
  ['=LCM(24, 36)', '72'],
  ['=LCM(5, 0)', '0'],
  ['=LCM(9007199254740991, 2)', '#NUM!'],
  ['=LCM(-1)', '#NUM!'],
  ['=LCM([@flag], 2)', '#VALUE!'],
  ['=QUOTIENT(5, 2)', '2'],
  ['=QUOTIENT(4.5, 3.1)', '1'],
  ['=QUOTIENT(-10, 3)', '-3'],
  ['=QUOTIENT([@bigint], 1)', '9007199254740993'],
  ['=SIGN([@bigint])', '1'],
  ['=SIGN(-0.1)', '-1'],
])('%s is %s', (formula, result) => {
  expect(inSheet(formula)).toBe(result)
})

it('lists hold arrays, errors and texts', () => {
  expect(inCalculator('=GCD({24,36;60,48})')).toBe('12')
  expect(inCalculator('=GCD({24,#N/A})')).toBe('#N/A')
  expect(inCalculator('=LCM({4,"x"})')).toBe('#VALUE!')
  expect(inCalculator('=GCD({TRUE,2})')).toBe('#VALUE!')
})
