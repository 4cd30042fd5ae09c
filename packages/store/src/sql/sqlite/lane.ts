import { decodeBase64 } from '@sheetflow/core/base64'
import { Decimal } from '@sheetflow/core/decimal'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import type { Floor } from '../dialect.ts'
import type { SqlValue } from '../params.ts'
import { orderInterval, orderList, orderNumber } from '../order-text.ts'

/**
 * How the plain values of one column type lie in a SQLite column, such that SQLite's own comparison of two cells is `compare` of core:
 *
 *     Blank                    below all           −∞ in numeric lanes, the integer 0 in text lanes (numbers stand before texts)
 *     values                   in between          integers, doubles, texts compared as UTF-8 (= by code point), bytes behind 0x00
 *     big values (references)  above plain ones    BLOB 0x01 + hash
 *     cell errors              above all           BLOB 0x02 + name
 *
 * Blank is not NULL, because NULL takes part in no comparison, key or index range: so one `<` serves filters, keys, cursors, order and joins.
 */
export interface Lane {
  /** Cells of two columns may be compared directly if their lanes have one name. */
  readonly name: string
  readonly affinity: 'INTEGER' | 'REAL' | 'BLOB'
  readonly blank: SqlValue
  /** The same as a constant of SQL. */
  readonly blankSql: string
  /**
   * The exact writing is kept beside the cell (column `p…`), because the cell tells the order but not the writing, or printing it would cost
   * more than reading it: as the text itself, or as JSON text. NULL beside a cell that is not plain.
   */
  readonly kept: 'text' | 'json' | null
  /** Whole numbers that may be beyond 64 bits: what no cell can print stands in the row's `x`. */
  readonly unbounded?: true
  /** A plain value as a cell; `core/bad-value` if it does not fit the column. */
  encode(json: JsonValue): SqlValue
  /** A plain constant as the greatest cell ≤ it; `exact` if it is that cell's value. */
  floor(json: JsonValue): Floor
  /** SQL for a cell without a text of its own as an argument of `json_object`; NULL for Blank, if there may be such. */
  value(cell: string, mayBeBlank: boolean): string
}

/** First byte of a BLOB cell. */
const PLAIN_TAG = 0
export const BIG_TAG = 1
export const ERROR_TAG = 2

/** SQL function: a bytes cell as base64. */
export const BASE64_FUNCTION = 'sf_base64'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
/** Decimals of so many digits fit an INTEGER. */
const SCALED_DIGITS = 18

/** The lane of a column type. */
export function laneOf(type: ColumnType): Lane {
  switch (type.type) {
    case 'bool':
      return BOOL
    case 'int':
      return INT
    case 'bigint':
      return BIGINT
    case 'decimal':
      return type.p !== undefined && type.s !== undefined && type.p <= SCALED_DIGITS && type.s >= 0 && type.s <= SCALED_DIGITS
        ? scaledLane(type.s)
        : NUMBER_TEXT
    case 'double':
      return DOUBLE
    case 'text':
    case 'uuid':
    case 'json':
      return TEXT
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { ...TEXT, name: type.type }
    case 'bytes':
      return BYTES
    case 'interval':
      return INTERVAL
    case 'list':
      return listLane(type.of)
  }
}

const NUMERIC = { blank: -Infinity, blankSql: '-9e999' } as const
// As a bigint, because a number is bound as REAL.
const TEXTUAL = { affinity: 'BLOB', blank: 0n, blankSql: '0' } as const

function exactly(encode: (json: JsonValue) => SqlValue): (json: JsonValue) => Floor {
  return (json) => ({ cell: encode(json), exact: true })
}

/** @param encode cells that the column cannot hold do not arise from constants of its type. */
function lane(parts: Omit<Lane, 'floor'> & { readonly floor?: Lane['floor'] }): Lane {
  return { ...parts, floor: parts.floor ?? exactly(parts.encode) }
}

const BOOL: Lane = lane({
  ...NUMERIC,
  name: 'bool',
  affinity: 'INTEGER',
  kept: null,
  encode: (json) => (json === true ? 1 : 0),
  value: (cell) => `CASE ${cell} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END`,
})

const orNull = (cell: string, blank: string, mayBeBlank: boolean): string => (mayBeBlank ? `nullif(${cell}, ${blank})` : cell)

const INT: Lane = lane({
  ...NUMERIC,
  name: 'int',
  affinity: 'INTEGER',
  kept: null,
  encode: (json) => json as number,
  value: (cell, mayBeBlank) => orNull(cell, NUMERIC.blankSql, mayBeBlank),
})

/**
 * 64 bits are an INTEGER. What is greater is an order-keeping text (texts stand above integers), what is smaller the nearest double: exact
 * in print and equality of keys above, ordered to 53 bits below −2^63, where only computed sums can be.
 */
const BIGINT: Lane = lane({
  ...NUMERIC,
  name: 'int',
  affinity: 'INTEGER',
  kept: null,
  unbounded: true,
  encode: (json) => wholeCell(json as string),
  value: (cell, mayBeBlank) => `CAST(${orNull(cell, NUMERIC.blankSql, mayBeBlank)} AS TEXT)`,
})

/** @param text a whole number */
export function wholeCell(text: string): SqlValue {
  if (text.length <= 15) return Number(text)
  const units = BigInt(text)
  if (units > INT64_MAX) return orderNumber(text)
  return units < INT64_MIN ? Math.max(Number(units), -Number.MAX_VALUE) : units
}

const DOUBLE: Lane = lane({
  ...NUMERIC,
  name: 'double',
  affinity: 'REAL',
  kept: 'json',
  encode: (json) => (json as number) + 0,
  value: (cell) => cell,
})

const NUMBER_TEXT: Lane = lane({
  ...TEXTUAL,
  name: 'number-text',
  kept: 'text',
  encode: (json) => orderNumber(json as string),
  value: (cell) => cell,
})

const INTERVAL: Lane = lane({
  ...TEXTUAL,
  name: 'interval',
  kept: 'text',
  encode: (json) => orderInterval(json as string),
  value: (cell) => cell,
})

const TEXT: Lane = lane({
  ...TEXTUAL,
  name: 'text',
  kept: null,
  encode: (json) => json as string,
  value: (cell, mayBeBlank) => orNull(cell, TEXTUAL.blankSql, mayBeBlank),
})

const BYTES: Lane = lane({
  ...TEXTUAL,
  name: 'bytes',
  kept: null,
  encode: (json) => tagged(PLAIN_TAG, decodeBase64(json as string) ?? new Uint8Array()),
  value: (cell) => `iif(typeof(${cell}) = 'blob', ${BASE64_FUNCTION}(${cell}), NULL)`,
})

function listLane(of: ColumnType): Lane {
  return lane({
    ...TEXTUAL,
    name: `list ${JSON.stringify(of)}`,
    kept: 'json',
    encode: (json) => orderList(of, json as readonly JsonValue[]),
    value: (cell) => cell,
  })
}

/** Decimals as a whole number of the column's smallest unit. */
function scaledLane(scale: number): Lane {
  return {
    ...NUMERIC,
    name: `scaled ${scale}`,
    affinity: 'INTEGER',
    kept: 'text',
    encode: (json) => {
      const { cell, exact } = scaledFloor(json as string, scale)
      if (exact) return cell
      throw new SheetflowError('core/bad-value', `a number does not fit its column of scale ${scale}`, {
        fix: 'The source changed the type of the column without a new schema message; a re-snapshot of the table repairs it.',
      })
    },
    floor: (json) => scaledFloor(json as string, scale),
    value: (cell) => cell,
  }
}

/** A decimal text as units of that scale. */
export function scaledFloor(text: string, scale: number): Floor {
  const point = text.indexOf('.')
  const places = point < 0 ? 0 : text.length - point - 1
  if (places <= scale && text.length + scale - places <= 15) {
    const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1)
    return { cell: Number(digits + '0'.repeat(scale - places)) + 0, exact: true }
  }
  return bigFloor(Decimal.parse(text), scale)
}

function bigFloor(value: Decimal, scale: number): Floor {
  const units = BigInt(value.units)
  if (value.scale <= scale) return within(units * 10n ** BigInt(scale - value.scale), true)
  const power = 10n ** BigInt(value.scale - scale)
  const cut = units / power
  if (cut * power === units) return within(cut, true)
  return within(units < 0n ? cut - 1n : cut, false)
}

/** Beyond 64 bits there is no cell: below all of them stands only Blank. */
function within(units: bigint, exact: boolean): Floor {
  if (units > INT64_MAX) return { cell: INT64_MAX, exact: false }
  return units < INT64_MIN ? { cell: NUMERIC.blank, exact: false } : { cell: units, exact }
}

/** Bytes behind a tag that tells what they are. */
export function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const cell = new Uint8Array(bytes.length + 1)
  cell[0] = tag
  cell.set(bytes, 1)
  return cell
}
