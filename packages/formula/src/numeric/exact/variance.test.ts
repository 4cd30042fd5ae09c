import { expect, test } from 'vitest'
import { toDouble } from './ratio.ts'
import { mean, variance } from './variance.ts'

test('values far from 0 lose nothing', () => {
  const values = [1e15 + 1, 1e15 + 2, 1e15 + 3]
  expect(variance(values, true)).toMatchObject({ above: 6n, below: 6n })
  expect(toDouble(variance(values, false) ?? { above: 0n, below: 1n })).toBe(2 / 3)
  expect(toDouble(mean(values) ?? { above: 0n, below: 1n })).toBe(1e15 + 2)
})

test('equal values have none, also where doubles would', () => {
  expect(variance([0.1, 0.1, 0.1], true)?.above).toBe(0n)
})

test('of too few there is none', () => {
  expect([mean([]), variance([1], true), variance([], false)]).toEqual([null, null, null])
})

test('variances are exact however far the numbers are from 0', () => {
  const ofAll = (numbers: readonly number[]): number => toDouble(variance(numbers, false) ?? { above: 1n, below: 0n })
  expect([ofAll([2, 4, 4, 4, 5, 5, 7, 9]), ofAll([1e15, 1e15 + 1, 1e15 + 2]), ofAll([0.1, 0.1, 0.1]), ofAll([1.5, -2.25])]).toEqual([
    4,
    2 / 3,
    0,
    3.515625,
  ])
})
