import type { JsonBytes } from '../json-bytes.ts'
import { MESSAGE_BYTES, MESSAGE_ROWS } from './limits.ts'

/**
 * Rows of one table or sheet, each a `RowChange`, as the UTF-8 of its JSON, with a comma between one and the next. Row `i` ends before byte `ends[i]`, where
 * its comma stands.
 */
export interface RowBytes {
  readonly bytes: Uint8Array
  readonly ends: readonly number[]
}

/** Where row `i` begins. */
export function rowStart(ends: readonly number[], i: number): number {
  return i === 0 ? 0 : (ends[i - 1] as number) + COMMA.length
}

/** Behind `["` stands the operation. */
const OP_AT = 2
const CREATE = 'c'.charCodeAt(0)
const DELETE = 'd'.charCodeAt(0)
const COMMA = ','

/** As `RowBlock`, of rows that are bytes: the message is written while it fills. */
export class ByteBlock {
  readonly table: string
  readonly schema: number
  /** Ordinal of its first row. */
  readonly first: number
  readonly #to: JsonBytes
  /** Bytes in front of the rows. */
  readonly #head: number
  #rows = 0
  /** Where the last row begins, without the comma in front of it. */
  #last = 0
  #endsWithDelete = false

  /** Nothing else is written to `to` before `end`. */
  constructor(table: string, schema: number, first: number, head: string, to: JsonBytes) {
    this.table = table
    this.schema = schema
    this.first = first
    this.#to = to
    to.text(head)
    this.#head = to.size
  }

  /**
   * Adds rows from row `row` on, as many as the message has room for: the first of a message always, and the `c` behind a `d` that is alone in it. Gives how
   * many those are.
   */
  add(rows: RowBytes, row: number): number {
    const count = this.#roomFor(rows, row)
    if (count === 0) return 0
    const { bytes, ends } = rows
    if (this.#rows > 0) this.#to.text(COMMA)
    const end = ends[row + count - 1] as number
    const last = rowStart(ends, row + count - 1)
    this.#to.copy(bytes, rowStart(ends, row), end)
    this.#last = this.#to.size - (end - last)
    this.#rows += count
    this.#endsWithDelete = bytes[last + OP_AT] === DELETE
    return count
  }

  /** If this row, which did not fit, is the `c` of a changed key: the `d` in front of it leaves this block, to stand in one message with it. */
  giveUp({ bytes, ends }: RowBytes, row: number): RowBytes | null {
    if (!this.#endsWithDelete || !isCreate(bytes, rowStart(ends, row))) return null
    const moved = this.#to.taken(this.#last)
    this.#to.keep(this.#last - COMMA.length)
    this.#rows -= 1
    return { bytes: moved, ends: [moved.length] }
  }

  /** Ordinal behind its last row. */
  get next(): number {
    return this.first + this.#rows
  }

  /** The whole message. */
  end(tail: string): Uint8Array {
    this.#to.text(tail)
    return this.#to.cut()
  }

  #roomFor({ bytes, ends }: RowBytes, row: number): number {
    const from = rowStart(ends, row)
    // A comma counts for each row.
    const left = MESSAGE_BYTES - COMMA.length - (this.#rows === 0 ? 0 : this.#to.size - this.#head + COMMA.length)
    const most = Math.min(MESSAGE_ROWS - this.#rows, ends.length - row)
    let count = 0
    while (count < most && (ends[row + count] as number) - from <= left) count += 1
    if (this.#rows + count === 0) count = 1
    const isLone = this.#rows + count === 1 && row + count < ends.length
    if (isLone && this.#isDelete(bytes, from, count) && isCreate(bytes, rowStart(ends, row + count))) count += 1
    return count
  }

  /** Of the one row that the message would have: is it a `d`? */
  #isDelete(bytes: Uint8Array, from: number, count: number): boolean {
    return count === 0 ? this.#endsWithDelete : bytes[from + OP_AT] === DELETE
  }
}

function isCreate(bytes: Uint8Array, start: number): boolean {
  return bytes[start + OP_AT] === CREATE
}
