import { isCellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import { Decimal } from '@sheetflow/core/decimal'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { CellStates } from './cell-states.ts'
import type { ErrorCells } from './cell-states.ts'
import { BLANK, ERROR, VALUE, grownFloat64, grownUint8 } from './lane.ts'
import type { Lane } from './lane.ts'
import { packPage, unpackPage } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'

/** In place of a scale: the value stands in the wide lane. */
const WIDE = 255
const MAX_NARROW_SCALE = 200

/**
 * Lane of decimal and bigint: scaled integers in doubles while they are safe, a scale byte beside them, and a map of the few values that are
 * wider. A value has one form, so equal cells are equal lanes.
 */
export class DecimalLane implements Lane {
  readonly type: ColumnType
  readonly #states: CellStates
  readonly #big: boolean
  readonly #wide = new Map<number, Decimal>()
  #units: Float64Array<ArrayBuffer> = new Float64Array(0)
  #scales: Uint8Array<ArrayBuffer> = new Uint8Array(0)

  constructor(type: ColumnType & { readonly type: 'decimal' | 'bigint' }, pool: Pool) {
    this.type = type
    this.#states = new CellStates(pool)
    this.#big = type.type === 'bigint'
  }

  grow(capacity: number): void {
    if (capacity <= this.#units.length) return
    this.#units = grownFloat64(this.#units, capacity)
    this.#scales = grownUint8(this.#scales, capacity)
    this.#states.grow(capacity)
  }

  state(i: number): number {
    return this.#states.of(i)
  }

  value(i: number): Value {
    const state = this.#states.of(i)
    if (state === BLANK) return null
    if (state === ERROR) return this.#states.error(i, this.#units)
    if (!this.#big) return this.#decimal(i)
    return this.#scales[i] === WIDE ? BigInt(this.#decimal(i).units) : BigInt(this.#units[i] as number)
  }

  json(i: number): JsonValue {
    const state = this.#states.of(i)
    if (state === BLANK) return null
    if (state === ERROR) return errorJson(this.#states.error(i, this.#units))
    return this.#scales[i] === 0 ? String(this.#units[i]) : this.#decimal(i).toString()
  }

  set(i: number, value: Value): void {
    if (value === null) this.#blank(i)
    else if (isCellError(value)) this.#fail(i, value)
    else if (isNumber(value)) this.#put(i, toDecimal(value))
    else this.#fail(i, MISFIT)
  }

  setJson(i: number, json: JsonValue): void {
    if (json === null) this.#blank(i)
    else if (typeof json === 'object') this.#fail(i, errorOfJson(json) ?? MISFIT)
    else this.#put(i, Decimal.tryParse(String(json)))
  }

  copy(from: this, i: number, j: number): void {
    this.#dropWide(j)
    this.#states.bytes[j] = from.#states.of(i)
    this.#units[j] = from.#units[i] as number
    const scale = from.#scales[i] as number
    this.#scales[j] = scale
    if (scale === WIDE) this.#wide.set(j, must(from.#wide.get(i)))
  }

  same(i: number, other: this, j: number): boolean {
    const scale = this.#scales[i]
    if (scale !== other.#scales[j] || this.#states.of(i) !== other.#states.of(j)) return false
    if (scale !== WIDE) return this.#units[i] === other.#units[j]
    const [a, b] = [this.#decimal(i), other.#decimal(j)]
    return a.scale === b.scale && a.units === b.units
  }

  compare(i: number, other: this, j: number): number {
    const a = this.#states.of(i)
    const b = other.#states.of(j)
    if (a !== b) return a - b
    if (a === BLANK) return 0
    if (a === ERROR) return this.#states.compareErrors(this.#states.error(i, this.#units), other.#states.error(j, other.#units))
    const scale = this.#scales[i]
    if (scale === other.#scales[j] && scale !== WIDE) return (this.#units[i] as number) - (other.#units[j] as number)
    return this.#decimal(i).cmp(other.#decimal(j))
  }

  units(i: number): number {
    return this.#states.of(i) === VALUE && this.#scales[i] !== WIDE ? (this.#units[i] as number) : Number.NaN
  }

  scale(i: number): number {
    return this.#scales[i] as number
  }

  encode(from: number, to: number): Uint8Array {
    const errors = this.#states.encodeErrors(from, to, this.#units)
    const wide: [number, string][] = []
    for (let i = from; i < to; i++) if (this.#scales[i] === WIDE) wide.push([i - from, this.#decimal(i).toString()])
    const arrays = [this.#states.bytes.subarray(from, to), this.#units.subarray(from, to), this.#scales.subarray(from, to)]
    return packPage(arrays, [errors, wide] as JsonValue)
  }

  decode(from: number, bytes: Uint8Array): void {
    const { arrays, json } = unpackPage(bytes)
    const [states, units, scales] = arrays as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
    const [errors, wide] = json as [ErrorCells, readonly (readonly [number, string])[]]
    this.#states.bytes.set(states, from)
    this.#units.set(new Float64Array(units.buffer), from)
    this.#scales.set(scales, from)
    this.#states.decodeErrors(from, errors, this.#units)
    for (const [i, text] of wide) this.#wide.set(from + i, Decimal.parse(text))
  }

  #decimal(i: number): Decimal {
    const scale = this.#scales[i] as number
    return scale === WIDE ? must(this.#wide.get(i)) : Decimal.of(this.#units[i] as number, scale)
  }

  #put(i: number, value: Decimal | null): void {
    if (value === null || (this.#big && !value.isInteger())) {
      this.#fail(i, MISFIT)
      return
    }
    const decimal = this.#big ? value.normalize() : value
    this.#dropWide(i)
    this.#states.bytes[i] = VALUE
    if (typeof decimal.units === 'number' && decimal.scale <= MAX_NARROW_SCALE) {
      this.#units[i] = decimal.units
      this.#scales[i] = decimal.scale
    } else {
      this.#units[i] = 0
      this.#scales[i] = WIDE
      this.#wide.set(i, decimal)
    }
  }

  #blank(i: number): void {
    this.#dropWide(i)
    this.#scales[i] = 0
    this.#states.setBlank(i, this.#units)
  }

  #fail(i: number, error: Parameters<CellStates['setError']>[1]): void {
    this.#dropWide(i)
    this.#scales[i] = 0
    this.#states.setError(i, error, this.#units)
  }

  #dropWide(i: number): void {
    if (this.#scales[i] === WIDE) this.#wide.delete(i)
  }
}
