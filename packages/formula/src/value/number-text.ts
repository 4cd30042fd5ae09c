import {
  daysFromCivil,
  daysFromSerial,
  parseDate,
  serialFromDays,
  timestampOf,
  DAY_MICROS,
  MAX_DAYS,
  daysInMonth,
} from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import type { Timestamp } from '@sheetflow/core/value'

const NUMBER = /^([+-]?) *[$€]? *((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)([eE][+-]?\d{1,4})? *([%€]?)$/

/** Whole and a fraction: `2 3/4`. A fraction alone is a date. */
const MIXED = /^([+-]?)(\d{1,15}) (\d{1,5})\/0*([1-9]\d{0,4})$/

/** Spaces, tabs and line breaks around; other spaces of Unicode belong to a text, which is no number then, as in Excel. */
function trimmedText(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '')
}

/** A text that is a number as Excel reads one: `1,234.5`, `12%`, `1e3`, `$5`, `5€`, `(5)`, `2 3/4`, spaces around. Null: it is none. */
export function numberFromText(text: string): Decimal | null {
  const trimmed = trimmedText(text)
  if (trimmed.length === 0 || trimmed.length > 64) return null
  if (trimmed.startsWith('(') && trimmed.endsWith(')')) return numberFromText(trimmed.slice(1, -1).replace(/^[+-].*/, ''))?.neg() ?? null
  const match = NUMBER.exec(trimmed)
  if (match === null) return mixedFromText(trimmed)
  const [, sign = '', digits = '', exponent = '', percent = ''] = match
  const number = Decimal.tryParse(sign + digits.replaceAll(',', '') + exponent)
  if (number === null || number.digits() > 400) return null
  return percent !== '%' ? number : number.mul(Decimal.of(1, 2))
}

function mixedFromText(text: string): Decimal | null {
  const mixed = mixedParts(text)
  const part = mixed?.above.div(mixed.below) ?? null
  return mixed === null || part === null ? null : mixed.whole.add(part)
}

/** `whole + above / below`: a number that its digits alone do not tell. */
export interface FractionText {
  readonly whole: Decimal
  readonly above: Decimal
  readonly below: Decimal
}

function mixedParts(text: string): FractionText | null {
  const match = MIXED.exec(text)
  if (match === null) return null
  const [, sign = '', whole, numerator, denominator] = match
  const one = sign === '-' ? -1 : 1
  return {
    whole: Decimal.of(one * Number(whole), 0),
    above: Decimal.of(one * Number(numerator), 0),
    below: Decimal.of(Number(denominator), 0),
  }
}

/** A text that is a fraction (`2 3/4`), a time or a moment as `serialFromText` reads it, not rounded. Null: it is none of these. */
export function fractionFromText(text: string): FractionText | null {
  const trimmed = trimmedText(text)
  if (trimmed.length > 64) return null
  const mixed = mixedParts(trimmed)
  if (mixed !== null || text !== trimmed || numberFromText(text) !== null) return mixed
  const clock = clockFromText(text)
  if (clock !== null) return { whole: Decimal.ZERO, above: Decimal.of(clock, 0), below: DAY }
  const moment = momentFromText(text)
  if (moment === null || moment.micros === 0) return null
  return { whole: Decimal.of(serialFromDays(moment.days), 0), above: Decimal.of(moment.micros, 0), below: DAY }
}

const DAY = Decimal.of(DAY_MICROS, 0)

/** As `numberFromText`, with dates and times as their serial number, as arithmetic on text reads them; with spaces around, Excel reads numbers alone. */
export function serialFromText(text: string): Decimal | null {
  const number = numberFromText(text)
  if (number !== null) return number
  if (text !== trimmedText(text)) return null
  const clock = text.length > 64 ? null : clockFromText(text)
  if (clock !== null) return dayFraction(clock)
  const moment = momentFromText(text)
  return moment === null ? null : serialOfMoment(moment)
}

/** The serial number of a moment: days since Excel's beginning with the time of day as a fraction, to 15 significant digits. */
export function serialOfMoment(moment: Timestamp): Decimal {
  const day = Decimal.of(serialFromDays(moment.days), 0)
  if (moment.micros === 0) return day
  return day.add(dayFraction(moment.micros)) ?? day
}

/** µs as days, to 15 significant digits. */
export function dayFraction(micros: number): Decimal {
  return Decimal.of(micros, 0).div(DAY) ?? Decimal.ZERO
}

const YEAR_FIRST = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/
const MONTH_FIRST = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})$/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const NAMED = /^(\d{1,2})[- /]([a-z]{3})[a-z]*[- ,/]+(\d{4}|\d{2})$/i
const NAMED_FIRST = /^([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})$/i
const NAMED_MONTH = /^([a-z]{3})[a-z]*[- ](\d{4})$/i

/** A date, time of day or both as text: ISO, and the forms that Excel reads in en-US. Null: it is none. */
export function momentFromText(text: string): Timestamp | null {
  const trimmed = trimmedText(text)
  if (trimmed.length > 64) return null
  const day = dayFromText(trimmed)
  if (day !== null) return { days: day, micros: 0 }
  const split = /^(.*\d)[T ]+(\d{1,2}(?::| *[ap]m?$).*)$/i.exec(trimmed)
  const clock = clockFromText(split?.[2] ?? trimmed)
  if (clock === null) return null
  // A time alone is a fraction of the day 0, or of one behind it.
  if (split === null) return { days: daysFromSerial(Math.floor(clock / DAY_MICROS)), micros: clock % DAY_MICROS }
  const days = clock > DAY_MICROS ? null : dayFromText(split[1] ?? '')
  const moment = days === null ? null : timestampOf(days, clock)
  return moment === null || moment.days > MAX_DAYS ? null : moment
}

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

const CLOCK = /^(\d{1,4})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?(?: *([ap])m?)?$/i
/** Minutes, and seconds with a point. */
const MINUTES = /^(\d{1,2}):(\d{2})\.(\d{1,6})$/

/** A time as µs, which may be more than a day where hours are counted (`36:15`). */
function clockFromText(text: string): number | null {
  const short = MINUTES.exec(text)
  if (short !== null) return microsOf(0, Number(short[1]), Number(short[2]), short[3])
  const match = CLOCK.exec(text)
  if (match === null) return null
  const [, hours = '', minutes, seconds, fraction, letter] = match
  const half = letter?.toLowerCase()
  if (half === undefined) return minutes === undefined ? null : microsOf(Number(hours), Number(minutes), Number(seconds ?? 0), fraction)
  const hour = Number(hours)
  if (hour < 1 || hour > 12) return null
  return microsOf((hour % 12) + (half === 'p' ? 12 : 0), Number(minutes ?? 0), Number(seconds ?? 0), fraction)
}

function microsOf(hours: number, minutes: number, seconds: number, fraction = ''): number | null {
  if (minutes > 59 || seconds > 59) return null
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + Number(fraction.padEnd(6, '0'))
}
