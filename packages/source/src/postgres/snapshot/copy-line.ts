import type { Tuple } from '../log/pgoutput.ts'
import { growTuple, newTuple, TUPLE_NULL, TUPLE_TEXT } from '../log/pgoutput.ts'

/**
 * Reads lines of `COPY … TO STDOUT` (text format) into tuples, so that snapshot rows and streamed rows go through the same encoder. A line without
 * escapes, which is nearly every one, is not copied: its fields are found where they stand.
 */
export class CopyLine {
  readonly #tuple: Tuple = newTuple()
  #unescaped: Buffer = Buffer.alloc(4096)

  /** The tuple of the line `buffer[start, end)` (its newline included); valid until the next call. `columns` are known. */
  read(buffer: Buffer, start: number, end: number, columns: number): Tuple {
    const tuple = this.#tuple
    growTuple(tuple, columns)
    tuple.buffer = buffer
    tuple.count = columns
    let column = 0
    let from = start
    for (let i = start; i < end; i++) {
      const code = buffer[i] as number
      if (code > BACKSLASH) continue
      if (code === TAB || code === NEWLINE) {
        setField(tuple, column++, from, i)
        from = i + 1
      } else if (code === BACKSLASH) {
        return this.#readEscaped(buffer, start, end)
      }
    }
    return tuple
  }

  #readEscaped(buffer: Buffer, start: number, end: number): Tuple {
    const tuple = this.#tuple
    if (this.#unescaped.length < end - start) this.#unescaped = Buffer.allocUnsafeSlow((end - start) * 2)
    const plain = this.#unescaped
    tuple.buffer = plain
    let column = 0
    let from = 0
    let to = 0
    for (let i = start; i < end; i++) {
      const code = buffer[i] as number
      if (code === TAB || code === NEWLINE) {
        const isNull = i >= start + 2 && buffer[i - 1] === LETTER_N && buffer[i - 2] === BACKSLASH && to === from
        if (isNull) tuple.kinds[column++] = TUPLE_NULL
        else setField(tuple, column++, from, to)
        from = to
      } else if (code === BACKSLASH) {
        i++
        const escaped = buffer[i] as number
        // `\N` is null and leaves nothing behind; a text `N` behind a backslash is written `\\N`.
        if (escaped !== LETTER_N) plain[to++] = ESCAPES.get(escaped) ?? escaped
      } else {
        plain[to++] = code
      }
    }
    return tuple
  }
}

const TAB = 0x09
const NEWLINE = 0x0a
const BACKSLASH = 0x5c
const LETTER_N = 0x4e
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x76, 0x0b],
])

function setField(tuple: Tuple, column: number, from: number, to: number): void {
  tuple.kinds[column] = TUPLE_TEXT
  tuple.starts[column] = from
  tuple.ends[column] = to
}
