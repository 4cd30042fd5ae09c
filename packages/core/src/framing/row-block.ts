import { utf8Length } from '../text.ts'
import { MESSAGE_BYTES, MESSAGE_ROWS } from './limits.ts'

/** The rows of one message while it fills. */
export class RowBlock {
  readonly table: string
  readonly schema: number
  /** Ordinal of its first row. */
  readonly first: number
  readonly #rows: string[]
  /** UTF-16 units of all rows with their commas: bytes are at most three times as many. */
  #units: number
  /** Exact bytes of the first `#measured` rows, counted only once the estimate says that it matters. */
  #bytes = 0
  #measured = 0

  constructor(table: string, schema: number, first: number, row: string) {
    this.table = table
    this.schema = schema
    this.first = first
    this.#rows = [row]
    this.#units = row.length + 1
  }

  /** Adds a row if the message stays within its limits, or if it completes a lone pair; says whether it did. */
  add(row: string): boolean {
    if (!this.#fits(row) && !(this.#rows.length === 1 && this.#isPair(row))) return false
    this.#push(row)
    return true
  }

  /**
   * Makes place for a row that did not fit: a block that begins with it. If it is the `c` of a changed key, the `d` in front of it
   * leaves this block and goes along, so that both stand in one message.
   */
  cut(row: string): RowBlock {
    const last = this.#rows.at(-1)
    if (last === undefined || !this.#isPair(row)) return new RowBlock(this.table, this.schema, this.first + this.#rows.length, row)
    this.#rows.pop()
    const rest = new RowBlock(this.table, this.schema, this.first + this.#rows.length, last)
    rest.#push(row)
    return rest
  }

  /** All rows as JSON text, joined. */
  text(): string {
    return this.#rows.join(',')
  }

  #fits(row: string): boolean {
    if (this.#rows.length >= MESSAGE_ROWS) return false
    return (this.#units + row.length + 1) * 3 <= MESSAGE_BYTES || this.#exact() + utf8Length(row) + 1 <= MESSAGE_BYTES
  }

  /** Is it a `c` behind a `d`? Whether of one key or of two, they stay together. */
  #isPair(row: string): boolean {
    return row.startsWith('["c"') && this.#rows.at(-1)?.startsWith('["d"') === true
  }

  #push(row: string): void {
    this.#rows.push(row)
    this.#units += row.length + 1
  }

  #exact(): number {
    for (; this.#measured < this.#rows.length; this.#measured++) this.#bytes += utf8Length(this.#rows[this.#measured] ?? '') + 1
    return this.#bytes
  }
}
