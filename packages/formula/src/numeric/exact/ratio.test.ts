import { valueKey } from '@sheetflow/core/key'
import { Decimal } from '@sheetflow/core/decimal'
import { describe, expect, it } from 'vitest'
import { NUM } from '../../value/cell-errors.ts'
import { ratio, ratioForm, sumOf, toDouble, wholeNumbers } from './ratio.ts'

describe('fractions', () => {
  const decimal = ratioForm({ type: { type: 'decimal' }, nullable: false })

  it('numbers of all kinds have one scale', () => {
    const { units, scale } = wholeNumbers([1, 2n, Decimal.parse('0.25'), 1e-3])
    expect([units, scale]).toEqual([[1000n, 2000n, 250n, 1n], 3])
    expect(sumOf(units)).toBe(3251n)
  })

  it.each([
    [2n, 3n, 0, '0.666666666666667'],
    [-1n, 8n, 0, '-0.125'],
    [1n, 3n, 30, '0.00000000000000000000000000000033333333'],
    [5n, 4n, -3, '1250'],
    [0n, 7n, 0, '0'],
  ])('%d/%d/10^%d is %s as a decimal', (above, below, scale, text) => {
    expect(valueKey(decimal(ratio(above, below, scale)))).toBe(valueKey(Decimal.parse(text)))
  })

  it('is the nearest double, also where its parts are none', () => {
    expect(toDouble(ratio(1n, 3n))).toBe(1 / 3)
    expect(toDouble(ratio(10n ** 400n, 3n * 10n ** 400n))).toBe(1 / 3)
    expect(toDouble(ratio(-(10n ** 300n), 7n, 305))).toBe(-1e-5 / 7)
  })

  it('beyond 38 digits there is no decimal', () => {
    expect(decimal(ratio(10n ** 40n, 3n))).toBe(NUM)
  })
})
