import type { JsonBytes } from '../json-bytes.ts'
import { MESSAGE_BYTES, MESSAGE_ROWS } from './limits.ts'

/**
 * Rows of one table or sheet, each a `RowChange`, as the UTF-8 of its JSON, one right behind the other. Row `i` ends before byte `ends[i]`.
 */
export interface RowBytes {
  readonly bytes: Uint8Array
  readonly ends: readonly number[]
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

  /** Adds the row `bytes[from..to-1]` if the message stays within its limits, or if it completes a lone pair; says whether it did. */
  add(bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.#fits(to - from) && !(this.#rows === 1 && this.#isPair(bytes, from))) return false
    if (this.#rows > 0) this.#to.text(COMMA)
    this.#last = this.#to.size
    this.#to.copy(bytes, from, to)
    this.#rows += 1
    this.#endsWithDelete = bytes[from + OP_AT] === DELETE
    return true
  }

  /** If this row, which did not fit, is the `c` of a changed key: the `d` in front of it leaves this block, to stand in one message with it. */
  giveUp(bytes: Uint8Array, from: number): Uint8Array | null {
    if (!this.#isPair(bytes, from)) return null
    const row = this.#to.taken(this.#last)
    this.#to.keep(this.#last - COMMA.length)
    this.#rows -= 1
    return row
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

  #fits(size: number): boolean {
    // A comma counts for each row.
    return this.#rows < MESSAGE_ROWS && this.#to.size - this.#head + COMMA.length + size + COMMA.length <= MESSAGE_BYTES
  }

  #isPair(bytes: Uint8Array, from: number): boolean {
    return this.#endsWithDelete && bytes[from + OP_AT] === CREATE
  }
}
