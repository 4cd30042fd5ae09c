import { isCellError } from '@sheetflow/core/cell-error'
import { formatTimestamp, parseTimestamp } from '@sheetflow/core/calendar'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import { BLANK, VALUE, grownInt32 } from './lane.ts'
import type { Lane } from './lane.ts'
import { NumberCells } from './number-cells.ts'
import type { ErrorCells } from './number-cells.ts'
import { packPage, unpackPage } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'

/** Lane of timestamp and timestamptz: days and microseconds of the day (together they are no safe integer after 2255). */
export class TimestampLane implements Lane {
  readonly type: ColumnType
  readonly #name: 'timestamp' | 'timestamptz'
  readonly #micros: NumberCells
  #days: Int32Array<ArrayBuffer> = new Int32Array(0)

  constructor(type: ColumnType & { readonly type: 'timestamp' | 'timestamptz' }, pool: Pool) {
    this.type = type
    this.#name = type.type
    this.#micros = new NumberCells(pool)
  }

  grow(capacity: number): void {
    if (capacity <= this.#days.length) return
    this.#days = grownInt32(this.#days, capacity)
    this.#micros.grow(capacity)
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

  text(i: number): string {
    return JSON.stringify(this.json(i))
  }

  set(i: number, value: Value): void {
    this.#days[i] = 0
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
    this.#days[j] = from.#days[i] as number
  }

  same(i: number, other: this, j: number): boolean {
    return this.#micros.same(i, other.#micros, j) && this.#days[i] === other.#days[j]
  }

  compare(i: number, other: this, j: number): number {
    const micros = (this.#micros.numbers[i] as number) - (other.#micros.numbers[j] as number)
    if (Number.isNaN(micros)) return this.#micros.compareStates(i, other.#micros, j)
    return (this.#days[i] as number) - (other.#days[j] as number) || micros
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
    return packPage([this.#days.subarray(from, to), this.#micros.numbers.subarray(from, to)], this.#micros.encodeErrors(from, to))
  }

  decode(from: number, bytes: Uint8Array): void {
    const { arrays, json } = unpackPage(bytes)
    const [days, micros] = arrays as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
    this.#days.set(new Int32Array(days.buffer), from)
    this.#micros.decode(from, micros, json as ErrorCells)
  }

  #timestamp(i: number): Timestamp {
    return { days: this.#days[i] as number, micros: this.#micros.numbers[i] as number }
  }

  #put(i: number, value: Timestamp): void {
    this.#days[i] = value.days
    this.#micros.put(i, value.micros)
  }
}

function isTimestamp(value: Value): value is Timestamp {
  return typeof value === 'object' && value !== null && 'micros' in value && !('months' in value)
}
