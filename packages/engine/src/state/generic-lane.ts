import { isCellError } from '@sheetflow/core/cell-error'
import { isSheetflowError } from '@sheetflow/core/errors'
import { compareValues } from '@sheetflow/core/compare'
import { fromJson, toJson } from '@sheetflow/core/json-codec'
import type { JsonBytes } from '@sheetflow/core/json-bytes'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { BLANK, ERROR, VALUE } from './lane.ts'
import type { Lane } from './lane.ts'
import { decodeJson, encodeJson } from './page-bytes.ts'
import { MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'

/** Lane of what is rare in formulas: bytes, interval, list. One value object a cell. */
export class GenericLane implements Lane {
  readonly type: ColumnType
  /** None. */
  readonly fields: readonly number[] = []
  readonly #pool: Pool
  readonly #cells: Value[] = []

  constructor(type: ColumnType, pool: Pool) {
    this.type = type
    this.#pool = pool
  }

  grow(capacity: number): void {
    while (this.#cells.length < capacity) this.#cells.push(null)
  }

  free(): void {
    this.#cells.length = 0
  }

  /** All cells stand beside the records. */
  copyBeside(from: this, i: number, j: number): void {
    this.copy(from, i, j)
  }

  state(i: number): number {
    const value = this.value(i)
    return value === null ? BLANK : isCellError(value) ? ERROR : VALUE
  }

  value(i: number): Value {
    return this.#cells[i] ?? null
  }

  json(i: number): JsonValue {
    return toJson(this.type, this.value(i))
  }

  write(i: number, to: JsonBytes): void {
    to.json(this.json(i))
  }

  set(i: number, value: Value): void {
    this.#cells[i] = this.#fitting(() => {
      toJson(this.type, value)
      return value
    })
  }

  setJson(i: number, json: JsonValue): void {
    this.#cells[i] = this.#fitting(() => fromJson(this.type, json))
  }

  copy(from: this, i: number, j: number): void {
    this.#cells[j] = from.value(i)
  }

  same(i: number, other: this, j: number): boolean {
    const [a, b] = [this.value(i), other.value(j)]
    return a === b || (compareValues(a, b) === 0 && JSON.stringify(this.json(i)) === JSON.stringify(other.json(j)))
  }

  compare(i: number, other: this, j: number): number {
    return compareValues(this.value(i), other.value(j))
  }

  units(): number {
    return Number.NaN
  }

  scale(): number {
    return 0
  }

  setUnits(i: number): void {
    this.set(i, MISFIT)
  }

  encode(from: number, to: number): Uint8Array {
    return encodeJson(this, from, to)
  }

  decode(from: number, bytes: Uint8Array): void {
    decodeJson(this, from, bytes)
  }

  #fitting(make: () => Value): Value {
    try {
      return make()
    } catch (error) {
      if (!isSheetflowError(error, 'core/bad-value')) throw error
      return this.#pool.error(this.#pool.errorId(MISFIT))
    }
  }
}
