import { decodeBase64 } from '@sheetflow/core/base64'
import { Decimal } from '@sheetflow/core/decimal'
import { intervalLength, parseInterval } from '@sheetflow/core/interval'
import { isBlobRef, isJsonError } from '@sheetflow/core/json-special'
import { normalDecimalText } from '@sheetflow/core/number-text'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'

/**
 * Texts whose byte order is the order of the values they stand for, equal exactly if the values are. For what no column type of a database
 * orders exactly: decimals of any size, intervals, lists.
 */

/** Where the first digit stands: exponents of Postgres' numeric go from −16,383 to 131,072. */
const EXPONENT_BIAS = 500_000

/**
 * A number in its JSON form (`-?digits[.digits]`). `o` zero; `p<exponent><digits>` above it; `n` below it with every digit complemented
 * to nine and closed by `~`, so that the longer of two equal beginnings is the smaller number.
 */
export function orderNumber(text: string): string {
  const normal = normalDecimalText(text)
  if (normal === '0') return 'o'
  const negative = normal.startsWith('-')
  const digits = negative ? normal.slice(1) : normal
  const point = digits.indexOf('.')
  const whole = point < 0 ? digits : digits.slice(0, point)
  const fraction = point < 0 ? '' : digits.slice(point + 1)
  const significant = whole === '0' ? fraction.replace(/^0+/, '') : (whole + fraction).replace(/0+$/, '')
  const exponent = whole === '0' ? significant.length - fraction.length : whole.length
  const form = String(exponent + EXPONENT_BIAS).padStart(6, '0') + significant
  return negative ? `n${complement(form)}~` : `p${form}`
}

/** An interval in ISO 8601, by its length. */
export function orderInterval(text: string): string {
  const interval = parseInterval(text)
  if (interval === null) return orderNumber('0')
  const { days, micros } = intervalLength(interval)
  return orderNumber(String(BigInt(days) * 86_400_000_000n + BigInt(micros)))
}

/** Marks in front of an element; the end of a list is below them all, so a shorter list comes first. */
const END = '\u0001'
const BLANK = '\u0002'
const VALUE = '\u0003'
const BIG = '\u0004'
const ERROR = '\u0005'
/** Behind an element. Texts hold no U+0000; a U+0001 of theirs is written as `\u0001\u0002`, above the stop. */
const STOP = '\u0001\u0001'

/** A list, element by element. */
export function orderList(of: ColumnType, items: readonly JsonValue[]): string {
  return items.map((item) => element(of, item)).join('') + END
}

function element(type: ColumnType, item: JsonValue): string {
  if (item === null) return BLANK
  const [mark, text] = isJsonError(item) ? [ERROR, item.e] : isBlobRef(item) ? [BIG, item.b] : [VALUE, orderText(type, item)]
  return mark + text.replaceAll('\u0001', '\u0001\u0002') + STOP
}

function orderText(type: ColumnType, json: JsonValue): string {
  switch (type.type) {
    case 'bool':
      return json === true ? '1' : '0'
    case 'int':
    case 'double':
      return orderNumber(Decimal.fromNumber(json as number).toString())
    case 'bigint':
    case 'decimal':
      return orderNumber(json as string)
    case 'bytes':
      return hex(json as string)
    case 'interval':
      return orderInterval(json as string)
    case 'list':
      return orderList(type.of, json as readonly JsonValue[])
    case 'text':
    case 'uuid':
    case 'json':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return json as string
  }
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)))
}

function hex(base64: string): string {
  const bytes = decodeBase64(base64)
  return bytes === null ? '' : Buffer.from(bytes).toString('hex')
}
