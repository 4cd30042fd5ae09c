import { isCellError } from '@sheetflow/core/cell-error'
import { formatTimestamp, parseTimestamp } from '@sheetflow/core/calendar'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import { CellStates } from './cell-states.ts'
import type { ErrorCells } from './cell-states.ts'
import { BLANK, ERROR, VALUE, grownFloat64, grownInt32 } from './lane.ts'
import type { Lane } from './lane.ts'
import { packPage, unpackPage } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'

/** Lane of timestamp and timestamptz: days and microseconds of the day (together they are no safe integer after 2255). */
export class TimestampLane implements Lane {
  readonly type: ColumnType
  readonly #name: 'timestamp' | 'timestamptz'
  readonly #states: CellStates
  #days: Int32Array<ArrayBuffer> = new Int32Array(0)
  #micros: Float64Array<ArrayBuffer> = new Float64Array(0)

  constructor(type: ColumnType & { readonly type: 'timestamp' | 'timestamptz' }, pool: Pool) {
    this.type = type
    this.#name = type.type
    this.#states = new CellStates(pool)
  }

  grow(capacity: number): void {
    if (capacity <= this.#days.length) return
    this.#days = grownInt32(this.#days, capacity)
    this.#micros = grownFloat64(this.#micros, capacity)
    this.#states.grow(capacity)
  }

  state(i: number): number {
    return this.#states.of(i)
  }

  value(i: number): Value {
    const state = this.#states.of(i)
    if (state === VALUE) return this.#timestamp(i)
    return state === BLANK ? null : this.#states.error(i, this.#micros)
  }

  json(i: number): JsonValue {
    const state = this.#states.of(i)
    if (state === VALUE) return formatTimestamp(this.#name, this.#timestamp(i))
    return state === BLANK ? null : errorJson(this.#states.error(i, this.#micros))
  }

  set(i: number, value: Value): void {
    this.#days[i] = 0
    if (value === null) this.#states.setBlank(i, this.#micros)
    else if (isTimestamp(value)) this.#put(i, value)
    else this.#states.setError(i, isCellError(value) ? value : MISFIT, this.#micros)
  }

  setJson(i: number, json: JsonValue): void {
    const parsed = typeof json === 'string' ? parseTimestamp(this.#name, json) : null
    if (parsed !== null) this.#put(i, parsed)
    else this.set(i, json === null ? null : (errorOfJson(json) ?? MISFIT))
  }

  copy(from: this, i: number, j: number): void {
    this.#states.bytes[j] = from.#states.of(i)
    this.#days[j] = from.#days[i] as number
    this.#micros[j] = from.#micros[i] as number
  }

  same(i: number, other: this, j: number): boolean {
    return this.#micros[i] === other.#micros[j] && this.#days[i] === other.#days[j] && this.#states.of(i) === other.#states.of(j)
  }

  compare(i: number, other: this, j: number): number {
    const a = this.#states.of(i)
    const b = other.#states.of(j)
    if (a !== b) return a - b
    if (a === ERROR) return this.#states.compareErrors(this.#states.error(i, this.#micros), other.#states.error(j, other.#micros))
    const days = (this.#days[i] as number) - (other.#days[j] as number)
    return days === 0 ? (this.#micros[i] as number) - (other.#micros[j] as number) : days
  }

  units(): number {
    return Number.NaN
  }

  scale(): number {
    return 0
  }

  encode(from: number, to: number): Uint8Array {
    const errors = this.#states.encodeErrors(from, to, this.#micros)
    const arrays = [this.#states.bytes.subarray(from, to), this.#days.subarray(from, to), this.#micros.subarray(from, to)]
    return packPage(arrays, errors)
  }

  decode(from: number, bytes: Uint8Array): void {
    const { arrays, json } = unpackPage(bytes)
    const [states, days, micros] = arrays as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
    this.#states.bytes.set(states, from)
    this.#days.set(new Int32Array(days.buffer), from)
    this.#micros.set(new Float64Array(micros.buffer), from)
    this.#states.decodeErrors(from, json as ErrorCells, this.#micros)
  }

  #timestamp(i: number): Timestamp {
    return { days: this.#days[i] as number, micros: this.#micros[i] as number }
  }

  #put(i: number, value: Timestamp): void {
    this.#states.bytes[i] = VALUE
    this.#days[i] = value.days
    this.#micros[i] = value.micros
  }
}

function isTimestamp(value: Value): value is Timestamp {
  return typeof value === 'object' && value !== null && 'micros' in value && !('months' in value)
}
