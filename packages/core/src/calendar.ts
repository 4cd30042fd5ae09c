import type { DateValue, TimeValue, Timestamp } from './value.ts'

/** Pure date arithmetic: proleptic Gregorian, years 0001..9999, no zone, no clock. */

/** Microseconds of a day. */
export const DAY_MICROS = 86_400_000_000
/** 0001-01-01 and 9999-12-31 in days since 1970-01-01. */
export const MIN_DAYS = -719_162
/** See `MIN_DAYS`. */
export const MAX_DAYS = 2_932_896

/** A day by its parts: month 1..12, day 1..31. */
export interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Days since 1970-01-01. Month and day may lie outside their range and carry over, as in Excel's DATE. */
export function daysFromCivil(year: number, month: number, day: number): DateValue {
  const y = year + Math.floor((month - 1) / 12)
  const m = ((((month - 1) % 12) + 12) % 12) + 1
  // The year begins in March, so that the leap day is its last (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  const shifted = m <= 2 ? y - 1 : y
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The parts of a day. */
export function civilFromDays(days: DateValue): Civil {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** Days of a month (1..12). */
export function daysInMonth(year: number, month: number): number {
  return daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1)
}

/** `2026-11-23` → days, or null if it is no day of the years 0001..9999. */
export function parseDate(text: string): DateValue | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null
  return daysFromCivil(year, month, day)
}

/** Days → `2026-11-23`. */
export function formatDate(days: DateValue): string {
  const { year, month, day } = civilFromDays(days)
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

/** `10:00`, `10:00:00`, `10:00:00.5` … `24:00:00` → µs of the day, or null. */
export function parseTime(text: string): TimeValue | null {
  const match = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/.exec(text)
  if (match === null) return null
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
  const micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + Number((match[4] ?? '').padEnd(6, '0'))
  return minutes > 59 || seconds > 59 || micros > DAY_MICROS ? null : micros
}

/** µs of the day → `HH:MM:SS.ffffff`. */
export function formatTime(micros: TimeValue): string {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = String(micros - seconds * 1_000_000).padStart(6, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/

/**
 * A moment, or null. `timestamp` takes no zone, `timestamptz` needs one (`Z`, `+02`, `+02:00`) and is turned to UTC.
 * `T` or a space between; up to 6 decimals.
 */
export function parseTimestamp(type: 'timestamp' | 'timestamptz', text: string): Timestamp | null {
  const match = MOMENT.exec(text)
  if (match === null || (match[3] === undefined) !== (type === 'timestamp')) return null
  const days = parseDate(match[1] ?? '')
  const micros = parseTime(match[2] ?? '')
  if (days === null || micros === null) return null
  const moment = timestampOf(days, micros - zoneMicros(match[3] ?? 'Z'))
  return moment.days < MIN_DAYS || moment.days > MAX_DAYS ? null : moment
}

/** `2026-11-23T10:00:00.123456`, with `Z` for `timestamptz`: always 6 decimals. */
export function formatTimestamp(type: 'timestamp' | 'timestamptz', value: Timestamp): string {
  return `${formatDate(value.days)}T${formatTime(value.micros)}${type === 'timestamptz' ? 'Z' : ''}`
}

/** A moment from days and µs that may lie outside their day. */
export function timestampOf(days: number, micros: number): Timestamp {
  const carry = Math.floor(micros / DAY_MICROS)
  return { days: days + carry, micros: micros - carry * DAY_MICROS }
}

/** The moment `ms` milliseconds after 1970-01-01 (UTC). */
export function timestampFromMs(ms: number): Timestamp {
  const days = Math.floor(ms / 86_400_000)
  return { days, micros: Math.floor((ms - days * 86_400_000) * 1000) }
}

/** Milliseconds since 1970 as messages carry a moment: `2026-11-23T10:00:00.123000Z`. */
export function isoFromMs(ms: number): string {
  return formatTimestamp('timestamptz', timestampFromMs(ms))
}

/** Milliseconds since 1970-01-01 (UTC), µs cut off. */
export function msFromTimestamp(value: Timestamp): number {
  return value.days * 86_400_000 + Math.floor(value.micros / 1000)
}

/**
 * Excel's serial of a day (1900 system): 1 is 1900-01-01, 61 is 1900-03-01. Excel counts a 29 February 1900 that never was (60);
 * days before 1900-03-01 are therefore one less than the distance, and days before 1900 go on downwards.
 */
export function serialFromDays(days: DateValue): number {
  const serial = days + 25_569
  return serial < 61 ? serial - 1 : serial
}

/** The day of a serial; the fraction is cut off. 60, the day that never was, is 1900-02-28. */
export function daysFromSerial(serial: number): DateValue {
  const whole = Math.floor(serial)
  return whole - 25_569 + (whole < 60 ? 1 : 0)
}

function zoneMicros(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0)
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000_000
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
