import type { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import { BLANK, ERROR, VALUE } from './lane.ts'
import { errorJson, errorOfJson } from './pool.ts'
import type { Pool } from './pool.ts'

/** Errors of a page: `[cell within the page, error in JSON]`. */
export type ErrorCells = readonly (readonly [number, JsonValue])[]

/** The words of a double as this machine orders them. */
const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const LOW = LITTLE ? 0 : 1
const HIGH = LITTLE ? 1 : 0
/** The upper word of a NaN. */
const NAN_WORD = 0x7ff80000

/**
 * Cells of a lane whose values are numbers: one double each, which is all that a reader touches. No value is NaN, so NaN says that there is
 * none: its lower word is 0 for Blank, for an error its id in the pool plus one. Such cells are written and copied by words, because a NaN that
 * passes through a variable may lose them.
 */
export class NumberCells {
  /** The value of each cell, or NaN. Only `put`, `setBlank`, `setError` and `copy` may write. */
  numbers: Float64Array<ArrayBuffer> = new Float64Array(0)
  #words: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  grow(capacity: number): void {
    const from = this.numbers.length
    if (capacity <= from) return
    const grown = new Float64Array(capacity)
    grown.set(this.numbers)
    grown.fill(Number.NaN, from)
    this.numbers = grown
    this.#words = new Uint32Array(grown.buffer)
    // What a machine writes for NaN is its own affair.
    if (this.#words[2 * from + LOW] !== 0) for (let i = from; i < capacity; i++) this.setBlank(i)
  }

  /** `BLANK`, `VALUE` or `ERROR`. */
  state(i: number): number {
    return Number.isNaN(this.numbers[i]) ? (this.#words[2 * i + LOW] === 0 ? BLANK : ERROR) : VALUE
  }

  /** `number` is no NaN. */
  put(i: number, number: number): void {
    this.numbers[i] = number
  }

  setBlank(i: number): void {
    this.#words[2 * i + HIGH] = NAN_WORD
    this.#words[2 * i + LOW] = 0
  }

  setError(i: number, error: CellError): void {
    this.#words[2 * i + HIGH] = NAN_WORD
    this.#words[2 * i + LOW] = this.#pool.errorId(error) + 1
  }

  /** The error of a cell that is one. */
  error(i: number): CellError {
    return this.#pool.error((this.#words[2 * i + LOW] as number) - 1)
  }

  copy(from: NumberCells, i: number, j: number): void {
    const number = from.numbers[i] as number
    if (Number.isNaN(number)) this.#copyWords(from, i, j)
    else this.numbers[j] = number
  }

  /** The same number, both Blank, or the same error of the same origin. */
  same(i: number, other: NumberCells, j: number): boolean {
    const a = this.numbers[i] as number
    const b = other.numbers[j] as number
    return a === b || (Number.isNaN(a) && Number.isNaN(b) && this.#words[2 * i + LOW] === other.#words[2 * j + LOW])
  }

  /** Order of FORMATS 2 where at least one of the cells is no value. Errors are ordered by name, wherever they arose. */
  compareStates(i: number, other: NumberCells, j: number): number {
    const a = this.state(i)
    const b = other.state(j)
    if (a !== b || a !== ERROR) return a - b
    const [x, y] = [this.error(i).kind, other.error(j).kind]
    return x < y ? -1 : x > y ? 1 : 0
  }

  encodeErrors(from: number, to: number): ErrorCells {
    const cells: [number, JsonValue][] = []
    for (let i = from; i < to; i++) if (this.state(i) === ERROR) cells.push([i - from, errorJson(this.error(i))])
    return cells
  }

  /** Takes back numbers and errors of a page. Ids of errors are another life's. */
  decode(from: number, bytes: Uint8Array<ArrayBuffer>, errors: ErrorCells): void {
    const numbers = new Float64Array(bytes.buffer)
    for (const [i, number] of numbers.entries()) {
      if (Number.isNaN(number)) this.setBlank(from + i)
      else this.put(from + i, number)
    }
    for (const [i, json] of errors) this.setError(from + i, must(errorOfJson(json), 'an error cell'))
  }

  #copyWords(from: NumberCells, i: number, j: number): void {
    this.#words[2 * j + HIGH] = NAN_WORD
    this.#words[2 * j + LOW] = from.#words[2 * i + LOW] as number
  }
}
