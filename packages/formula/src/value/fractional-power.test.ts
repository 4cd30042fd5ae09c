import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal } from '@sheetflow/core/decimal'
import { fractionalPower } from './fractional-power.ts'

function power(base: string, exponent: string): string {
  return String(fractionalPower(Decimal.parse(base), Decimal.parse(exponent)))
}

describe('powers with a fraction in the exponent', () => {
  it.each([
    ['4', '0.5', '2'],
    ['2', '0.5', '1.4142135623731'],
    ['0.0001', '0.25', '0.1'],
    ['1e20', '0.1', '100'],
    ['2', '-0.5', '0.707106781186548'],
    ['10', '-20.5', '0.00000000000000000000316227766016838'],
    ['10', '1000.5', 'null'],
    ['10', '-1000.5', '0'],
  ])('%s ^ %s is %s', (base, exponent, wanted) => {
    expect(power(base, exponent)).toBe(wanted)
  })

  it('agrees with doubles to 12 digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: -3_000, max: 3_000 }), (base, thousandths) => {
        const result = fractionalPower(Decimal.of(base, 2), Decimal.of(thousandths * 2 + 1, 3))
        const double = (base / 100) ** ((thousandths * 2 + 1) / 1000)
        if (result === null || double > 1e37 || double < 1e-20) return
        expect(Math.abs(result.toNumber() / double - 1)).toBeLessThan(1e-12)
      }),
    )
  })
})
