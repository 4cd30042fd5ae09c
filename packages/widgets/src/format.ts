import { isJsonError } from '@sheetflow/core/json-special'
import type { JsonValue } from '@sheetflow/core/value'

/** A value as it is shown. */
export interface Shown {
  readonly text: string
  readonly kind: 'text' | 'number' | 'error' | 'blank'
}

/** Formats values: the page's language decides on separators. */
export type Formatter = (value: JsonValue) => Shown

const BLANK: Shown = { text: '', kind: 'blank' }

/** Moments and dates; `moment` leaves the year out. */
const MOMENTS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  date: { dateStyle: 'medium' },
  time: { timeStyle: 'short' },
  datetime: { dateStyle: 'medium', timeStyle: 'short' },
  moment: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
}

/**
 * The formatter of an Excel number format (`#,##0.00`, `0%`, `"€" #,##0`), of `date`, `time`, `datetime`, `moment`, or, without a format, of the value as it
 * is. Decimals are formatted from all their digits. Cell errors show their name, Blank shows nothing.
 */
export function formatterOf(format: string | null, locale?: string): Formatter {
  const inner = format === null || format === '' ? plain : format in MOMENTS ? moments(format, locale) : numbers(format, locale)
  return (value) => {
    if (value === null) return BLANK
    return isJsonError(value) ? { text: value.e, kind: 'error' } : inner(value)
  }
}

function plain(value: JsonValue): Shown {
  if (typeof value === 'number') return { text: String(value), kind: 'number' }
  if (typeof value === 'boolean') return { text: value ? '✓' : '✗', kind: 'text' }
  return { text: typeof value === 'string' ? value : JSON.stringify(value), kind: 'text' }
}

function moments(format: string, locale: string | undefined): (value: JsonValue) => Shown {
  const shown = new Intl.DateTimeFormat(locale, MOMENTS[format])
  return (value) => {
    if (typeof value !== 'string') return plain(value)
    // A moment without a zone is shown as it is, whatever the zone of the page.
    const moment = new Date(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00` : value)
    return Number.isNaN(moment.valueOf()) ? plain(value) : { text: shown.format(moment), kind: 'text' }
  }
}

function numbers(format: string, locale: string | undefined): (value: JsonValue) => Shown {
  const [, before = '', digits = '', after = ''] = /^((?:"[^"]*"|[^#0"])*)([#0,.]*)(.*)$/.exec(format) ?? []
  const [whole = '', fraction = ''] = digits.split('.')
  const percent = after.includes('%')
  const number = new Intl.NumberFormat(locale, {
    useGrouping: whole.includes(','),
    minimumIntegerDigits: Math.max(1, whole.replace(/[^0]/g, '').length),
    minimumFractionDigits: fraction.replace(/[^0]/g, '').length,
    maximumFractionDigits: fraction.length,
    roundingMode: 'halfExpand',
    ...(percent ? { style: 'percent' } : {}),
  })
  const prefix = before.replaceAll('"', '')
  const suffix = after.replaceAll('"', '').replace('%', '')
  return (value) => {
    if (typeof value !== 'number' && !(typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))) return plain(value)
    // A decimal is given as text, so that no digit of it is lost.
    return { text: `${prefix}${number.format(value as Intl.StringNumericLiteral)}${suffix}`, kind: 'number' }
  }
}
