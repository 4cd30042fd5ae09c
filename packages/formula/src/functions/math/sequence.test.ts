import { expect, it } from 'vitest'
import { inCalculator } from '../../testing/result-text.ts'

it.each([
  ['=SEQUENCE(3)', '{1;2;3}'],
  ['=SEQUENCE(2, 2, 10, -2.5)', '{10,7.5;5,2.5}'],
  ['=SEQUENCE(2.9, 2.9)', '{1,2;3,4}'],
  ['=SEQUENCE(3, , 10)', '{10;11;12}'],
  ['=SEQUENCE(, 3, , 2.5)', '{1,3.5,6}'],
  ['=SEQUENCE(2, 1, [@blank])', '{0;1}'],
  ['=SEQUENCE("2")', '{1;2}'],
  ['=SEQUENCE(0)', '#CALC!'],
  ['=SEQUENCE(0.3)', '#CALC!'],
  ['=SEQUENCE(2, 0)', '#CALC!'],
  ['=SEQUENCE(-1)', '#VALUE!'],
  ['=SEQUENCE(0, -1)', '#VALUE!'],
  ['=SEQUENCE(1001, 1000)', '#NUM!'],
  ['=SEQUENCE(1/0)', '#DIV/0!'],
  ['=SEQUENCE(2, 1, 9007199254740991)', '{9007199254740991;#NUM!}'],
  ['=SUM(SEQUENCE(10, 1, 0, 0.1))', '4.5'],
])('%s is %s', (formula, result) => {
  expect(inCalculator(formula)).toBe(result)
})
