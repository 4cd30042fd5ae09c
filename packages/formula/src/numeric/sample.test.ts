import { Decimal } from '@sheetflow/core/decimal'
import { expect, test } from 'vitest'
import { mode, quantilePlace, sorted, squaredSpread } from './sample.ts'

test('the spread is exact however far the numbers are from 0', () => {
  const spread = (numbers: readonly number[]): string => squaredSpread(numbers).normalize().toString()
  expect(spread([2, 4, 4, 4, 5, 5, 7, 9])).toBe('256')
  expect(spread([1e15, 1e15 + 1, 1e15 + 2])).toBe('6')
  expect(spread([0.1, 0.1, 0.1])).toBe('0')
  expect(spread([1.5, -2.25])).toBe('14.0625')
})

test('the first of the most frequent', () => {
  expect([mode([1, 2, 3]), mode([3, 2, 2, 3]), mode([1n, Decimal.parse('2.0'), 2])]).toEqual([null, 3, Decimal.parse('2.0')])
})

test('any kinds of numbers are sorted by value', () => {
  expect(sorted([3, 1n, Decimal.parse('2.5')])).toEqual([1n, Decimal.parse('2.5'), 3])
})

test.each([
  ['0', 4, true, 0, '0'],
  ['0.3', 4, true, 0, '0.9'],
  ['1', 4, true, 3, '0'],
  ['0.2', 4, false, 0, '0.0'],
  ['0.5', 4, false, 1, '0.5'],
])('the quantile %s of %d numbers, inclusive %s', (k, count, inclusive, index, fraction) => {
  const place = quantilePlace(Decimal.parse(k), count, inclusive)
  expect([place?.index, place?.fraction.toNumber()]).toEqual([index, Number(fraction)])
})

test.each([
  ['1.1', true],
  ['-0.1', true],
  ['0.19', false],
  ['0.81', false],
])('there is no quantile %s of four numbers, inclusive %s', (k, inclusive) => {
  expect(quantilePlace(Decimal.parse(k), 4, inclusive)).toBeNull()
})
