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

  /** Adds a row if the message stays within its limits; says whether it did. */
  add(row: string): boolean {
    if (this.#rows.length >= MESSAGE_ROWS) return false
    const units = this.#units + row.length + 1
    if (units * 3 > MESSAGE_BYTES && this.#exact() + utf8Length(row) + 1 > MESSAGE_BYTES) return false
    this.#rows.push(row)
    this.#units = units
    return true
  }

  /**
   * Makes place for a row that did not fit: a block that begins with it. If it is the `c` of a changed key, the `d` in front of it
   * leaves this block and goes along, so that both stand in one message.
   */
  cut(row: string): RowBlock {
    const last = this.#rows.at(-1)
    const pair = last !== undefined && this.#rows.length > 1 && last.startsWith('["d"') && row.startsWith('["c"')
    if (!pair) return new RowBlock(this.table, this.schema, this.first + this.#rows.length, row)
    this.#rows.pop()
    const rest = new RowBlock(this.table, this.schema, this.first + this.#rows.length, last)
    rest.#push(row)
    return rest
  }

  /** All rows as JSON text, joined. */
  text(): string {
    return this.#rows.join(',')
  }

  /** Without a look at the limits: a pair is never cut. */
  #push(row: string): void {
    this.#rows.push(row)
    this.#units += row.length + 1
  }

  #exact(): number {
    for (; this.#measured < this.#rows.length; this.#measured++) this.#bytes += utf8Length(this.#rows[this.#measured] ?? '') + 1
    return this.#bytes
  }
}
