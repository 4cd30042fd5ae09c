import type { ColumnType } from '@sheetflow/core/type'
import type { CellWriter, DatePolicy } from './cell-writers.ts'
import {
  errorCell,
  writeBool,
  writeBytes,
  writeDate,
  writeDecimal,
  writeDouble,
  writeInt,
  writeInterval,
  writeMoney,
  writePlain,
  writeText,
  writeTime,
  writeTimestamp,
} from './cell-writers.ts'
import { JsonBuffer } from './json-buffer.ts'
import type { ArrayItem, RangeText } from './nested-text.ts'
import { parseArray, parseComposite, parseHstore, parseMultirange, parseRange } from './nested-text.ts'
import type { PgType } from '../catalogue/pg-type.ts'

/** What a Postgres type becomes: its column type, and the writer of its values. */
export interface CompiledType {
  readonly type: ColumnType
  readonly write: CellWriter
  /** False: a type of which nothing is known. It is passed on as text, with a warning. */
  readonly known: boolean
  /** How its value is turned into bytes when it is too big to stand in a row. */
  readonly blob: 'text' | 'hex' | 'json'
}

/** Where a value stands. */
export interface TypeContext {
  readonly column: string
  readonly typmod: number
  /** Declared dimensions of an array: more than one are no list. */
  readonly dimensions: number
  /** Is it a part of a value that is JSON itself? There an array of any form has its place. */
  readonly inside?: true
  readonly dates: DatePolicy
}

/** The type table of FORMATS 1. */
export function compileType(pg: PgType, context: TypeContext): CompiledType {
  switch (pg.kind) {
    case 'base':
      return pg.name === 'hstore' || pg.name.endsWith('.hstore') ? viaJson(writeHstore) : compileBase(pg.name, context)
    case 'enum':
      return TEXT
    case 'domain':
      return compileType(pg.of, { ...context, typmod: pg.typmod, dimensions: Math.max(context.dimensions, pg.dimensions) })
    case 'array':
      return compileArray(pg.of, pg.delimiter, context)
    case 'range':
      return viaJson(rangeWriter(pg.of, context))
    case 'multirange':
      return viaJson(multirangeWriter(pg.of, context))
    case 'composite':
      return viaJson(compositeWriter(pg.fields, context))
  }
}

const TEXT: CompiledType = { type: { type: 'text' }, write: writeText, known: true, blob: 'text' }

/** Types that Postgres prints as text that says everything. */
const TEXT_NAMES = new Set(
  `text varchar bpchar char name xml citext inet cidr macaddr macaddr8 bit varbit tsvector tsquery point line lseg box path polygon circle
   timetz pg_lsn pg_snapshot txid_snapshot xid xid8 cid tid jsonpath ltree lquery cube refcursor regclass regproc regprocedure regoper
   regoperator regtype regrole regnamespace regconfig regdictionary regcollation aclitem int2vector oidvector unknown geometry geography`.split(
    /\s+/,
  ),
)

// over: one table, a line per type
function compileBase(name: string, context: TypeContext): CompiledType {
  const { column, dates } = context
  switch (name) {
    case 'int2':
    case 'int4':
      return { type: { type: 'int' }, write: writeInt, known: true, blob: 'text' }
    case 'int8':
    case 'oid':
      return { type: { type: 'bigint' }, write: writePlain, known: true, blob: 'text' }
    case 'numeric':
      return { type: decimalType(context.typmod), write: writeDecimal(column), known: true, blob: 'text' }
    case 'money':
      return { type: { type: 'decimal', p: 19, s: 2 }, write: writeMoney, known: true, blob: 'text' }
    case 'float4':
    case 'float8':
      return { type: { type: 'double' }, write: writeDouble(column), known: true, blob: 'text' }
    case 'bool':
      return { type: { type: 'bool' }, write: writeBool, known: true, blob: 'text' }
    case 'bytea':
      return { type: { type: 'bytes' }, write: writeBytes, known: true, blob: 'hex' }
    case 'date':
      return { type: { type: dates === 'text' ? 'text' : 'date' }, write: writeDate(column, dates), known: true, blob: 'text' }
    case 'time':
      return { type: { type: 'time' }, write: writeTime, known: true, blob: 'text' }
    case 'timestamp':
    case 'timestamptz':
      return {
        type: { type: dates === 'text' ? 'text' : name },
        write: writeTimestamp(column, dates, name === 'timestamptz'),
        known: true,
        blob: 'text',
      }
    case 'interval':
      return { type: { type: 'interval' }, write: writeInterval(column), known: true, blob: 'text' }
    case 'uuid':
      return { type: { type: 'uuid' }, write: writePlain, known: true, blob: 'text' }
    case 'json':
    case 'jsonb':
      return { type: { type: 'json' }, write: writeText, known: true, blob: 'text' }
    default:
      return { ...TEXT, known: TEXT_NAMES.has(name.slice(name.lastIndexOf('.') + 1)) }
  }
}

/** `numeric(p,s)` keeps p and s in its typmod (s is signed since Postgres 15); plain `numeric` has none. */
function decimalType(typmod: number): ColumnType {
  if (typmod < 4) return { type: 'decimal' }
  const packed = typmod - 4
  const scale = ((packed & 0x7ff) ^ 1024) - 1024
  return { type: 'decimal', p: packed >> 16, s: scale }
}

function compileArray(element: PgType, delimiter: string, context: TypeContext): CompiledType {
  const of = compileType(element, { ...context, dimensions: 1 })
  const writeItems = itemsWriter(of)
  if (context.dimensions > 1 && context.inside !== true) {
    return viaJson((out, source, start, end) => writeItems(out, parseArray(source.toString('utf8', start, end), delimiter).items))
  }
  const error = errorCell('#VALUE!', context.column)
  return {
    type: { type: 'list', of: of.type },
    known: of.known,
    blob: 'json',
    write: (out, source, start, end) => {
      const array = parseArray(source.toString('utf8', start, end), delimiter)
      if (array.plain || context.inside === true) writeItems(out, array.items)
      else out.text(error)
    },
  }
}

function itemsWriter(of: CompiledType): (out: JsonBuffer, items: readonly ArrayItem[]) => void {
  const writeItems = (out: JsonBuffer, items: readonly ArrayItem[]): void => {
    out.byte(OPEN_LIST)
    for (const [i, item] of items.entries()) {
      if (i > 0) out.byte(COMMA)
      if (item === null || typeof item === 'string') writePart(out, of.write, item)
      else writeItems(out, item)
    }
    out.byte(CLOSE_LIST)
  }
  return writeItems
}

type RangeWriter = (out: JsonBuffer, range: RangeText) => void

function boundsWriter(subtype: PgType, context: TypeContext): RangeWriter {
  const of = compileType(subtype, { ...context, typmod: -1, dimensions: 1, inside: true })
  return (out, range) => {
    out.ascii7('{"lower":')
    writePart(out, of.write, range.lower)
    out.ascii7(',"upper":')
    writePart(out, of.write, range.upper)
    out.ascii7(`,"bounds":"${range.bounds}"}`)
  }
}

function rangeWriter(subtype: PgType, context: TypeContext): CellWriter {
  const write = boundsWriter(subtype, context)
  return (out, source, start, end) => write(out, parseRange(source.toString('utf8', start, end)))
}

function multirangeWriter(range: PgType, context: TypeContext): CellWriter {
  const write = boundsWriter(range.kind === 'range' ? range.of : range, context)
  return (out, source, start, end) => {
    out.byte(OPEN_LIST)
    for (const [i, one] of parseMultirange(source.toString('utf8', start, end)).entries()) {
      if (i > 0) out.byte(COMMA)
      write(out, one)
    }
    out.byte(CLOSE_LIST)
  }
}

function compositeWriter(fields: Extract<PgType, { kind: 'composite' }>['fields'], context: TypeContext): CellWriter {
  const compiled = fields.map((field) => ({
    label: `${JSON.stringify(field.name)}:`,
    write: compileType(field.type, { ...context, typmod: field.typmod, dimensions: 1, inside: true }).write,
  }))
  return (out, source, start, end) => {
    const texts = parseComposite(source.toString('utf8', start, end))
    out.byte(OPEN_OBJECT)
    for (const [i, field] of compiled.entries()) {
      if (i > 0) out.byte(COMMA)
      out.text(field.label)
      writePart(out, field.write, texts[i] ?? null)
    }
    out.byte(CLOSE_OBJECT)
  }
}

const writeHstore: CellWriter = (out, source, start, end) =>
  out.text(JSON.stringify(Object.fromEntries(parseHstore(source.toString('utf8', start, end)))))

/** A value whose JSON stands in a column of type json, that is as a string. */
function viaJson(write: CellWriter): CompiledType {
  const inner = new JsonBuffer(1024)
  return {
    type: { type: 'json' },
    known: true,
    blob: 'json',
    write: (out, source, start, end) => {
      inner.reset()
      write(inner, source, start, end)
      out.string(inner.bytes, 0, inner.length)
    },
  }
}

function writePart(out: JsonBuffer, write: CellWriter, text: string | null): void {
  if (text === null) return out.ascii7('null')
  const bytes = Buffer.from(text)
  write(out, bytes, 0, bytes.length)
}

const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
