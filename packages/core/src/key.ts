import { encodeBase64 } from './base64.ts'
import { parseDate, parseTime, parseTimestamp } from './calendar.ts'
import { isCellError } from './cell-error.ts'
import { comparatorFor } from './compare.ts'
import { Decimal } from './decimal.ts'
import { intervalLength, parseInterval } from './interval.ts'
import { isBlobRef, isJsonError } from './json-special.ts'
import type { KeyJson } from './message.ts'
import { normalNumber } from './number.ts'
import type { AnyNumber } from './number.ts'
import { normalDecimalText } from './number-text.ts'
import type { ColumnType } from './type.ts'
import type { BlobRef, Interval, JsonValue, Timestamp, Value } from './value.ts'

/**
 * Normal forms of values and keys as text, for maps and indexes: two values have the same text exactly if `compareValues` calls them equal
 * (7n joins 7, `1.0` = `1.00`, `P1M` = `P30D`). For memory only: never sent or stored, so the form may change.
 */

/** Text of one value in memory. */
export function valueKey(value: Value): string {
  if (value === null) return '-'
  if (typeof value === 'object') return objectKey(value)
  if (typeof value === 'string') return `t${value}`
  return typeof value === 'boolean' ? boolKey(value) : numberKey(value)
}

/** Text of one value in JSON form; equal to `valueKey` of the value that it stands for. */
export function jsonKey(type: ColumnType, json: JsonValue): string {
  if (json === null) return '-'
  if (typeof json === 'object' && !Array.isArray(json)) {
    if (isJsonError(json)) return `e${json.e}`
    return isBlobRef(json) ? blobKey(json) : '~'
  }
  return plainKey(type, json)
}

/** Text of a whole key, injective over normal forms. `types` are those of the schema's `key`, in order. */
export function keyText(types: readonly ColumnType[], key: KeyJson): string {
  if (types.length === 1 && types[0] !== undefined) return jsonKey(types[0], key[0] ?? null)
  let text = ''
  for (const [i, type] of types.entries()) {
    const part = jsonKey(type, key[i] ?? null)
    // The length in front keeps parts apart whatever they hold.
    text += `${part.length}:${part}`
  }
  return text
}

/** As `keyText`, of values in memory. */
export function valuesKey(values: readonly Value[]): string {
  if (values.length === 1) return valueKey(values[0] ?? null)
  let text = ''
  for (const value of values) {
    const part = valueKey(value)
    text += `${part.length}:${part}`
  }
  return text
}

/** Keys of these types compared: −1, 0 or 1, part by part, each by its type. */
export function keyComparator(types: readonly ColumnType[]): (a: KeyJson, b: KeyJson) => -1 | 0 | 1 {
  const compares = types.map(comparatorFor)
  return (a, b) => {
    for (const [i, compare] of compares.entries()) {
      const order = compare(a[i] ?? null, b[i] ?? null)
      if (order !== 0) return order
    }
    return 0
  }
}

function boolKey(value: boolean): string {
  return value ? 'b1' : 'b0'
}

function numberKey(value: AnyNumber): string {
  return `n${String(normalNumber(value))}`
}

function objectKey(value: Value & object): string {
  if (value instanceof Decimal) return `n${value.normalize().toString()}`
  if (isCellError(value)) return `e${value.kind}`
  if (value instanceof Uint8Array) return `x${encodeBase64(value)}`
  if (Array.isArray(value)) return `l${JSON.stringify((value as readonly Value[]).map(valueKey))}`
  if ('months' in value) return intervalKey(value)
  return 'b' in value ? blobKey(value) : momentKey(value as Timestamp)
}

function plainKey(type: ColumnType, json: JsonValue): string {
  switch (type.type) {
    case 'int':
    case 'double':
      return numberKey(json as number)
    case 'bigint':
    case 'decimal':
      return `n${normalDecimalText(json as string)}`
    case 'text':
    case 'uuid':
    case 'json':
      return `t${json as string}`
    case 'bool':
      return boolKey(json === true)
    case 'bytes':
      return `x${json as string}`
    case 'date':
      return `n${parseDate(json as string)}`
    case 'time':
      return `n${parseTime(json as string)}`
    case 'timestamp':
    case 'timestamptz':
      return momentKey(parseTimestamp(type.type, json as string) ?? { days: 0, micros: 0 })
    case 'interval':
      return intervalKey(parseInterval(json as string) ?? { months: 0, days: 0, micros: 0 })
    case 'list':
      return `l${JSON.stringify((json as readonly JsonValue[]).map((item) => jsonKey(type.of, item)))}`
  }
}

function momentKey(value: Timestamp): string {
  return `m${value.days}:${value.micros}`
}

function intervalKey(value: Interval): string {
  const { days, micros } = intervalLength(value)
  return `i${days}:${micros}`
}

function blobKey(value: BlobRef): string {
  return `o${value.b}`
}
