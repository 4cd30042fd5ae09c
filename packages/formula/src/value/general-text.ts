import { formatDate, formatTime } from '@sheetflow/core/calendar'
import type { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { formatInterval } from '@sheetflow/core/interval'
import type { Interval, Timestamp, Value } from '@sheetflow/core/value'
import type { FormulaType } from '../bound.ts'
import { VALUE } from './cell-errors.ts'

/**
 * How a value of that static type reads as text inside formulas (`&`, LEFT, …): numbers as Excel's General without trailing zeros, exact
 * ones with all their digits; TRUE and FALSE; dates ISO (`2026-11-23`, `2026-11-23 10:00:00`); Blank ''. Bytes and lists have no text.
 */
export function textReader(type: FormulaType | null): (value: Value) => string | CellError {
  const write = textWriter(type)
  return (value) => (value === null ? '' : write(value))
}

function textWriter(type: FormulaType | null): (value: Value) => string | CellError {
  switch (type?.type) {
    case 'text':
    case 'uuid':
    case 'json':
      return (value) => (typeof value === 'string' ? value : otherText(value))
    case 'date':
      return (value) => (typeof value === 'number' ? formatDate(value) : otherText(value))
    case 'time':
      return (value) => (typeof value === 'number' ? shortTime(value) : otherText(value))
    case 'timestamp':
    case 'timestamptz':
      return (value) => (isMoment(value) ? `${formatDate(value.days)} ${shortTime(value.micros)}` : otherText(value))
    case 'interval':
      return (value) => (isInterval(value) ? formatInterval(value) : otherText(value))
    default:
      return otherText
  }
}

/** Values whose form says their type. */
function otherText(value: Value): string | CellError {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal) return generalNumber(value)
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return value !== null && typeof value === 'object' && 'kind' in value ? value : VALUE
}

/** A number as Excel's General writes it: no trailing zeros, `E` notation from 1E+21 up and for very small numbers. */
export function generalNumber(value: number | bigint | Decimal): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value)
    return generalDecimal(Decimal.fromNumber(value).significant(15))
  }
  return generalDecimal(value.normalize())
}

function generalDecimal(value: Decimal): string {
  const text = value.toString()
  const digits = text.replace(/^-/, '').replace('.', '').replace(/^0+/, '')
  const isLarge = value.scale === 0 && digits.length > 21 && /0{6}$/.test(digits)
  const isSmall = value.scale > 19 && digits.length < value.scale - 8
  if (!isLarge && !isSmall) return text
  const [mantissa = '', exponent = '0'] = value.toNumber().toExponential().split('e')
  const sign = exponent.startsWith('-') ? '-' : '+'
  return `${mantissa}E${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`
}

/** `10:00:00`, with decimals only where there are some. */
function shortTime(micros: number): string {
  return formatTime(micros).replace(/\.?0+$/, '')
}

function isMoment(value: Value): value is Timestamp {
  return typeof value === 'object' && value !== null && 'days' in value && 'micros' in value
}

function isInterval(value: Value): value is Interval {
  return isMoment(value) && 'months' in value
}
