import { isCellError } from '@sheetflow/core/cell-error'
import { formatTimestamp, parseTimestamp } from '@sheetflow/core/calendar'
import type { JsonBytes } from '@sheetflow/core/json-bytes'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import { BLANK, VALUE } from './lane.ts'
import type { Lane } from './lane.ts'
import { NumberCells } from './number-cells.ts'
import type { ErrorCells } from './number-cells.ts'
import { packPage, unpackPage } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'
import type { Records } from './records.ts'

/** Lane of timestamp and timestamptz: days and microseconds of the day (together they are no safe integer after 2255). */
export class TimestampLane implements Lane {
  readonly type: ColumnType
  readonly fields: readonly number[]
  readonly #name: 'timestamp' | 'timestamptz'
  readonly #micros: NumberCells
  readonly #records: Records
  readonly #days: number

  constructor(type: ColumnType & { readonly type: 'timestamp' | 'timestamptz' }, pool: Pool, records: Records) {
    this.type = type
    this.#name = type.type
    this.#records = records
    this.#micros = new NumberCells(records, pool)
    this.#days = records.addInt()
    this.fields = [...this.#micros.fields, this.#days]
  }

  grow(capacity: number): void {
    this.#records.grow(capacity)
  }

  free(): void {
    this.#micros.free()
    this.#records.freeInt(this.#days)
  }

  state(i: number): number {
    return this.#micros.state(i)
  }

  value(i: number): Value {
    const state = this.#micros.state(i)
    if (state === VALUE) return this.#timestamp(i)
    return state === BLANK ? null : this.#micros.error(i)
  }

  json(i: number): JsonValue {
    const state = this.#micros.state(i)
    if (state === VALUE) return formatTimestamp(this.#name, this.#timestamp(i))
    return state === BLANK ? null : errorJson(this.#micros.error(i))
  }

  write(i: number, to: JsonBytes): void {
    to.json(this.json(i))
  }

  set(i: number, value: Value): void {
    this.#records.setInt(i, this.#days, 0)
    if (value === null) this.#micros.setBlank(i)
    else if (isTimestamp(value)) this.#put(i, value)
    else this.#micros.setError(i, isCellError(value) ? value : MISFIT)
  }

  setJson(i: number, json: JsonValue): void {
    const parsed = typeof json === 'string' ? parseTimestamp(this.#name, json) : null
    if (parsed !== null) this.#put(i, parsed)
    else this.set(i, json === null ? null : (errorOfJson(json) ?? MISFIT))
  }

  copy(from: this, i: number, j: number): void {
    this.#micros.copy(from.#micros, i, j)
    this.#records.setInt(j, this.#days, from.#dayOf(i))
  }

  same(i: number, other: this, j: number): boolean {
    return this.#micros.same(i, other.#micros, j) && this.#dayOf(i) === other.#dayOf(j)
  }

  compare(i: number, other: this, j: number): number {
    const micros = this.#micros.number(i) - other.#micros.number(j)
    if (Number.isNaN(micros)) return this.#micros.compareStates(i, other.#micros, j)
    return this.#dayOf(i) - other.#dayOf(j) || micros
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
    const days = Int32Array.from({ length: to - from }, (_, i) => this.#dayOf(from + i))
    return packPage([days, this.#micros.encode(from, to)], this.#micros.encodeErrors(from, to))
  }

  decode(from: number, bytes: Uint8Array): void {
    const { arrays, json } = unpackPage(bytes)
    const [days, micros] = arrays as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
    for (const [i, day] of new Int32Array(days.buffer).entries()) this.#records.setInt(from + i, this.#days, day)
    this.#micros.decode(from, micros, json as ErrorCells)
  }

  #dayOf(i: number): number {
    return this.#records.int(i, this.#days)
  }

  #timestamp(i: number): Timestamp {
    return { days: this.#dayOf(i), micros: this.#micros.number(i) }
  }

  #put(i: number, value: Timestamp): void {
    this.#records.setInt(i, this.#days, value.days)
    this.#micros.put(i, value.micros)
  }
}

function isTimestamp(value: Value): value is Timestamp {
  return typeof value === 'object' && value !== null && 'micros' in value && !('months' in value)
}
