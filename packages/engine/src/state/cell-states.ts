import type { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import { BLANK, ERROR, grownUint8 } from './lane.ts'
import { errorJson, errorOfJson } from './pool.ts'
import type { Pool } from './pool.ts'

/** Errors of a page: `[cell within the page, error in JSON]`. */
export type ErrorCells = readonly (readonly [number, JsonValue])[]

/** Blank, value or error of each cell of a lane whose numbers stand in a `Float64Array`; there an error is its id in the pool. */
export class CellStates {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  grow(capacity: number): void {
    this.bytes = grownUint8(this.bytes, capacity)
  }

  of(i: number): number {
    return this.bytes[i] as number
  }

  setError(i: number, error: CellError, numbers: Float64Array): void {
    this.bytes[i] = ERROR
    numbers[i] = this.#pool.errorId(error)
  }

  setBlank(i: number, numbers: Float64Array): void {
    this.bytes[i] = BLANK
    numbers[i] = 0
  }

  error(i: number, numbers: Float64Array): CellError {
    return this.#pool.error(numbers[i] as number)
  }

  /** Errors are ordered by name, wherever they arose. */
  compareErrors(a: CellError, b: CellError): number {
    return a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0
  }

  encodeErrors(from: number, to: number, numbers: Float64Array): ErrorCells {
    const cells: [number, JsonValue][] = []
    for (let i = from; i < to; i++) if (this.bytes[i] === ERROR) cells.push([i - from, errorJson(this.error(i, numbers))])
    return cells
  }

  decodeErrors(from: number, cells: ErrorCells, numbers: Float64Array): void {
    for (const [i, json] of cells) numbers[from + i] = this.#pool.errorId(must(errorOfJson(json), 'an error cell'))
  }
}
