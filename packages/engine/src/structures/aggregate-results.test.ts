import { Decimal } from '@sheetflow/core/decimal'
import { expect, it } from 'vitest'
import { averageInType } from './aggregate-results.ts'

it.each([
  ['of doubles whose sum is none', '34e307', 2, 1.7e308],
  ['of the smallest double and nothing', '5e-324', 2, 5e-324],
  ['of nothing', '0', 3, 0],
  ['of ordinary ones', '-1', 4, -0.25],
])('the average %s', (_, total, count, mean) => {
  expect(averageInType({ type: 'double' }, Decimal.parse(total), count)).toBe(mean)
})
