import type { DateValue } from '@sheetflow/core/value'
import { weekdayOf } from './weekday.ts'

/** Which days of the week are free, from Sunday on. */
export type Weekend = readonly boolean[]

/** How many working days lie from one day to another, both included; negative where the second is earlier. Holidays may repeat and fall on weekends. */
export function countWorkdays(from: DateValue, to: DateValue, weekend: Weekend, holidays: readonly DateValue[]): number {
  if (from > to) return -countWorkdays(to, from, weekend, holidays) + 0
  const weeks = Math.floor((to - from + 1) / 7)
  let count = weeks * weekend.filter((free) => !free).length
  for (let day = from + weeks * 7; day <= to; day++) if (isWorkday(day, weekend)) count++
  for (const day of new Set(holidays)) if (day >= from && day <= to && isWorkday(day, weekend)) count--
  return count
}

/** The working day that comes so many working days later (or, negative, earlier); 0 is the day itself. Null: no day of the week is a working day. */
export function moveWorkdays(from: DateValue, by: number, weekend: Weekend, holidays: readonly DateValue[]): DateValue | null {
  const week = weekend.filter((free) => !free).length
  if (week === 0) return null
  if (by === 0) return from
  const step = by > 0 ? 1 : -1
  const weeks = Math.floor((Math.abs(by) - 1) / week)
  let day = from + step * 7 * weeks
  for (let left = Math.abs(by) - weeks * week; left > 0; left--) day = nextWorkday(day, step, weekend)
  const closed = [...new Set(holidays)].filter((one) => isWorkday(one, weekend)).toSorted((a, b) => (a - b) * step)
  for (const holiday of closed) if ((holiday - from) * step > 0 && (day - holiday) * step >= 0) day = nextWorkday(day, step, weekend)
  return day
}

function nextWorkday(day: DateValue, step: number, weekend: Weekend): DateValue {
  let next = day + step
  while (!isWorkday(next, weekend)) next += step
  return next
}

function isWorkday(day: DateValue, weekend: Weekend): boolean {
  return weekend[weekdayOf(day)] !== true
}
