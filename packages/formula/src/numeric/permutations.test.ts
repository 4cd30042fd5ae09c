import { expect, test } from 'vitest'
import { permutations, permutationsWithRepeats } from './permutations.ts'

test.each([
  [100, 3, 970_200n],
  [3, 2, 6n],
  [5, 5, 120n],
  [7, 0, 1n],
  [30, 20, 73_096_577_329_197_271_449_600_000n],
  [Number.MAX_SAFE_INTEGER, 1, 9_007_199_254_740_991n],
  [Number.MAX_SAFE_INTEGER, 1e9, null],
  [171, 171, null],
])('%d things, %d of them in order: %s', (n, k, wanted) => {
  expect(permutations(n, k)).toBe(wanted)
})

test.each([
  [3, 2, 9n],
  [0, 0, 1n],
  [0, 4, 0n],
  [1, 1e15, 1n],
  [2, 1023, 2n ** 1023n],
  [2, 1024, null],
  [2, 1e15, null],
])('%d things, %d of them again and again: %s', (n, k, wanted) => {
  expect(permutationsWithRepeats(n, k)).toBe(wanted)
})
