import { civilFromDays, serialFromDays, timestampOf } from '@sheetflow/core/calendar'
import type { Timestamp } from '@sheetflow/core/value'
import type { FormatToken, Section } from './section.ts'

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const DAYS = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday']

const SECOND = 1_000_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** A moment in a date section, en-US. Parts of a second that are not shown are rounded away first, as Excel does. */
export function formatMoment(moment: Timestamp, section: Section): string {
  const decimals = section.tokens.reduce((most, token) => (token.kind === 'fraction' ? Math.max(most, token.count) : most), 0)
  const shown = rounded(moment, Math.min(decimals, 6))
  const half = section.tokens.some((token) => token.kind === 'half')
  return section.tokens.map((token) => writeToken(token, shown, half)).join('')
}

function rounded({ days, micros }: Timestamp, decimals: number): Timestamp {
  const unit = SECOND / 10 ** decimals
  return timestampOf(days, Math.round(micros / unit) * unit)
}

function writeToken(token: FormatToken, moment: Timestamp, half: boolean): string {
  switch (token.kind) {
    case 'literal':
      return token.text
    case 'date':
      return token.elapsed ? writeElapsed(token.part, token.count, moment) : writePart(token.part, token.count, moment, half)
    case 'half': {
      const text = moment.micros < 12 * HOUR ? 'AM' : 'PM'
      const word = token.short ? text.charAt(0) : text
      return token.short && token.lower ? word.toLowerCase() : word
    }
    case 'fraction':
      return `.${String(moment.micros % SECOND)
        .padStart(6, '0')
        .padEnd(token.count, '0')
        .slice(0, token.count)}`
    case 'digit':
      return token.mark === '0' ? '0' : ''
    case 'point':
    case 'comma':
    case 'percent':
    case 'slash':
    case 'exponent':
    case 'text':
    case 'general':
      return ''
  }
}

function writePart(part: string, count: number, { days, micros }: Timestamp, half: boolean): string {
  const { year, month, day } = civilFromDays(days)
  switch (part) {
    case 'y':
      return count <= 2 ? padded(year % 100, 2) : padded(year, 4)
    case 'm':
      return monthText(month, count)
    case 'd':
      return dayText(days, day, count)
    case 'h': {
      const hour = Math.floor(micros / HOUR)
      return padded(half ? hour % 12 || 12 : hour, count)
    }
    case 'n':
      return padded(Math.floor(micros / MINUTE) % 60, count)
    default:
      return padded(Math.floor(micros / SECOND) % 60, count)
  }
}

function monthText(month: number, count: number): string {
  const name = MONTHS[month - 1] ?? ''
  if (count <= 2) return padded(month, count)
  return count === 3 ? name.slice(0, 3) : count === 5 ? name.charAt(0) : name
}

function dayText(days: number, day: number, count: number): string {
  if (count <= 2) return padded(day, count)
  const name = DAYS[((days % 7) + 7) % 7] ?? ''
  return count === 3 ? name.slice(0, 3) : name
}

/** Whole hours, minutes or seconds since the serial number 0. */
function writeElapsed(part: string, count: number, { days, micros }: Timestamp): string {
  const unit = part === 'h' ? HOUR : part === 'n' ? MINUTE : SECOND
  return padded(serialFromDays(days) * (24 * (HOUR / unit)) + Math.floor(micros / unit), count)
}

function padded(value: number, count: number): string {
  return String(value).padStart(Math.min(count, 4), '0')
}
