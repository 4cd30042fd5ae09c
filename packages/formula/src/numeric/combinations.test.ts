import { expect, test } from 'vitest'
import { binomial, doubleFactorial, factorial, multinomial } from './combinations.ts'

test('factorials up to the last that is a double', () => {
  expect([0, 1, 5, 25].map(factorial)).toEqual([1n, 1n, 120n, 15511210043330985984000000n])
  expect(Number(factorial(170))).toBe(7.257415615307999e306)
  expect(factorial(171)).toBeNull()
})

test('double factorials', () => {
  expect([-1, 0, 1, 6, 7].map(doubleFactorial)).toEqual([1n, 1n, 1n, 48n, 105n])
  expect(Number(doubleFactorial(300))).toBe(8.154414069380594e307)
  expect(doubleFactorial(301)).toBeNull()
})

test('sets', () => {
  expect([binomial(8, 2), binomial(8, 8), binomial(0, 0), binomial(60, 30)]).toEqual([28n, 1n, 1n, 118264581564861424n])
  expect(binomial(9007199254740991, 1)).toBe(9007199254740991n)
  expect(binomial(9007199254740991, 4503599627370495)).toBeNull()
})

test('numbers of groups', () => {
  expect([multinomial([2, 3, 4]), multinomial([]), multinomial([0, 5])]).toEqual([1260n, 1n, 1n])
  expect(multinomial([9007199254740991, 9007199254740991])).toBeNull()
})
