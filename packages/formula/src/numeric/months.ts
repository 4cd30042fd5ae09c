import { civilFromDays, daysFromCivil, daysInMonth } from '@sheetflow/core/calendar'
import type { DateValue } from '@sheetflow/core/value'

/** So many months later (or, negative, earlier): the same day of the month, or its last day where the month is shorter (EDATE). */
export function addMonths(day: DateValue, months: number): DateValue {
  const { year, month, day: dayOfMonth } = civilFromDays(day)
  const first = civilFromDays(daysFromCivil(year, month + months, 1))
  return daysFromCivil(first.year, first.month, Math.min(dayOfMonth, daysInMonth(first.year, first.month)))
}

/** The last day of the month that lies so many months later (EOMONTH). */
export function monthEnd(day: DateValue, months: number): DateValue {
  const { year, month } = civilFromDays(day)
  return daysFromCivil(year, month + months + 1, 0)
}

/** Is it the last day of its month? */
export function isMonthEnd(day: DateValue): boolean {
  return civilFromDays(day + 1).day === 1
}

export function isLeapYear(year: number): boolean {
  return daysInMonth(year, 2) === 29
}
