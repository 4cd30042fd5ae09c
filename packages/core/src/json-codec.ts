import { decodeBase64, encodeBase64 } from './base64.ts'
import { formatDate, formatTime, formatTimestamp, parseDate, parseTime, parseTimestamp } from './calendar.ts'
import { CellError, isCellError, isCellErrorKind } from './cell-error.ts'
import { Decimal } from './decimal.ts'
import { SheetflowError } from './errors.ts'
import { formatInterval, parseInterval } from './interval.ts'
import { isBlobRef, isJsonError, isSpecialJson } from './json-special.ts'
import { toDecimal } from './number.ts'
import type { ColumnType } from './type.ts'
import type { BlobRef, Interval, JsonValue, Timestamp, Value } from './value.ts'

/**
 * The one codec between values in memory and their JSON form (FORMATS 1). `fromJson` is strict: it takes exactly the form that `toJson`
 * makes, so equal values have equal JSON within a type (a decimal keeps the zeros that its source wrote).
 */

/** The JSON form. A double that is NaN or ±∞ becomes the cell error `#NUM!`; a value of another type is `core/bad-value`. */
export function toJson(type: ColumnType, value: Value): JsonValue {
  if (value === null) return null
  if (isCellError(value)) return value.of === null ? { e: value.kind } : { e: value.kind, of: value.of }
  if (isBlob(value)) return { b: value.b, n: value.n }
  return plainToJson(type, value) ?? refuse(type, value)
}

/**
 * The value in memory; `core/bad-value` for anything that is not the JSON form of the type. `{"~":1}` is refused too: it is no value,
 * whoever holds rows fills it first (`isUnchanged`).
 */
export function fromJson(type: ColumnType, json: JsonValue): Value {
  if (json === null) return null
  if (typeof json === 'object' && !Array.isArray(json)) {
    if (!isSpecialJson(json)) return refuse(type, json)
    if (isJsonError(json) && isCellErrorKind(json.e)) return new CellError(json.e, json.of ?? null)
    return isBlobRef(json) ? { b: json.b, n: json.n } : refuse(type, json)
  }
  return plainFromJson(type, json) ?? refuse(type, json)
}

/** Is it the JSON form of that type? */
export function isJsonOf(type: ColumnType, json: JsonValue): boolean {
  if (json === null) return true
  if (typeof json === 'object' && !Array.isArray(json)) return isSpecialJson(json)
  return plainFromJson(type, json) !== undefined
}

/** Undefined: not of this type. */
function plainToJson(type: ColumnType, value: Value): JsonValue | undefined {
  switch (type.type) {
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'int':
      return Number.isSafeInteger(value) ? (value as number) + 0 : undefined
    case 'bigint':
      return typeof value === 'bigint' ? String(value) : undefined
    case 'decimal':
      return decimalToJson(value)
    case 'double':
      if (typeof value !== 'number') return undefined
      return Number.isFinite(value) ? value + 0 : { e: '#NUM!' }
    case 'text':
    case 'uuid':
    case 'json':
      return typeof value === 'string' ? value : undefined
    case 'bytes':
      return value instanceof Uint8Array ? encodeBase64(value) : undefined
    case 'date':
      return typeof value === 'number' ? formatDate(value) : undefined
    case 'time':
      return typeof value === 'number' ? formatTime(value) : undefined
    case 'interval':
      return isInterval(value) ? formatInterval(value) : undefined
    case 'timestamp':
    case 'timestamptz':
      return isTimestamp(value) ? formatTimestamp(type.type, value) : undefined
    case 'list':
      return Array.isArray(value) ? (value as readonly Value[]).map((item) => toJson(type.of, item)) : undefined
  }
}

/** Numbers of the narrower kinds are decimals too. */
function decimalToJson(value: Value): string | undefined {
  if (value instanceof Decimal) return value.toString()
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'number' && Number.isFinite(value) ? toDecimal(value).toString() : undefined
}

function plainFromJson(type: ColumnType, json: JsonValue): Value | undefined {
  switch (type.type) {
    case 'bool':
      return typeof json === 'boolean' ? json : undefined
    case 'int':
      return Number.isSafeInteger(json) ? (json as number) + 0 : undefined
    case 'double':
      return typeof json === 'number' && Number.isFinite(json) ? json + 0 : undefined
    case 'list':
      return Array.isArray(json) ? (json as readonly JsonValue[]).map((item) => fromJson(type.of, item)) : undefined
    default:
      return typeof json === 'string' ? textFromJson(type.type, json) : undefined
  }
}

type TextForm = Exclude<ColumnType['type'], 'bool' | 'int' | 'double' | 'list'>

const BIGINT = /^(0|-?[1-9]\d*)$/
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function textFromJson(type: TextForm, text: string): Value | undefined {
  switch (type) {
    case 'text':
    case 'json':
      return text
    case 'uuid':
      return UUID.test(text) ? text : undefined
    case 'bigint':
      return BIGINT.test(text) ? BigInt(text) : undefined
    case 'decimal':
      return DECIMAL.test(text) ? (Decimal.tryParse(text) ?? undefined) : undefined
    case 'bytes':
      return decodeBase64(text) ?? undefined
    case 'date':
      return parseDate(text) ?? undefined
    case 'time':
      return canonical(text, parseTime(text), formatTime)
    case 'interval':
      return canonical(text, parseInterval(text), formatInterval)
    case 'timestamp':
    case 'timestamptz':
      return canonical(text, parseTimestamp(type, text), (value) => formatTimestamp(type, value))
  }
}

/** The value only if the text is the one form that it is written in. */
function canonical<T>(text: string, value: T | null, format: (value: T) => string): T | undefined {
  return value !== null && format(value) === text ? value : undefined
}

function isBlob(value: Value): value is BlobRef {
  return typeof value === 'object' && value !== null && 'b' in value && 'n' in value
}

function isInterval(value: Value): value is Interval {
  return typeof value === 'object' && value !== null && 'months' in value
}

function isTimestamp(value: Value): value is Timestamp {
  return typeof value === 'object' && value !== null && 'micros' in value && !('months' in value)
}

function refuse(type: ColumnType, value: unknown): never {
  throw new SheetflowError('core/bad-value', `a value of form '${formOf(value)}' is not a ${type.type}`, {
    fix: 'Send the JSON form of the type, or change the type of the column.',
  })
}

/** What can be said about a value without printing its content. */
function formOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object' && value !== null) return `object with ${Object.keys(value).slice(0, 3).join(', ')}`
  return typeof value
}
