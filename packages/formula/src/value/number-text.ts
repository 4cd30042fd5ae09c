import { daysFromCivil, parseDate, parseTime, serialFromDays, DAY_MICROS, daysInMonth } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import type { Timestamp } from '@sheetflow/core/value'

const NUMBER = /^([+-]?)\s*[$€]?\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*([%€]?)$/

/** A text that is a number as Excel reads one: `1,234.5`, `12%`, `1e3`, `$5`, `5€`, `(5)`, spaces around. Null: it is none. */
export function numberFromText(text: string): Decimal | null {
  const trimmed = text.trim()
  if (trimmed.length === 0 || trimmed.length > 64) return null
  if (trimmed.startsWith('(') && trimmed.endsWith(')')) return numberFromText(trimmed.slice(1, -1).replace(/^[+-].*/, ''))?.neg() ?? null
  const match = NUMBER.exec(trimmed)
  if (match === null) return null
  const [, sign = '', digits = '', exponent = '', percent = ''] = match
  const number = Decimal.tryParse(sign + digits.replaceAll(',', '') + exponent)
  if (number === null || number.digits() > 400) return null
  return percent !== '%' ? number : number.mul(Decimal.of(1, 2))
}

/** As `numberFromText`, with dates and times as their serial number, as arithmetic on text reads them; with spaces around, Excel reads numbers alone. */
export function serialFromText(text: string): Decimal | null {
  const number = numberFromText(text)
  if (number !== null) return number
  const moment = text === text.trim() ? momentFromText(text) : null
  if (moment === null) return null
  return serialOfMoment(moment)
}

/** The serial number of a moment: days since Excel's beginning with the time of day as a fraction, to 15 significant digits. */
export function serialOfMoment(moment: Timestamp): Decimal {
  const day = Decimal.of(serialFromDays(moment.days), 0)
  if (moment.micros === 0) return day
  return day.add(dayFraction(moment.micros)) ?? day
}

/** µs of the day as a fraction of it. */
export function dayFraction(micros: number): Decimal {
  return Decimal.of(micros, 0).div(Decimal.of(DAY_MICROS, 0)) ?? Decimal.ZERO
}

const YEAR_FIRST = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/
const MONTH_FIRST = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})$/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const NAMED = /^(\d{1,2})[- /]([a-z]{3})[a-z]*[- ,/]+(\d{4}|\d{2})$/i
const NAMED_FIRST = /^([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})$/i
const NAMED_MONTH = /^([a-z]{3})[a-z]*[- ](\d{4})$/i

/** A date, time of day or both as text: ISO, and the forms that Excel reads in en-US. Null: it is none. */
export function momentFromText(text: string): Timestamp | null {
  const trimmed = text.trim()
  if (trimmed.length > 64) return null
  const day = dayFromText(trimmed)
  if (day !== null) return { days: day, micros: 0 }
  const split = /^(.*\d)[T ]+(\d{1,2}(?::|\s*[ap]m?$).*)$/i.exec(trimmed)
  const clock = clockFromText(split?.[2] ?? trimmed)
  if (clock === null) return null
  // A time alone is a fraction of the day 0.
  if (split === null) return { days: EPOCH_DAY, micros: clock }
  const days = dayFromText(split[1] ?? '')
  return days === null ? null : { days, micros: clock }
}

/** The day with serial number 0. */
const EPOCH_DAY = daysFromCivil(1899, 12, 31)

function dayFromText(text: string): number | null {
  const iso = parseDate(text) ?? dayFrom(YEAR_FIRST.exec(text), ([year, month, day]) => checkedDay(year, Number(month), day))
  return (
    iso ??
    dayFrom(MONTH_FIRST.exec(text), ([month, day, year]) => checkedDay(year, Number(month), day)) ??
    dayFrom(NAMED.exec(text), ([day, month, year]) => checkedDay(year, monthOf(month), day)) ??
    dayFrom(NAMED_FIRST.exec(text), ([month, day, year]) => checkedDay(year, monthOf(month), day)) ??
    dayFrom(NAMED_MONTH.exec(text), ([month, year]) => checkedDay(year, monthOf(month), '1'))
  )
}

function dayFrom(match: RegExpExecArray | null, read: (parts: readonly string[]) => number | null): number | null {
  return match === null ? null : read(match.slice(1))
}

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').toLowerCase()) + 1
}

function checkedDay(yearText: string | undefined, month: number, dayText: string | undefined): number | null {
  const [year, day] = [fullYear(yearText ?? ''), Number(dayText)]
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null
  return daysFromCivil(year, month, day)
}

/** Of two digits 00 to 29 are the years from 2000 on, the others those before. */
function fullYear(digits: string): number {
  const year = Number(digits)
  return digits.length > 2 ? year : year < 30 ? 2000 + year : 1900 + year
}

function clockFromText(text: string): number | null {
  const match = /^(\d{1,2})(:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?(?:\s*([ap])m?)?$/i.exec(text.trim())
  const half = match?.[3]?.toLowerCase()
  if (match === null || (half === undefined && match[2] === undefined)) return null
  let hours = Number(match[1])
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return null
    hours = (hours % 12) + (half === 'p' ? 12 : 0)
  }
  return parseTime(String(hours).padStart(2, '0') + (match[2] ?? ':00'))
}
