import { describe, expect, test } from 'vitest'
import {
  MAX_DAYS,
  MIN_DAYS,
  civilFromDays,
  daysFromCivil,
  daysFromSerial,
  daysInMonth,
  formatDate,
  formatTime,
  formatTimestamp,
  isoFromMs,
  msFromTimestamp,
  parseDate,
  parseTime,
  parseTimestamp,
  serialFromDays,
  timestampFromMs,
} from './calendar.ts'
import { compareIntervals, formatInterval, parseInterval } from './interval.ts'
import type { Interval } from './value.ts'

describe('days', () => {
  test('every day from 0001-01-01 to 9999-12-31 follows the one before', () => {
    let { year, month, day } = { year: 1, month: 1, day: 1 }
    const wrong: string[] = []
    for (let days = MIN_DAYS; days <= MAX_DAYS; days++) {
      const civil = civilFromDays(days)
      if (civil.year !== year || civil.month !== month || civil.day !== day || daysFromCivil(year, month, day) !== days)
        wrong.push(formatDate(days))
      const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      const length = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
      day++
      if (day > length) [day, month] = [1, month + 1]
      if (month > 12) [month, year] = [1, year + 1]
    }
    expect(wrong).toEqual([])
    expect([year, month, day]).toEqual([10_000, 1, 1])
  })

  test('months and days carry over', () => {
    expect(formatDate(daysFromCivil(2026, 13, 1))).toBe('2027-01-01')
    expect(formatDate(daysFromCivil(2026, 0, 1))).toBe('2025-12-01')
    expect(formatDate(daysFromCivil(2026, -11, 1))).toBe('2025-01-01')
    expect(formatDate(daysFromCivil(2026, 3, 0))).toBe('2026-02-28')
    expect(daysInMonth(2024, 2)).toBe(29)
    expect(daysInMonth(1900, 2)).toBe(28)
    expect(daysInMonth(2026, 12)).toBe(31)
  })

  test.each([
    '',
    '2026-1-1',
    '2026-13-01',
    '2026-00-10',
    '2026-02-29',
    '2026-04-31',
    '0000-01-01',
    '10000-01-01',
    '-0001-01-01',
    '2026-11-23 ',
    '20261123',
  ])('%j is no date', (text) => {
    expect(parseDate(text)).toBeNull()
  })

  test('serials are Excel’s, with its day that never was', () => {
    const serials: [string, number][] = [
      ['1900-01-01', 1],
      ['1900-02-28', 59],
      ['1900-03-01', 61],
      ['1970-01-01', 25_569],
      ['2026-11-23', 46_349],
      ['9999-12-31', 2_958_465],
    ]
    for (const [text, serial] of serials) {
      expect(serialFromDays(parseDate(text) ?? 0)).toBe(serial)
      expect(formatDate(daysFromSerial(serial))).toBe(text)
    }
    expect(formatDate(daysFromSerial(60))).toBe('1900-02-28')
    expect(formatDate(daysFromSerial(46_349.9))).toBe('2026-11-23')
  })
})

describe('times', () => {
  test.each([
    ['00:00', '00:00:00.000000'],
    ['23:59:59', '23:59:59.000000'],
    ['10:00:00.5', '10:00:00.500000'],
    ['10:00:00.000001', '10:00:00.000001'],
    ['24:00:00', '24:00:00.000000'],
  ])('%s is %s', (text, canonical) => {
    expect(formatTime(parseTime(text) ?? -1)).toBe(canonical)
  })

  test.each(['', '24:00:01', '24:00:00.000001', '25:00', '10:60', '10:00:60', '1:00', '10:00:00.1234567', '10', '-01:00'])(
    '%j is no time',
    (text) => {
      expect(parseTime(text)).toBeNull()
    },
  )
})

describe('moments', () => {
  test.each([
    ['2026-11-23 10:00', '2026-11-23T10:00:00.000000'],
    ['2026-11-23T10:00:00.5', '2026-11-23T10:00:00.500000'],
    ['2026-11-23T24:00:00', '2026-11-24T00:00:00.000000'],
    ['0001-01-01T00:00:00.000001', '0001-01-01T00:00:00.000001'],
  ])('without a zone: %s', (text, canonical) => {
    expect(formatTimestamp('timestamp', parseTimestamp('timestamp', text) ?? { days: 0, micros: 0 })).toBe(canonical)
    expect(parseTimestamp('timestamptz', text)).toBeNull()
  })

  test.each([
    ['2026-11-23T10:00:00Z', '2026-11-23T10:00:00.000000Z'],
    ['2026-11-23 00:30:00.123456+02', '2026-11-22T22:30:00.123456Z'],
    ['2026-11-23T23:30:00-05:30', '2026-11-24T05:00:00.000000Z'],
    ['2026-11-23T23:30:00+0530', '2026-11-23T18:00:00.000000Z'],
  ])('with one: %s', (text, canonical) => {
    expect(formatTimestamp('timestamptz', parseTimestamp('timestamptz', text) ?? { days: 0, micros: 0 })).toBe(canonical)
    expect(parseTimestamp('timestamp', text)).toBeNull()
  })

  test('UTC before year 1 or behind 9999 is none', () => {
    expect(parseTimestamp('timestamptz', '0001-01-01T00:00:00+01')).toBeNull()
    expect(parseTimestamp('timestamptz', '9999-12-31T23:59:59-01')).toBeNull()
    expect(parseTimestamp('timestamp', '9999-12-31T24:00:00')).toBeNull()
  })

  test('milliseconds go round', () => {
    for (const ms of [0, -1, 1, 1_795_430_000_123, -62_135_596_800_000]) expect(msFromTimestamp(timestampFromMs(ms))).toBe(ms)
    expect(isoFromMs(1_795_430_000_123)).toBe('2026-11-23T10:33:20.123000Z')
    expect(timestampFromMs(1_795_430_000_123)).toEqual({ days: 20_780, micros: 38_000_123_000 })
  })
})

describe('intervals', () => {
  test.each<[string, Interval]>([
    ['PT0S', { months: 0, days: 0, micros: 0 }],
    ['P1Y2M3DT4H5M6.789S', { months: 14, days: 3, micros: 14_706_789_000 }],
    ['P-1Y-2M3DT-4H-5M-6.789S', { months: -14, days: 3, micros: -14_706_789_000 }],
    ['PT-0.000001S', { months: 0, days: 0, micros: -1 }],
    ['P-1M1DT-24H', { months: -1, days: 1, micros: -86_400_000_000 }],
    ['PT2501999H', { months: 0, days: 0, micros: 9_007_196_400_000_000 }],
  ])('%s', (text, interval) => {
    expect(parseInterval(text)).toStrictEqual(interval)
    expect(formatInterval(interval)).toBe(text)
  })

  test('other forms are read', () => {
    expect(parseInterval('P2W')).toEqual({ months: 0, days: 14, micros: 0 })
    expect(parseInterval('PT+90M')).toEqual({ months: 0, days: 0, micros: 5_400_000_000 })
  })

  test.each(['', 'P', 'PT', 'P1DT', '1 day', 'P1', 'PT1', 'P1H', 'PT1.1234567S', 'PT2502000H', 'P99999999999999999999Y'])(
    '%j is none',
    (text) => {
      expect(parseInterval(text)).toBeNull()
    },
  )

  test('are ordered by length, a month being 30 days', () => {
    const at = (text: string): Interval => parseInterval(text) ?? { months: 0, days: 0, micros: 0 }
    expect(compareIntervals(at('P1M'), at('P30D'))).toBe(0)
    expect(compareIntervals(at('P1M'), at('P29DT23H'))).toBe(1)
    expect(compareIntervals(at('P1Y'), at('P365D'))).toBe(-1)
  })
})
