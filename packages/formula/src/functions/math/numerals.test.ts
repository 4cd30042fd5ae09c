import { expect, it } from 'vitest'
import { inCalculator, inSheet } from '../../testing/result-text.ts'

it.each([
  ['=ROMAN(499, 0)', '"CDXCIX"'],
  ['=ROMAN(499, 1)', '"LDVLIV"'],
  ['=ROMAN(499, 2)', '"XDIX"'],
  ['=ROMAN(499, 3)', '"VDIV"'],
  ['=ROMAN(499, 4)', '"ID"'],
  ['=ROMAN(499, TRUE)', '"CDXCIX"'],
  ['=ROMAN(499, FALSE)', '"ID"'],
  ['=ROMAN(499, 5)', '#VALUE!'],
  ['=ROMAN(3999.9)', '"MMMCMXCIX"'],
  ['=ROMAN(-1)', '#VALUE!'],
  ['=ROMAN(0)', '""'],
  ['=ARABIC("")', '0'],
  ['=ARABIC(" mcmxcix ")', '1999'],
  ['=ARABIC("IIX")', '8'],
  ['=ARABIC("M"&"A")', '#VALUE!'],
  ['=ARABIC(REPT("M", 255))', '255000'],
  ['=ARABIC(REPT("M", 256))', '#VALUE!'],
  ['=BASE(7, 2)', '"111"'],
  ['=BASE(100, 16)', '"64"'],
  ['=BASE(15, 2, 10)', '"0000001111"'],
  ['=BASE(35.9, 36)', '"Z"'],
  ['=BASE(-1, 2)', '#NUM!'],
  ['=BASE(1, 37)', '#NUM!'],
  ['=BASE(1, 2, 256)', '#NUM!'],
  ['=BASE(9007199254740992, 2)', '#NUM!'],
  ['=DECIMAL("zap", 36)', '45745'],
  ['=DECIMAL(" 111 ", 2)', '7'],
  ['=DECIMAL("9007199254740993", 10)', '9007199254740993'],
  ['=DECIMAL("1.5", 10)', '#NUM!'],
  ['=DECIMAL("-1", 10)', '#NUM!'],
  ['=DECIMAL("1", 1)', '#NUM!'],
  ['=DECIMAL(REPT("1", 256), 2)', '#VALUE!'],
  ['=DECIMAL(REPT("1", 255), 36)', '#NUM!'],
])('%s is %s', (formula, result) => {
  expect(inSheet(formula)).toBe(result)
})

it('there and back', () => {
  expect(inCalculator('=DECIMAL(BASE({0,1,4095,1e15}, 36), 36)')).toBe('{0,1,4095,1000000000000000}')
})
