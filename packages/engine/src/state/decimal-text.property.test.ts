import { Decimal } from '@sheetflow/core/decimal'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { shortUnits } from './decimal-text.ts'

describe('short texts of decimals', () => {
  it('are read as a decimal reads them, or left to it', () => {
    const digits = fc.stringMatching(/^[0-9.+e -]{0,18}$/)
    const usual = fc.tuple(fc.constantFrom('', '-'), fc.nat(), fc.nat()).map(([sign, whole, part]) => `${sign}${whole}.${part}`)
    const property = fc.property(fc.oneof(digits, usual, fc.integer().map(String)), (text) => {
      const units = shortUnits(text)
      if (Number.isNaN(units)) return
      const point = text.indexOf('.')
      const parsed = Decimal.tryParse(text)
      expect([parsed?.units, parsed?.scale]).toEqual([units, point < 0 ? 0 : text.length - point - 1])
      expect(Object.is(units, -0)).toBe(false)
    })
    expect(() => fc.assert(property, { numRuns: 5_000 })).not.toThrow()
    expect([shortUnits('-12.50'), shortUnits('0.05'), shortUnits('-0.00')]).toEqual([-1250, 5, 0])
    for (const text of ['', '-', '.', '1.', '.5', '+1', '1e3', '1.2.3', '1234567890123456']) expect(shortUnits(text)).toBe(Number.NaN)
  })
})
