import { civilFromDays, daysFromCivil, serialFromDays } from '@sheetflow/core/calendar'
import type { DateValue } from '@sheetflow/core/value'

/** The day of the week, 0 Sunday to 6 Saturday. */
export function weekdayOf(day: DateValue): number {
  return (((day + 4) % 7) + 7) % 7
}

/**
 * The day of the week as Excel's WEEKDAY says: in January and February 1900 it is one day behind, because Excel counts a 29 February 1900 that never was.
 */
export function excelWeekday(day: DateValue): number {
  const serial = serialFromDays(day)
  return serial >= 0 && serial < 60 ? (serial + 6) % 7 : weekdayOf(day)
}

/** The number of the week in its year, where week 1 has 1 January and weeks begin on that day of the week (0 Sunday). */
export function weekOfYear(day: DateValue, firstDay: number): number {
  const newYear = daysFromCivil(civilFromDays(day).year, 1, 1)
  const lead = (weekdayOf(newYear) - firstDay + 7) % 7
  return Math.floor((day - newYear + lead) / 7) + 1
}

/** The number of the week by ISO 8601: weeks begin on Monday, and week 1 has the year's first Thursday. */
export function isoWeek(day: DateValue): number {
  const thursday = day - ((weekdayOf(day) + 6) % 7) + 3
  return Math.floor((thursday - daysFromCivil(civilFromDays(thursday).year, 1, 1)) / 7) + 1
}
