import { isCellError } from '@sheetflow/core/cell-error'
import type { CellError } from '@sheetflow/core/cell-error'
import { formatDate, formatTime, parseDate, parseTime } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import type { JsonBytes } from '@sheetflow/core/json-bytes'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { BLANK } from './lane.ts'
import type { Lane } from './lane.ts'
import { NumberCells } from './number-cells.ts'
import type { ErrorCells } from './number-cells.ts'
import { packPage, unpackPage } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'
import type { Records } from './records.ts'

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

/** Lane of int, double, bool, date and time: one double a cell. */
export class NumberLane implements Lane {
  readonly type: ColumnType
  readonly fields: readonly number[]
  readonly #form: NumberForm
  readonly #records: Records
  readonly #cells: NumberCells
  readonly #summable: boolean

  constructor(type: ColumnType & { readonly type: NumberLaneType }, pool: Pool, records: Records) {
    this.type = type
    this.#form = FORMS[type.type]
    this.#records = records
    this.#cells = new NumberCells(records, pool)
    this.fields = this.#cells.fields
    this.#summable = type.type === 'int' || type.type === 'double'
  }

  grow(capacity: number): void {
    this.#records.grow(capacity)
  }

  free(): void {
    this.#cells.free()
  }

  state(i: number): number {
    return this.#cells.state(i)
  }

  value(i: number): Value {
    const number = this.#cells.number(i)
    return Number.isNaN(number) ? this.#noValue(i) : this.#form.value(number)
  }

  json(i: number): JsonValue {
    const number = this.#cells.number(i)
    if (!Number.isNaN(number)) return this.#form.json(number)
    const error = this.#noValue(i)
    return error === null ? null : errorJson(error)
  }

  write(i: number, to: JsonBytes): void {
    const number = this.#cells.number(i)
    if (this.#summable && !Number.isNaN(number)) to.number(number)
    else to.json(this.json(i))
  }

  set(i: number, value: Value): void {
    if (value === null) this.#cells.setBlank(i)
    else if (isCellError(value)) this.#cells.setError(i, value)
    else this.#put(i, this.#form.ofValue(value))
  }

  setJson(i: number, json: JsonValue): void {
    if (json === null) this.#cells.setBlank(i)
    else if (typeof json === 'object') this.#cells.setError(i, errorOfJson(json) ?? MISFIT)
    else this.#put(i, this.#form.ofJson(json))
  }

  setUnits(i: number, units: number, scale: number): void {
    this.#put(i, scale === 0 && this.#summable ? units : this.#form.ofValue(Decimal.of(units, scale)))
  }

  copy(from: this, i: number, j: number): void {
    this.#cells.copy(from.#cells, i, j)
  }

  same(i: number, other: this, j: number): boolean {
    return this.#cells.same(i, other.#cells, j)
  }

  compare(i: number, other: this, j: number): number {
    const order = this.#cells.number(i) - other.#cells.number(j)
    return Number.isNaN(order) ? this.#cells.compareStates(i, other.#cells, j) : order
  }

  units(i: number): number {
    const number = this.#cells.number(i)
    return this.#summable && Number.isSafeInteger(number) ? number : Number.NaN
  }

  scale(): number {
    return 0
  }

  encode(from: number, to: number): Uint8Array {
    return packPage([this.#cells.encode(from, to)], this.#cells.encodeErrors(from, to))
  }

  decode(from: number, bytes: Uint8Array): void {
    const { arrays, json } = unpackPage(bytes)
    const [numbers] = arrays as [Uint8Array<ArrayBuffer>]
    this.#cells.decode(from, numbers, json as ErrorCells)
  }

  /** What a cell without a number holds. */
  #noValue(i: number): CellError | null {
    return this.#cells.state(i) === BLANK ? null : this.#cells.error(i)
  }

  #put(i: number, number: number): void {
    if (Number.isNaN(number)) this.#cells.setError(i, MISFIT)
    else this.#cells.put(i, number)
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
