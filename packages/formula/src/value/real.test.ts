import { expect, test } from 'vitest'
import { valueKey } from '@sheetflow/core/key'
import { Decimal } from '@sheetflow/core/decimal'
import { NUM } from './cell-errors.ts'
import { realForm } from './real.ts'

const DECIMAL = realForm({ type: { type: 'decimal' }, nullable: false })

test.each([
  [2 / 3, '0.666666666666667'],
  [1.23456789012345e-10, '0.000000000123456789012345'],
  [1.23456789012345e-30, '0.00000000000000000000000000000123456789'],
  [8.75651076269652e-27, '0.00000000000000000000000000875651076270'],
  [5e-324, '0'],
  [-0, '0'],
  [2.356194490192345, '2.35619449019234'],
  [123456789012345680, '123456789012346000'],
])('%d as a decimal is %s', (number, text) => {
  expect(valueKey(DECIMAL(number))).toBe(valueKey(Decimal.parse(text)))
})

test('what is too great or no number is #NUM!', () => {
  expect([1e38, 1e300, Infinity, NaN].map(DECIMAL)).toEqual([NUM, NUM, NUM, NUM])
})
