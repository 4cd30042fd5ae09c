import { decodeBase64 } from '@sheetflow/core/base64'
import { intervalLength, parseInterval } from '@sheetflow/core/interval'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { orderList } from '../order-text.ts'
import { numberCell } from './number-cell.ts'

/**
 * How the values of one column type lie in a column of Postgres, such that its own comparison of two cells is `compare` of core:
 *
 *     Blank                    below all           −Infinity                 the empty text
 *     values                   in between          numbers (number-cell.ts)  texts, compared by their bytes (= by code point)
 *     big values (references)  above plain ones    hash × 10^130900          U+10FFFF U+0002 hash
 *     cell errors              above all           name × 10^131000          U+10FFFF U+0003 name
 *
 * So there are two kinds of columns, `numeric` and `text COLLATE "C"`. Numbers of every type lie as what they are, with the digits that they
 * are written with, and join each other; who looks at the table with another tool sees plain values. Only texts that begin like one of the
 * marks are written otherwise (`textCell`). Blank is not NULL, because NULL takes part in no comparison, key or index range.
 */
export interface Lane {
  /** Cells of two columns may be compared if their lanes have one name. */
  readonly name: string
  readonly column: 'numeric' | 'text'
  /** The exact writing is kept beside the cell (column `p…`), because the cell tells the order but not the writing. NULL beside what is not plain. */
  readonly kept: 'text' | 'json' | null
  /** Equal cells may be written differently (`1.0`, `1.00`). */
  readonly writings: boolean
  /** A plain value as a cell. */
  encode(json: JsonValue): string
  /** SQL for the JSON text of a plain cell; NULL for Blank. */
  print(cell: string, kept: string): string
}

/** The lane of a column type. */
export function laneOf(type: ColumnType): Lane {
  switch (type.type) {
    case 'bool':
      return BOOL
    case 'int':
      return INT
    case 'bigint':
    case 'decimal':
      return DECIMAL
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
      return { ...MOMENT, name: type.type }
    case 'bytes':
      return BYTES
    case 'interval':
      return INTERVAL
    case 'list':
      return listLane(type.of)
  }
}

/** Below all cells of a column. */
export function blankCell(lane: Lane): string {
  return lane.column === 'numeric' ? '-Infinity' : ''
}

/** `blankCell` as a constant of SQL. */
export function blankSql(lane: Lane): string {
  return lane.column === 'numeric' ? `'-Infinity'::numeric` : `''`
}

/** The cell of a big value, by its hash in hex. */
export function bigCell(lane: Lane, hash: string): string {
  return lane.column === 'numeric' ? `${BigInt(`0x${hash}`)}e130900` : `${TOP}${BIG}${hash}`
}

/** The cell of a cell error, by its name. */
export function errorCell(lane: Lane, name: string): string {
  return lane.column === 'numeric' ? `${nameNumber(name)}e131000` : `${TOP}${ERROR}${name}`
}

/** SQL constant: cells from here on are errors. */
export function errorsSql(lane: Lane): string {
  return lane.column === 'numeric' ? `'1e131000'::numeric` : `E'\\U0010FFFF\\x03'`
}

/** SQL constant: texts from here on are no plain ones. */
export const TEXTS_END = `E'\\U0010FFFF\\x02'`

/** The least and the greatest character of a text. A text that begins with one of them gets a mark in front, which keeps its place. */
const LEAST = '\u0001'
const TOP = '\u{10FFFF}'
const BIG = '\u0002'
const ERROR = '\u0003'
/** First unit of U+10FFFF. */
const TOP_UNIT = 0xdbff

/** A text as a cell: not empty, which is Blank, and below the marks of big values and errors. */
function textCell(text: string): string {
  const first = text.charCodeAt(0)
  if (first > 1 && first !== TOP_UNIT) return text
  return text.startsWith(TOP) ? TOP + LEAST + text : first === TOP_UNIT ? text : LEAST + text
}

/** 16 letters of a name as a number, in the order of names. */
function nameNumber(name: string): bigint {
  return BigInt(`0x${Buffer.from(name.padEnd(16, '\0').slice(0, 16), 'latin1').toString('hex')}`)
}

const NUMBER = { name: 'number', column: 'numeric', kept: null, writings: false } as const
const TEXTUAL = { column: 'text', kept: null, writings: false } as const

function known(cell: string): string {
  return `nullif(${cell}, '-Infinity')`
}

const INT: Lane = { ...NUMBER, encode: String, print: (cell) => `${known(cell)}::text` }

const DECIMAL: Lane = {
  ...NUMBER,
  writings: true,
  encode: (json) => numberCell(json as string),
  print: (cell) => `'"' || ${known(cell)}::text || '"'`,
}

/** As the decimal that it prints as, which is its value everywhere (core, `number.ts`). */
const DOUBLE: Lane = { ...NUMBER, encode: String, print: (cell) => `${known(cell)}::float8::text` }

const INTERVAL: Lane = {
  ...NUMBER,
  name: 'interval',
  kept: 'text',
  encode: (json) => {
    const interval = parseInterval(json as string)
    if (interval === null) return '0'
    const { days, micros } = intervalLength(interval)
    return String(BigInt(days) * 86_400_000_000n + BigInt(micros))
  },
  print: (_, kept) => `to_json(${kept})::text`,
}

const BOOL: Lane = {
  ...TEXTUAL,
  name: 'bool',
  encode: (json) => (json === true ? 't' : 'f'),
  print: (cell) => `CASE ${cell} WHEN 't' THEN 'true' WHEN 'f' THEN 'false' END`,
}

/** Most cells are their text; those at both ends of the order carry a mark. */
const TEXT: Lane = {
  ...TEXTUAL,
  name: 'text',
  encode: (json) => textCell(json as string),
  print: (cell) =>
    `CASE WHEN ${cell} >= E'\\x02' AND ${cell} < E'\\U0010FFFF' THEN to_json(${cell})::text WHEN ${cell} = '' THEN NULL ` +
    `WHEN ${cell} < E'\\x02' THEN to_json(substr(${cell}, 2))::text ELSE to_json(substr(${cell}, 3))::text END`,
}

/** Fixed width, digits and signs: the order of texts is the order of moments. */
const MOMENT: Omit<Lane, 'name'> = { ...TEXTUAL, encode: (json) => json as string, print: (cell) => `'"' || nullif(${cell}, '') || '"'` }

/** As Postgres prints them: `\x` and two digits a byte. */
const BYTES: Lane = {
  ...TEXTUAL,
  name: 'bytes',
  encode: (json) => `\\x${Buffer.from(decodeBase64(json as string) ?? new Uint8Array()).toString('hex')}`,
  print: (cell) => `'"' || translate(encode(decode(substr(nullif(${cell}, ''), 3), 'hex'), 'base64'), E'\\n', '') || '"'`,
}

function listLane(of: ColumnType): Lane {
  return {
    ...TEXTUAL,
    name: `list ${JSON.stringify(of)}`,
    kept: 'json',
    encode: (json) => textCell(orderList(of, json as readonly JsonValue[])),
    print: (_, kept) => kept,
  }
}
