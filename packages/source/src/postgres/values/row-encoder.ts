import type { BlobCollector } from './blob-collector.ts'
import { BIG_ROW_BYTES, BIG_VALUE_BYTES, HUGE_VALUE_BYTES } from './blob-collector.ts'
import { errorCell } from './cell-writers.ts'
import { JsonBuffer } from './json-buffer.ts'
import type { Tuple } from '../log/pgoutput.ts'
import { newTuple, TUPLE_NULL, TUPLE_TEXT, TUPLE_UNCHANGED } from '../log/pgoutput.ts'
import type { CompiledType } from './type-table.ts'

/** Operations whose row carries an `after`. */
export type FullOp = 'c' | 'u' | 'r'

/** One column of a table as the encoder needs it. */
export interface EncodedColumn {
  readonly name: string
  readonly compiled: CompiledType
}

/**
 * Turns the tuples of one table layout into `RowChange`s as JSON text. Made once per layout; per row it writes into one buffer and makes one
 * string. `keys` are indexes of the key columns, in key order.
 */
export class RowEncoder {
  /** Values over 64 MiB that became `#VALUE!`. */
  hugeValues: number = 0
  readonly #columns: readonly EncodedColumn[]
  readonly #keys: readonly number[]
  readonly #isKey: readonly boolean[]
  readonly #blobs: BlobCollector
  readonly #out: JsonBuffer = new JsonBuffer()

  constructor(columns: readonly EncodedColumn[], keys: readonly number[], blobs: BlobCollector) {
    this.#columns = columns
    this.#keys = keys
    this.#isKey = columns.map((_, i) => keys.includes(i))
    this.#blobs = blobs
  }

  /** `[op, key, after, null]`; a column that was not sent is `{"~":1}`. */
  row(op: FullOp, after: Tuple): string {
    const text = this.#encode(op, after, NOTHING)
    return text ?? this.#encodeBig(op, after)
  }

  /** `["d", key, null, null]` */
  deleted(before: Tuple): string {
    const out = this.#out
    out.reset()
    out.ascii7('["d",[')
    this.#writeKey(before)
    out.ascii7('],null,null]')
    return out.toText()
  }

  /** `["d", key, null, null]` of an exact key text. */
  deletedKey(key: string): string {
    const parts = key.split('\0').map((part) => Buffer.from(part))
    const tuple = newTuple(this.#columns.length)
    tuple.buffer = Buffer.concat(parts)
    tuple.count = this.#columns.length
    let at = 0
    for (const [k, index] of this.#keys.entries()) {
      tuple.kinds[index] = TUPLE_TEXT
      tuple.starts[index] = at
      at += parts[k]?.length ?? 0
      tuple.ends[index] = at
    }
    return this.deleted(tuple)
  }

  /** Exact text of the key: the same for the same bytes, and for them alone. */
  keyText(tuple: Tuple): string {
    const keys = this.#keys
    if (keys.length === 1) return textAt(tuple, keys[0] as number)
    return keys.map((index) => textAt(tuple, index)).join('\0')
  }

  /** Are the bytes of the key the same? A key column that was not sent did not change. */
  sameKey(a: Tuple, b: Tuple): boolean {
    return this.#keys.every((index) => {
      if (a.kinds[index] !== TUPLE_TEXT || b.kinds[index] !== TUPLE_TEXT) return true
      const aEnd = a.ends[index] as number
      const bEnd = b.ends[index] as number
      return a.buffer.compare(b.buffer, b.starts[index], bEnd, a.starts[index], aEnd) === 0
    })
  }

  /** Does it lack a column that was not sent? */
  hasUnchanged(tuple: Tuple): boolean {
    for (let i = 0; i < tuple.count; i++) if (tuple.kinds[i] === TUPLE_UNCHANGED) return true
    return false
  }

  /** Columns that were not sent come from `before` if it has them: all if it is `full`, else the key's. Both came in one message. */
  fill(after: Tuple, before: Tuple | null, full: boolean): void {
    if (before === null) return
    for (let i = 0; i < after.count; i++) {
      if (after.kinds[i] !== TUPLE_UNCHANGED || !(full || this.#isKey[i] === true)) continue
      after.kinds[i] = before.kinds[i] as number
      after.starts[i] = before.starts[i] as number
      after.ends[i] = before.ends[i] as number
    }
  }

  /** Null: the row is too big, some values have to leave it. */
  #encode(op: FullOp, tuple: Tuple, out_: ReadonlySet<number>): string | null {
    const out = this.#out
    out.reset()
    out.ascii7(HEADS[op])
    this.#writeKey(tuple)
    out.byte(CLOSE)
    out.byte(COMMA)
    out.byte(OPEN)
    for (let i = 0; i < this.#columns.length; i++) {
      if (i > 0) out.byte(COMMA)
      this.#writeCell(tuple, i, out_)
    }
    out.ascii7('],null]')
    return out.length > BIG_ROW_BYTES && out_.size < this.#columns.length ? null : out.toText()
  }

  /** The largest values go first, until what remains fits. */
  #encodeBig(op: FullOp, tuple: Tuple): string {
    const size = (i: number): number => (tuple.kinds[i] === TUPLE_TEXT ? (tuple.ends[i] as number) - (tuple.starts[i] as number) : 0)
    const largest = this.#columns.map((_, i) => i).toSorted((a, b) => size(b) - size(a))
    const moved = new Set<number>()
    for (const index of largest) {
      if (this.#isKey[index] === true) continue
      moved.add(index)
      const text = this.#encode(op, tuple, moved)
      if (text !== null) return text
    }
    return this.#encode(op, tuple, new Set(largest)) ?? ''
  }

  #writeKey(tuple: Tuple): void {
    for (let k = 0; k < this.#keys.length; k++) {
      if (k > 0) this.#out.byte(COMMA)
      this.#writeCell(tuple, this.#keys[k] as number, NOTHING)
    }
  }

  #writeCell(tuple: Tuple, i: number, moved: ReadonlySet<number>): void {
    const kind = tuple.kinds[i]
    if (kind === TUPLE_NULL) return this.#out.ascii7('null')
    if (kind === TUPLE_UNCHANGED) return this.#out.ascii7('{"~":1}')
    const start = tuple.starts[i] as number
    const end = tuple.ends[i] as number
    const { compiled, name } = this.#columns[i] as EncodedColumn
    if (end - start > BIG_VALUE_BYTES || (moved.size > 0 && moved.has(i)))
      this.#writeBig(tuple.buffer, start, end, compiled, name, moved.has(i))
    else compiled.write(this.#out, tuple.buffer, start, end)
  }

  #writeBig(source: Buffer, start: number, end: number, compiled: CompiledType, column: string, move: boolean): void {
    const bytes = isHuge(end - start, compiled) ? null : contentOf(source, start, end, compiled)
    if (bytes === null || bytes.length > HUGE_VALUE_BYTES) {
      this.hugeValues++
      this.#out.text(errorCell('#VALUE!', column))
    } else if (bytes.length > BIG_VALUE_BYTES || move) {
      this.#out.ascii7(this.#blobs.add(bytes))
    } else {
      compiled.write(this.#out, source, start, end)
    }
  }
}

const OPEN = 0x5b
const CLOSE = 0x5d
const COMMA = 0x2c
const NOTHING: ReadonlySet<number> = new Set()
const HEADS: Readonly<Record<FullOp, string>> = { c: '["c",[', u: '["u",[', r: '["r",[' }

function textAt(tuple: Tuple, index: number): string {
  return tuple.kinds[index] === TUPLE_TEXT ? tuple.buffer.toString('utf8', tuple.starts[index], tuple.ends[index]) : ''
}

/** Is it plain from the length of its text alone? What a string cannot hold must not be read: the log would never come past it. */
function isHuge(length: number, compiled: CompiledType): boolean {
  switch (compiled.blob) {
    case 'text':
      return length > HUGE_VALUE_BYTES
    case 'hex':
      return (length - 2) / 2 > HUGE_VALUE_BYTES
    case 'json':
      return length > LONGEST_PARSED_BYTES
  }
}

/** A value that is made of values is read from its text as a whole; text of this length hardly ever means less than 64 MiB of JSON. */
const LONGEST_PARSED_BYTES = 4 * HUGE_VALUE_BYTES

/** What the blob store keeps of a value: the bytes of bytea, the text of text, else the JSON form. */
function contentOf(source: Buffer, start: number, end: number, compiled: CompiledType): Buffer {
  switch (compiled.blob) {
    case 'text':
      return source.subarray(start, end)
    case 'hex':
      return Buffer.from(source.toString('latin1', start + 2, end), 'hex')
    case 'json': {
      const out = new JsonBuffer(end - start)
      compiled.write(out, source, start, end)
      return out.bytes.subarray(0, out.length)
    }
  }
}
