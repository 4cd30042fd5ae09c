import { formatDate, formatTime, formatTimestamp, parseDate, parseTime, parseTimestamp } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import { SheetflowError } from '@sheetflow/core/errors'
import { isNestedDeeper } from '@sheetflow/core/json-text'
import type { SentShape, SentType, SentTypeName, SentValues } from '@sheetflow/core/sent-type'
import { cleanText } from '@sheetflow/core/text'
import type { JsonValue } from '@sheetflow/core/value'

/** The types of FORMATS 1 that a payload may have. */
export type PayloadTypeName = SentTypeName

/** A type; with `?` the field may be absent, and is Blank then. */
export type PayloadType = SentType

/** Field → type. */
export type PayloadShape = SentShape

/** A payload in JSON form (FORMATS 1): numbers for int and double, text for all that must stay exact. */
export type PayloadOf<S extends PayloadShape> = SentValues<S>

/** Arrays and objects of a `json` field that stand in each other: whatever reads them recurses. */
const JSON_LEVELS = 64

/** Text values and the payload as a whole are no place for files. */
const PAYLOAD_BYTES = 256 * 1024

const TYPES: Readonly<Record<PayloadTypeName, { readonly what: string; readonly read: (value: unknown) => JsonValue | undefined }>> = {
  int: { what: 'a whole number', read: readInt },
  bigint: { what: 'a whole number, as text when it is large', read: readBigint },
  decimal: { what: 'a decimal number as text, like "9.50"', read: readDecimal },
  double: { what: 'a number', read: (value) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined) },
  text: { what: 'text', read: (value) => (typeof value === 'string' ? cleanText(value).text : undefined) },
  bool: { what: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined) },
  date: { what: 'a date, like "2026-11-23"', read: viaText(parseDate, formatDate) },
  time: { what: 'a time, like "10:00:00"', read: viaText(parseTime, formatTime) },
  timestamp: {
    what: 'a moment without zone, like "2026-11-23T10:00:00"',
    read: viaText(moment('timestamp'), (value) => formatTimestamp('timestamp', value)),
  },
  timestamptz: {
    what: 'a moment, like "2026-11-23T10:00:00Z"',
    read: viaText(moment('timestamptz'), (value) => formatTimestamp('timestamptz', value)),
  },
  uuid: { what: 'a uuid', read: readUuid },
  json: { what: `JSON, nested ${JSON_LEVELS} levels at most, or its text`, read: readJson },
}

/** Is it the name of a payload type? */
export function isPayloadType(type: unknown): type is PayloadType {
  return typeof type === 'string' && Object.hasOwn(TYPES, baseName(type))
}

/**
 * The payload as its handler gets it: every field in its one JSON form, Blank where an optional one is absent. `command/bad-payload` names the
 * first field that does not fit.
 */
export function readPayload(
  command: string,
  shape: PayloadShape,
  payload: Readonly<Record<string, unknown>>,
): Readonly<Record<string, JsonValue>> {
  for (const field of Object.keys(payload)) {
    if (!Object.hasOwn(shape, field))
      throw bad(command, field, 'is not known', `Its fields are: ${Object.keys(shape).join(', ') || 'none'}.`)
  }
  const read = Object.entries(shape).map(([field, type]): [string, JsonValue] => {
    const { what, read: reader } = TYPES[baseName(type) as PayloadTypeName]
    const given = Object.hasOwn(payload, field) ? payload[field] : undefined
    if (given === undefined || given === null) {
      if (type.endsWith('?')) return [field, null]
      throw bad(command, field, 'is missing', `Send ${what}.`)
    }
    const value = reader(given)
    if (value === undefined) throw bad(command, field, `is not of type ${baseName(type)}`, `Send ${what}.`)
    return [field, value]
  })
  const whole = Object.fromEntries(read)
  if (JSON.stringify(whole).length > PAYLOAD_BYTES) throw bad(command, 'payload', `is larger than ${PAYLOAD_BYTES} bytes`, 'Send less.')
  return whole
}

function baseName(type: string): string {
  return type.endsWith('?') ? type.slice(0, -1) : type
}

/** Ids often come as text, out of a row whose column is wider. */
function readInt(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^(0|-?[1-9]\d{0,15})$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) ? (number as number) + 0 : undefined
}

function readBigint(value: unknown): string | undefined {
  if (Number.isSafeInteger(value)) return String((value as number) + 0)
  return typeof value === 'string' && /^(0|-?[1-9]\d{0,39})$/.test(value) ? value : undefined
}

/** A whole number is exact, any other number of JSON has been a double somewhere: refused. */
function readDecimal(value: unknown): string | undefined {
  if (Number.isSafeInteger(value)) return String((value as number) + 0)
  return typeof value === 'string' && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)
    ? (Decimal.tryParse(value)?.toString() ?? undefined)
    : undefined
}

function readUuid(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : undefined
}

function readJson(value: unknown): string | undefined {
  if (typeof value !== 'string') return isNestedDeeper(value, JSON_LEVELS) ? undefined : JSON.stringify(value)
  try {
    JSON.parse(value)
    return value
  } catch {
    return undefined
  }
}

function viaText<T>(parse: (text: string) => T | null, format: (value: T) => string): (value: unknown) => string | undefined {
  return (value) => {
    const parsed = typeof value === 'string' ? parse(value) : null
    return parsed === null ? undefined : format(parsed)
  }
}

function moment(type: 'timestamp' | 'timestamptz'): (text: string) => ReturnType<typeof parseTimestamp> {
  return (text) => parseTimestamp(type, text)
}

function bad(command: string, field: string, what: string, fix: string): SheetflowError {
  return new SheetflowError('command/bad-payload', `${command}: field '${field}' ${what}`, { fix, details: { command, field } })
}
