import { isCellError } from '@sheetflow/core/cell-error'
import { formatDate, formatTime, parseDate, parseTime } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { CellStates } from './cell-states.ts'
import type { ErrorCells } from './cell-states.ts'
import { BLANK, ERROR, VALUE, grownFloat64 } from './lane.ts'
import type { Lane } from './lane.ts'
import { packPage, unpackPage } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'

/** Types whose values are one number in memory. */
export type NumberLaneType = 'int' | 'double' | 'bool' | 'date' | 'time'

/** How a type's values and JSON become that number (NaN: does not fit), and back. */
interface NumberForm {
  ofValue(value: Value): number
  ofJson(json: JsonValue): number
  value(number: number): Value
  json(number: number): JsonValue
}

const same = (number: number): number => number

const FORMS: Readonly<Record<NumberLaneType, NumberForm>> = {
  int: { ofValue: intOf, ofJson: intOf, value: same, json: same },
  double: { ofValue: doubleOf, ofJson: doubleOf, value: same, json: same },
  bool: { ofValue: boolOf, ofJson: boolOf, value: (n) => n === 1, json: (n) => n === 1 },
  date: { ofValue: intOf, ofJson: (json) => parsed(json, parseDate), value: same, json: formatDate },
  time: { ofValue: intOf, ofJson: (json) => parsed(json, parseTime), value: same, json: formatTime },
}

/** Lane of int, double, bool, date and time: one double and one state byte a cell. */
export class NumberLane implements Lane {
  readonly type: ColumnType
  readonly #form: NumberForm
  readonly #states: CellStates
  readonly #summable: boolean
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(0)

  constructor(type: ColumnType & { readonly type: NumberLaneType }, pool: Pool) {
    this.type = type
    this.#form = FORMS[type.type]
    this.#states = new CellStates(pool)
    this.#summable = type.type === 'int' || type.type === 'double'
  }

  grow(capacity: number): void {
    if (capacity <= this.#numbers.length) return
    this.#numbers = grownFloat64(this.#numbers, capacity)
    this.#states.grow(capacity)
  }

  state(i: number): number {
    return this.#states.of(i)
  }

  value(i: number): Value {
    const state = this.#states.of(i)
    if (state === VALUE) return this.#form.value(this.#numbers[i] as number)
    return state === BLANK ? null : this.#states.error(i, this.#numbers)
  }

  json(i: number): JsonValue {
    const state = this.#states.of(i)
    if (state === VALUE) return this.#form.json(this.#numbers[i] as number)
    return state === BLANK ? null : errorJson(this.#states.error(i, this.#numbers))
  }

  set(i: number, value: Value): void {
    if (value === null) this.#states.setBlank(i, this.#numbers)
    else if (isCellError(value)) this.#states.setError(i, value, this.#numbers)
    else this.#put(i, this.#form.ofValue(value))
  }

  setJson(i: number, json: JsonValue): void {
    if (json === null) this.#states.setBlank(i, this.#numbers)
    else if (typeof json === 'object') this.#states.setError(i, errorOfJson(json) ?? MISFIT, this.#numbers)
    else this.#put(i, this.#form.ofJson(json))
  }

  copy(from: this, i: number, j: number): void {
    this.#states.bytes[j] = from.#states.of(i)
    this.#numbers[j] = from.#numbers[i] as number
  }

  same(i: number, other: this, j: number): boolean {
    return this.#numbers[i] === other.#numbers[j] && this.#states.of(i) === other.#states.of(j)
  }

  compare(i: number, other: this, j: number): number {
    const a = this.#states.of(i)
    const b = other.#states.of(j)
    if (a !== b) return a - b
    if (a === ERROR) return this.#states.compareErrors(this.#states.error(i, this.#numbers), other.#states.error(j, other.#numbers))
    return (this.#numbers[i] as number) - (other.#numbers[j] as number)
  }

  units(i: number): number {
    const number = this.#numbers[i] as number
    return this.#summable && this.#states.of(i) === VALUE && Number.isSafeInteger(number) ? number : Number.NaN
  }

  scale(): number {
    return 0
  }

  encode(from: number, to: number): Uint8Array {
    const errors = this.#states.encodeErrors(from, to, this.#numbers)
    return packPage([this.#states.bytes.subarray(from, to), this.#numbers.subarray(from, to)], errors)
  }

  decode(from: number, bytes: Uint8Array): void {
    const { arrays, json } = unpackPage(bytes)
    const [states, numbers] = arrays as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
    this.#states.bytes.set(states, from)
    this.#numbers.set(new Float64Array(numbers.buffer), from)
    this.#states.decodeErrors(from, json as ErrorCells, this.#numbers)
  }

  #put(i: number, number: number): void {
    if (Number.isNaN(number)) {
      this.#states.setError(i, MISFIT, this.#numbers)
      return
    }
    this.#states.bytes[i] = VALUE
    this.#numbers[i] = number
  }
}

function intOf(value: unknown): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : Number.NaN
  if (typeof value === 'bigint') return intOf(Number(value))
  return value instanceof Decimal && value.isInteger() ? intOf(value.toNumber()) : Number.NaN
}

function doubleOf(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : Number.NaN
  if (typeof value === 'bigint') return doubleOf(Number(value))
  return value instanceof Decimal ? doubleOf(value.toNumber()) : Number.NaN
}

function boolOf(value: unknown): number {
  return value === true ? 1 : value === false ? 0 : Number.NaN
}

function parsed(json: JsonValue, parse: (text: string) => number | null): number {
  return typeof json === 'string' ? (parse(json) ?? Number.NaN) : Number.NaN
}
