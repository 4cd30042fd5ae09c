import { describe, expect, it } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { formatTimestamp, parseTimestamp } from '@sheetflow/core/calendar'
import { isTimeZone, localTime, zonedTime } from './zone.ts'

function local(utc: string, zone: string): string {
  return formatTimestamp('timestamp', localTime(must(parseTimestamp('timestamptz', utc)), zone)).slice(0, 19)
}

function utc(at: string, zone: string): string {
  return formatTimestamp('timestamptz', zonedTime(must(parseTimestamp('timestamp', at)), zone)).slice(0, 19)
}

describe('time zones', () => {
  it.each([
    ['2026-01-01T12:00:00Z', 'Europe/Warsaw', '2026-01-01T13:00:00'],
    ['2026-07-01T12:00:00Z', 'Europe/Warsaw', '2026-07-01T14:00:00'],
    ['2026-03-29T00:59:59Z', 'Europe/Warsaw', '2026-03-29T01:59:59'],
    ['2026-03-29T01:00:00Z', 'Europe/Warsaw', '2026-03-29T03:00:00'],
    ['2026-01-01T00:00:00Z', 'America/New_York', '2025-12-31T19:00:00'],
    ['2026-01-01T00:00:00Z', 'Asia/Kathmandu', '2026-01-01T05:45:00'],
    ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01T00:00:00'],
    ['0050-01-01T00:00:00Z', 'Etc/GMT-1', '0050-01-01T01:00:00'],
  ])('%s in %s is %s', (at, zone, wanted) => {
    expect(local(at, zone)).toBe(wanted)
  })

  it.each([
    ['2026-01-01T13:00:00', 'Europe/Warsaw', '2026-01-01T12:00:00'],
    ['2026-07-01T14:00:00', 'Europe/Warsaw', '2026-07-01T12:00:00'],
    // Skipped: counted on from before. Twice: the first.
    ['2026-03-29T02:30:00', 'Europe/Warsaw', '2026-03-29T01:30:00'],
    ['2026-10-25T02:30:00', 'Europe/Warsaw', '2026-10-25T00:30:00'],
    ['2026-10-25T03:00:00', 'Europe/Warsaw', '2026-10-25T02:00:00'],
  ])('%s in %s is %s in UTC', (at, zone, wanted) => {
    expect(utc(at, zone)).toBe(wanted)
  })

  it('knows names', () => {
    expect(isTimeZone('Europe/Warsaw')).toBe(true)
    expect(isTimeZone('Europe/Nowhere')).toBe(false)
    // Other names of zones, and what is no place.
    expect(['Asia/Calcutta', 'US/Eastern', 'UTC', 'Etc/GMT-1', 'europe/warsaw'].filter((name) => !isTimeZone(name))).toEqual([])
  })
})
