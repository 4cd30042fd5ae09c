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
