import { must } from '@sheetflow/core/assert'
import { parseDate } from '@sheetflow/core/calendar'
import { describe, expect, it, test } from 'vitest'
import { couponPeriod } from './coupons.ts'
import { days360European, days360Us, yearFraction, type Basis } from './day-count.ts'

function day(text: string): number {
  return must(parseDate(text))
}

describe('days by 30/360', () => {
  test.each<[string, string, number, number]>([
    ['2007-01-31', '2007-03-31', 60, 60],
    ['2007-01-30', '2007-03-31', 60, 60],
    ['2007-01-29', '2007-03-31', 62, 61],
    ['2007-02-28', '2008-02-28', 358, 360],
    ['2007-02-28', '2008-02-29', 360, 361],
    ['2008-02-29', '2008-03-31', 31, 31],
    ['2008-02-28', '2008-02-29', 1, 1],
  ])('from %s to %s', (from, to, us, european) => {
    expect([days360Us(day(from), day(to)), days360European(day(from), day(to))]).toEqual([us, european])
  })

  it('takes both ends as ends of a coupon period', () => {
    expect(days360Us(day('2007-11-29'), day('2008-02-29'), true)).toBe(91)
    expect(days360Us(day('2007-08-31'), day('2008-02-29'), true)).toBe(180)
  })
})

/** Excel's results for YEARFRAC. */
describe('years between two days', () => {
  test.each<[string, string, Basis, number]>([
    ['2008-03-01', '2008-08-31', 0, 0.5],
    ['2008-03-01', '2008-08-31', 1, 0.5],
    ['2007-03-01', '2007-08-31', 1, 0.50136986301369868],
    ['2008-03-01', '2008-08-31', 4, 0.49722222222222223],
    ['1995-05-05', '2026-06-06', 1, 31.088295687885012],
    ['2023-03-03', '2024-02-28', 1, 0.99178082191780825],
    ['2022-02-02', '2024-02-29', 1, 2.0720802919708032],
    ['1998-08-08', '2024-04-04', 1, 25.655749340904482],
    ['2026-06-06', '2026-03-03', 0, 0.25833333333333336],
  ])('%s to %s by basis %i', (from, to, basis, result) => {
    expect(yearFraction(day(from), day(to), basis)).toBeCloseTo(result, 14)
  })
})

describe('coupon periods', () => {
  it('are those of a schedule written down one by one', () => {
    const maturity = day('2012-08-31')
    for (let settlement = day('2003-01-01'); settlement < maturity; settlement += 11) {
      const { previous, next, count } = couponPeriod(settlement, maturity, 4)
      expect(previous <= settlement && settlement < next).toBe(true)
      expect(couponPeriod(previous, maturity, 4)).toEqual({ previous, next, count })
      expect(next === maturity ? 1 : couponPeriod(next, maturity, 4).count + 1).toBe(count)
    }
  })
})
