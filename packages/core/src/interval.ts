import { DAY_MICROS } from './calendar.ts'
import type { Interval } from './value.ts'

const HOUR = 3_600_000_000
const MINUTE = 60_000_000
const SECOND = 1_000_000

const ISO = new RegExp(
  [
    '^P(?:([+-]?\\d+)Y)?(?:([+-]?\\d+)M)?(?:([+-]?\\d+)W)?(?:([+-]?\\d+)D)?',
    '(T(?:([+-]?\\d+)H)?(?:([+-]?\\d+)M)?(?:([+-]?)(\\d+)(?:\\.(\\d{1,6}))?S)?)?$',
  ].join(''),
)

/** ISO 8601 (`P1Y2M3DT4H5M6.5S`, each part with its own sign, as Postgres writes it), or null if it is none or its µs are no safe integer. */
export function parseInterval(text: string): Interval | null {
  const match = ISO.exec(text)
  if (match === null || text.endsWith('P') || text.endsWith('T')) return null
  const part = (index: number): number => Number(match[index] ?? 0)
  const seconds = (part(9) * SECOND + Number((match[10] ?? '').padEnd(6, '0'))) * (match[8] === '-' ? -1 : 1)
  const months = part(1) * 12 + part(2)
  const days = part(3) * 7 + part(4)
  const micros = part(6) * HOUR + part(7) * MINUTE + seconds
  if (![months, days, micros].every(Number.isSafeInteger)) return null
  return { months: months + 0, days: days + 0, micros: micros + 0 }
}

/** The canonical ISO 8601 form: no zero parts, `PT0S` for nothing, hours unbounded, decimals without trailing zeros. */
export function formatInterval(value: Interval): string {
  const years = Math.trunc(value.months / 12)
  const date = part(years, 'Y') + part(value.months - years * 12, 'M') + part(value.days, 'D')
  const hours = Math.trunc(value.micros / HOUR)
  const minutes = Math.trunc((value.micros - hours * HOUR) / MINUTE)
  const rest = value.micros - hours * HOUR - minutes * MINUTE
  const time = part(hours, 'H') + part(minutes, 'M') + secondsPart(rest)
  if (date === '' && time === '') return 'PT0S'
  return `P${date}${time === '' ? '' : `T${time}`}`
}

/**
 * The length by which intervals are ordered: a month counts 30 days and a day 24 hours, as in Postgres, so `P1M` and `P30D` are equal.
 * `micros` is 0 ≤ micros < one day.
 */
export function intervalLength(value: Interval): { readonly days: number; readonly micros: number } {
  const carry = Math.floor(value.micros / DAY_MICROS)
  return { days: value.months * 30 + value.days + carry, micros: value.micros - carry * DAY_MICROS }
}

/** −1, 0 or 1 by length. */
export function compareIntervals(a: Interval, b: Interval): -1 | 0 | 1 {
  const x = intervalLength(a)
  const y = intervalLength(b)
  const difference = x.days === y.days ? x.micros - y.micros : x.days - y.days
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

function part(value: number, unit: string): string {
  return value === 0 ? '' : `${value}${unit}`
}

function secondsPart(micros: number): string {
  if (micros === 0) return ''
  const magnitude = Math.abs(micros)
  const whole = Math.floor(magnitude / SECOND)
  const fraction = String(magnitude - whole * SECOND)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${micros < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}S`
}
