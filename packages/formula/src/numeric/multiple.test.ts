import { Decimal } from '@sheetflow/core/decimal'
import { expect, test } from 'vitest'
import { multipleOf, wholeQuotient, type Direction } from './multiple.ts'

test.each<[string, string, Direction, string]>([
  ['2.5', '1', 'down', '2'],
  ['-2.5', '1', 'down', '-3'],
  ['2.5', '1', 'up', '3'],
  ['-2.5', '1', 'up', '-2'],
  ['-2.5', '1', 'toward-zero', '-2'],
  ['-2.5', '1', 'away-from-zero', '-3'],
  ['2.5', '-1', 'half-away', '3'],
  ['-2.5', '1', 'half-away', '-3'],
  ['2.4', '1', 'half-away', '2'],
  ['0.3', '0.1', 'down', '0.3'],
  ['1.1', '0.05', 'up', '1.1'],
  ['1e30', '7', 'down', '999999999999999999999999999999'],
  ['10', '1e-300', 'up', '10'],
  ['0', '3', 'up', '0'],
])('%s to multiples of %s, %s, is %s', (value, step, direction, result) => {
  expect(multipleOf(Decimal.parse(value), Decimal.parse(step), direction)?.toString()).toBe(result)
})

test.each<[string, string, bigint]>([
  ['7', '2', 3n],
  ['-7', '2', -3n],
  ['7', '-2', -3n],
  ['0.3', '0.1', 3n],
  ['9007199254740993', '3', 3002399751580331n],
])('%s contains %s %d times', (value, step, count) => {
  expect(wholeQuotient(Decimal.parse(value), Decimal.parse(step), 'toward-zero')).toBe(count)
})

test('a step that goes in more often than a double can say', () => {
  expect(multipleOf(Decimal.parse('709'), Decimal.parse('1e-305'), 'up')?.toString()).toBe('709')
  expect(multipleOf(Decimal.parse('709'), Decimal.parse('1e-307'), 'up')).toBeNull()
})
