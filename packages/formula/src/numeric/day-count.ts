import { civilFromDays, daysFromCivil } from '@sheetflow/core/calendar'
import type { DateValue } from '@sheetflow/core/value'
import { isLeapYear, isMonthEnd } from './months.ts'

/** Excel's day count conventions: 0 US (NASD) 30/360, 1 actual/actual, 2 actual/360, 3 actual/365, 4 European 30/360. */
export type Basis = 0 | 1 | 2 | 3 | 4

/** The convention of that number, or null if there is none. */
export function basisOf(number: number): Basis | null {
  return number === 0 || number === 1 || number === 2 || number === 3 || number === 4 ? number : null
}

/**
 * Days by US 30/360. The last day of February counts as the 30th at the start, and at the end if the start is one too; `whole` takes both ends as ends of a
 * coupon period, so that the 31st and the last of February are always the 30th (Wheeler, "YEARFRAC incompatibilities between Excel 2007 and OOXML").
 */
export function days360Us(from: DateValue, to: DateValue, whole = false): number {
  const [start, end] = [civilFromDays(from), civilFromDays(to)]
  const startsAtFebruaryEnd = start.month === 2 && isMonthEnd(from)
  let startDay = start.day
  let endDay = end.day
  if (end.month === 2 && isMonthEnd(to) && (startsAtFebruaryEnd || whole)) endDay = 30
  if (endDay === 31 && (startDay >= 30 || whole)) endDay = 30
  if (startDay === 31 || startsAtFebruaryEnd) startDay = 30
  return (end.year - start.year) * 360 + (end.month - start.month) * 30 + endDay - startDay
}

/** Days by European 30/360: the 31st is the 30th. */
export function days360European(from: DateValue, to: DateValue): number {
  const [start, end] = [civilFromDays(from), civilFromDays(to)]
  return (end.year - start.year) * 360 + (end.month - start.month) * 30 + Math.min(end.day, 30) - Math.min(start.day, 30)
}

/** Days that have passed from one day to another. */
export function daysBetween(from: DateValue, to: DateValue, basis: Basis): number {
  return basis === 0 ? days360Us(from, to) : basis === 4 ? days360European(from, to) : to - from
}

/** Days of the year that two days lie in; by actual/actual 365, 366 with a leap day, or the mean of the calendar years where they are more than one year apart. */
export function daysInYear(from: DateValue, to: DateValue, basis: Basis): number {
  if (basis === 3) return 365
  if (basis !== 1) return 360
  const [start, end] = [civilFromDays(from), civilFromDays(to)]
  const laterInYear = start.month > end.month || (start.month === end.month && start.day >= end.day)
  if (start.year !== end.year && (start.year + 1 !== end.year || !laterInYear))
    return (daysFromCivil(end.year + 1, 1, 1) - daysFromCivil(start.year, 1, 1)) / (end.year - start.year + 1)
  if (start.year === end.year) return isLeapYear(start.year) ? 366 : 365
  const hasLeapDay =
    (isLeapYear(start.year) && start.month <= 2) || (isLeapYear(end.year) && (end.month > 2 || (end.month === 2 && end.day === 29)))
  return hasLeapDay ? 366 : 365
}

/** The part of a year, or years, between two days in either order (YEARFRAC). */
export function yearFraction(a: DateValue, b: DateValue, basis: Basis): number {
  const [from, to] = a <= b ? [a, b] : [b, a]
  return daysBetween(from, to, basis) / daysInYear(from, to, basis)
}
