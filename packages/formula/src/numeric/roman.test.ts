import { expect, test } from 'vitest'
import { numberOfRoman, roman } from './roman.ts'

test('499 in all forms', () => {
  expect([0, 1, 2, 3, 4].map((form) => roman(499, form))).toEqual(['CDXCIX', 'LDVLIV', 'XDIX', 'VDIV', 'ID'])
})

test('every number goes round in every form', () => {
  for (let number = 0; number < 4000; number++) {
    for (let form = 0; form <= 4; form++) expect(numberOfRoman(roman(number, form))).toBe(number)
  }
})

test.each([
  ['', 0],
  [' mcmxii ', 1912],
  ['-X', -10],
  ['IM', 999],
  ['ixix', 18],
  ['CMM', 1900],
  ['IIII', 4],
  ['IIX', 8],
  ['IIIXX', 17],
  ['XXIIX', 28],
  ['A', null],
  ['X-', null],
])('%j is %s', (text, number) => {
  expect(numberOfRoman(text)).toBe(number)
})
