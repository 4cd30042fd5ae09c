import { Decimal } from '@sheetflow/core/decimal'
import { expect, test } from 'vitest'
import { modes } from './modes.ts'

test('the most frequent, in the order of their first places', () => {
  expect([modes([1, 2, 3]), modes([3, 2, 2, 3]), modes([1n, Decimal.parse('2.0'), 2])]).toEqual([[], [3, 2], [Decimal.parse('2.0')]])
})
