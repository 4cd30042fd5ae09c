import type { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import { BLANK, ERROR, VALUE } from './lane.ts'
import { errorJson, errorOfJson } from './pool.ts'
import type { Pool } from './pool.ts'
import type { Records } from './records.ts'

/** Errors of a page: `[cell within the page, error in JSON]`. */
export type ErrorCells = readonly (readonly [number, JsonValue])[]

/**
 * Cells of a lane whose values are numbers: one double each, a field of its records. No value is NaN, so NaN says that there is none: it carries
 * 0 for Blank, for an error its id in the pool plus one.
 */
export class NumberCells {
  /** See `Lane.fields`. */
  readonly fields: readonly number[]
  readonly #records: Records
  readonly #at: number
  readonly #pool: Pool

  constructor(records: Records, pool: Pool) {
    this.#records = records
    this.#at = records.addNumber(true)
    this.fields = [2 * this.#at, 2 * this.#at + 1]
    this.#pool = pool
  }

  /** The field is given back. */
  free(): void {
    this.#records.freeNumber(this.#at)
  }

  /** The value of a cell, or NaN. */
  number(i: number): number {
    return this.#records.number(i, this.#at)
  }

  /** `BLANK`, `VALUE` or `ERROR`. */
  state(i: number): number {
    if (!Number.isNaN(this.number(i))) return VALUE
    return this.#records.mark(i, this.#at) === 0 ? BLANK : ERROR
  }

  /** `number` is no NaN. There is one zero. */
  put(i: number, number: number): void {
    this.#records.setNumber(i, this.#at, number + 0)
  }

  setBlank(i: number): void {
    this.#records.setMark(i, this.#at, 0)
  }

  setError(i: number, error: CellError): void {
    this.#records.setMark(i, this.#at, this.#pool.errorId(error) + 1)
  }

  /** The error of a cell that is one. */
  error(i: number): CellError {
    return this.#pool.error(this.#records.mark(i, this.#at) - 1)
  }

  copy(from: NumberCells, i: number, j: number): void {
    const number = from.number(i)
    if (Number.isNaN(number)) this.#records.setMark(j, this.#at, from.#records.mark(i, from.#at))
    else this.#records.setNumber(j, this.#at, number)
  }

  /** The same number, both Blank, or the same error of the same origin. */
  same(i: number, other: NumberCells, j: number): boolean {
    const a = this.number(i)
    const b = other.number(j)
    return a === b || (Number.isNaN(a) && Number.isNaN(b) && this.#records.mark(i, this.#at) === other.#records.mark(j, other.#at))
  }

  /** Order of FORMATS 2 where at least one of the cells is no value. Errors are ordered by name, wherever they arose. */
  compareStates(i: number, other: NumberCells, j: number): number {
    const a = this.state(i)
    const b = other.state(j)
    if (a !== b || a !== ERROR) return a - b
    const [x, y] = [this.error(i).kind, other.error(j).kind]
    return x < y ? -1 : x > y ? 1 : 0
  }

  /** The numbers of a page; where there is none, NaN. */
  encode(from: number, to: number): Float64Array<ArrayBuffer> {
    const numbers = new Float64Array(to - from)
    for (let i = from; i < to; i++) numbers[i - from] = this.number(i)
    return numbers
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
}
