import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { isoWeek, weekdayOf, weekOfYear } from './weekday.ts'
import { countWorkdays, moveWorkdays } from './workdays.ts'

const DAY = fc.integer({ min: -30_000, max: 60_000 })
const WEEKEND = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }).filter((free) => free.includes(false))
const NEAR = fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 12 })

describe('working days', () => {
  it('are counted and moved over as by going day by day', () => {
    fc.assert(
      fc.property(DAY, fc.integer({ min: -40, max: 40 }), WEEKEND, NEAR, (start, by, weekend, offsets) => {
        const holidays = offsets.map((offset) => start + offset)
        const works = (day: number): boolean => weekend[weekdayOf(day)] !== true && !holidays.includes(day)
        let count = 0
        for (let day = Math.min(start, start + by); day <= Math.max(start, start + by); day++) if (works(day)) count++
        expect(countWorkdays(start, start + by, weekend, holidays)).toBe(by < 0 ? -count + 0 : count)
        let day = start
        for (let left = Math.abs(by); left > 0;) {
          day += Math.sign(by)
          if (works(day)) left--
        }
        expect(moveWorkdays(start, by, weekend, holidays)).toBe(day)
      }),
      { numRuns: runs(500, 20_000) },
    )
  })

  it('do not exist in a week that is free', () => {
    expect(moveWorkdays(0, 1, Array<boolean>(7).fill(true), [])).toBeNull()
    expect(countWorkdays(0, 100, Array<boolean>(7).fill(true), [3])).toBe(0)
  })
})

describe('weeks', () => {
  it('begin on their first day, and 1 January is in week 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: -25_000, max: 60_000 }), fc.integer({ min: 0, max: 6 }), (day, first) => {
        const [week, next] = [weekOfYear(day, first), weekOfYear(day + 1, first)]
        const begins = weekdayOf(day + 1) === first
        expect(next === 1 ? week >= 52 || !begins : next - week === (begins ? 1 : 0)).toBe(true)
        expect(isoWeek(day)).toBe(isoWeek(day - ((weekdayOf(day) + 6) % 7)))
      }),
      { numRuns: runs(500, 20_000) },
    )
  })
})
