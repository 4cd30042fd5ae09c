import { parseDate, parseTimestamp } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import { isSheetflowError } from '@sheetflow/core/errors'
import { fromJson } from '@sheetflow/core/json-codec'
import { cleanText } from '@sheetflow/core/text'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'

/**
 * A value of known type from its source text in a file: `9.50` stays exact, `no` stays text. Undefined: the text is no such value.
 * Forms are those of JSON (FORMATS 1), and the shorter ones that people write: `2026-11-23 10:00`, `1` for a bigint.
 */
export function readTyped(type: ColumnType, text: string): Value | undefined {
  switch (type.type) {
    case 'text':
    case 'json':
      return cleanText(text).text
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'int': {
      const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
      return Number.isSafeInteger(number) ? number + 0 : undefined
    }
    case 'double': {
      const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN
      return Number.isFinite(number) ? number + 0 : undefined
    }
    case 'decimal':
      return readDecimal(type, text)
    case 'timestamp':
    case 'timestamptz':
      return readMoment(type.type, text)
    default:
      return strict(type, text)
  }
}

function readDecimal(type: ColumnType & { type: 'decimal' }, text: string): Value | undefined {
  const number = Decimal.tryParse(text)
  if (number === null || type.s === undefined) return number ?? undefined
  return number.scale <= type.s ? number.rescale(type.s, 'half-away') : undefined
}

function readMoment(type: 'timestamp' | 'timestamptz', text: string): Value | undefined {
  const days = parseDate(text)
  if (days !== null) return { days, micros: 0 }
  return parseTimestamp(type, text) ?? (type === 'timestamptz' ? parseTimestamp('timestamp', text) : null) ?? undefined
}

function strict(type: ColumnType, text: string): Value | undefined {
  try {
    return fromJson(type, text)
  } catch (error) {
    if (isSheetflowError(error, 'core/bad-value')) return undefined
    throw error
  }
}

/** A named value by the looks of its source text: numbers are decimals, `true` and `false` booleans, ISO days dates, all else text. */
export function readUntyped(text: string, quoted: boolean): { readonly value: Value; readonly type: ColumnType } {
  if (!quoted) {
    const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Decimal.tryParse(text) : null
    if (number !== null && number.digits() <= 38) return { value: number, type: { type: 'decimal' } }
    if (text === 'true' || text === 'false') return { value: text === 'true', type: { type: 'bool' } }
    const days = parseDate(text)
    if (days !== null) return { value: days, type: { type: 'date' } }
  }
  return { value: cleanText(text).text, type: { type: 'text' } }
}
