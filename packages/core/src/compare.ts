import { compareBase64 } from './base64.ts'
import { isCellError } from './cell-error.ts'
import { Decimal } from './decimal.ts'
import { compareIntervals, parseInterval } from './interval.ts'
import { isBlobRef, isJsonError, isUnchanged } from './json-special.ts'
import { compareNumbers } from './number.ts'
import { compareDecimalText } from './number-text.ts'
import { compareText } from './text.ts'
import type { ColumnType } from './type.ts'
import type { BlobRef, Interval, JsonValue, Timestamp, Value } from './value.ts'

/** −1 before, 0 equal, 1 behind. */
export type Order = -1 | 0 | 1

/**
 * The one order (FORMATS 2). Blank < value < cell error (errors by name, wherever they arose); numbers by value whatever their kind, text by
 * code point, bytes bytewise, intervals by length (`P1M` = `P30D`), lists element by element, a shorter one first; across kinds
 * numbers (dates and times are numbers in memory) < moments < intervals < text < bytes < bool < lists < big values (by hash).
 */
export function compareValues(a: Value, b: Value): Order {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  const rank = rankOf(a)
  const other = rankOf(b)
  if (rank !== other) return rank < other ? -1 : 1
  return compareSame(rank, a, b)
}

/**
 * The same order over the JSON form of one type, without building values: decimals and bigints are compared as digits, bytes as base64.
 * `{"~":1}`, which is no value, stands behind everything. What is no JSON form of the type has no defined place.
 */
export function compareJson(type: ColumnType, a: JsonValue, b: JsonValue): Order {
  return comparatorFor(type)(a, b)
}

/** `compareJson` of one type, decided once. */
export function comparatorFor(type: ColumnType): (a: JsonValue, b: JsonValue) => Order {
  const plain = plainComparator(type)
  return (a, b) => {
    if (isPlain(a) && isPlain(b)) return plain(a, b)
    const rank = specialRank(a)
    const other = specialRank(b)
    if (rank !== other) return rank < other ? -1 : 1
    if (isJsonError(a) && isJsonError(b)) return compareText(a.e, b.e)
    if (isBlobRef(a) && isBlobRef(b)) return compareText(a.b, b.b)
    return 0
  }
}

/** Ranks of `compareValues`; equal ranks are compared by content. */
const BLANK = 0
const NUMBER = 1
const MOMENT = 2
const INTERVAL = 3
const TEXT = 4
const BYTES = 5
const BOOL = 6
const LIST = 7
const BLOB = 8
const ERROR = 9

function rankOf(value: Value): number {
  if (value === null) return BLANK
  if (typeof value === 'object') return rankOfObject(value)
  if (typeof value === 'string') return TEXT
  return typeof value === 'boolean' ? BOOL : NUMBER
}

function rankOfObject(value: Value & object): number {
  if (value instanceof Decimal) return NUMBER
  if (isCellError(value)) return ERROR
  if (Array.isArray(value)) return LIST
  if (value instanceof Uint8Array) return BYTES
  if ('months' in value) return INTERVAL
  return 'b' in value ? BLOB : MOMENT
}

/** @param rank of both. The assertions of type are what the rank says. */
function compareSame(rank: number, a: Value, b: Value): Order {
  switch (rank) {
    case NUMBER:
      return compareNumbers(a as number | bigint | Decimal, b as number | bigint | Decimal)
    case BOOL:
      return a === b ? 0 : b === true ? -1 : 1
    case MOMENT:
      return compareMoments(a as Timestamp, b as Timestamp)
    case INTERVAL:
      return compareIntervals(a as Interval, b as Interval)
    case BYTES:
      return compareBytes(a as Uint8Array, b as Uint8Array)
    case LIST:
      return compareLists(a as readonly Value[], b as readonly Value[], compareValues)
    case BLOB:
      return compareText((a as BlobRef).b, (b as BlobRef).b)
    case ERROR:
      return isCellError(a) && isCellError(b) ? compareText(a.kind, b.kind) : 0
    default:
      return 0
  }
}

function compareMoments(a: Timestamp, b: Timestamp): Order {
  const difference = a.days === b.days ? a.micros - b.micros : a.days - b.days
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

function compareBytes(a: Uint8Array, b: Uint8Array): Order {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a[i] ?? 0
    const y = b[i] ?? 0
    if (x !== y) return x < y ? -1 : 1
  }
  return a.length < b.length ? -1 : a.length > b.length ? 1 : 0
}

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => Order): Order {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const order = compare(a[i] as T, b[i] as T)
    if (order !== 0) return order
  }
  return a.length < b.length ? -1 : a.length > b.length ? 1 : 0
}

/** A scalar or list of the type itself: neither Blank nor one of the objects that may stand in any column. */
function isPlain(json: JsonValue): boolean {
  return typeof json !== 'object' || Array.isArray(json)
}

/** Blank, values, big values, errors, unchanged. */
function specialRank(json: JsonValue): number {
  if (json === null) return 0
  if (isPlain(json)) return 1
  return isBlobRef(json) ? 2 : isJsonError(json) ? 3 : isUnchanged(json) ? 4 : 5
}

type PlainComparator = (a: JsonValue, b: JsonValue) => Order

function plainComparator(type: ColumnType): PlainComparator {
  switch (type.type) {
    case 'int':
    case 'double':
    case 'bool':
      return byOperator
    // Fixed width and ASCII: the order of units is the order of values.
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return byOperator
    case 'bigint':
    case 'decimal':
      return (a, b) => compareDecimalText(a as string, b as string)
    case 'text':
    case 'uuid':
    case 'json':
      return (a, b) => compareText(a as string, b as string)
    case 'bytes':
      return (a, b) => compareBase64(a as string, b as string)
    case 'interval':
      return compareIntervalText
    case 'list': {
      const compare = comparatorFor(type.of)
      return (a, b) => compareLists(a as readonly JsonValue[], b as readonly JsonValue[], compare)
    }
  }
}

function byOperator(a: JsonValue, b: JsonValue): Order {
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
}

const NO_TIME: Interval = { months: 0, days: 0, micros: 0 }

function compareIntervalText(a: JsonValue, b: JsonValue): Order {
  if (a === b) return 0
  return compareIntervals(parseInterval(a as string) ?? NO_TIME, parseInterval(b as string) ?? NO_TIME)
}
