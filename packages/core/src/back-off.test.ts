import { expect, test } from 'vitest'
import { backOffMs } from './back-off.ts'

const PAUSES = { firstMs: 100, mostMs: 1_000 }

test('pauses double from the first to the longest, however often it fails', () => {
  expect([1, 2, 3, 4, 5, 6, 10_000].map((failures) => backOffMs(PAUSES, failures))).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000])
})

test('with chance a pause is between half of it and the whole', () => {
  expect([0, 0.5, 1].map((random) => backOffMs(PAUSES, 2, random))).toEqual([100, 150, 200])
})
