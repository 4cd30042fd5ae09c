import { expect, it } from 'vitest'
import { inCalculator, inSheet } from '../../testing/result-text.ts'

it.each([
  ['=FACT(0)', '1'],
  ['=FACT(20)', '2432902008176640000'],
  ['=FACT(33)', '8683317618811886495518194401280000000'],
  ['=FACT(34)', '#NUM!'],
  ['=FACT(-1)', '#NUM!'],
  ['=FACT(1e15)', '#NUM!'],
  ['=FACTDOUBLE(0)', '1'],
  ['=FACTDOUBLE(-1)', '1'],
  ['=FACTDOUBLE(12)', '46080'],
  ['=FACTDOUBLE([@flag])', '#VALUE!'],
  ['=COMBIN(8, 2)', '28'],
  ['=COMBIN(8.9, 2.9)', '28'],
  ['=COMBIN(100, 50)', '100891344545564193334812497256'],
  ['=COMBIN(9007199254740991, 4503599627370495)', '#NUM!'],
  ['=COMBIN(5, -1)', '#NUM!'],
  ['=COMBINA(4, 3)', '20'],
  ['=COMBINA(10, 3)', '220'],
  ['=COMBINA(2, 3)', '4'],
  ['=COMBINA(0, 0)', '1'],
  ['=COMBINA(0, 1)', '#NUM!'],
  ['=MULTINOMIAL(2, 3, 4)', '1260'],
  ['=MULTINOMIAL(1.7, 1.2, 3.4, 2.3)', '420'],
  ['=MULTINOMIAL([@blank])', '1'],
  ['=MULTINOMIAL(-1, 2)', '#NUM!'],
  ['=MULTINOMIAL(9007199254740991, 9007199254740991)', '#NUM!'],
])('%s is %s', (formula, result) => {
  expect(inSheet(formula)).toBe(result)
})

it('where types are dynamic results are doubles, as great as those of Excel', () => {
  expect(inCalculator('=FACT(170)/FACT(169)')).toBe('170')
  expect(inCalculator('=FACT(171)')).toBe('#NUM!')
  expect(inCalculator('=FACTDOUBLE(300)/FACTDOUBLE(298)')).toBe('300')
  expect(inCalculator('=FACT({3;4})')).toBe('{6;24}')
})
