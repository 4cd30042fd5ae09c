import { isCellError } from '@sheetflow/core/cell-error'
import type { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import { Decimal } from '@sheetflow/core/decimal'
import type { JsonBytes } from '@sheetflow/core/json-bytes'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import { BLANK } from './lane.ts'
import type { Lane } from './lane.ts'
import { shortUnits } from './decimal-text.ts'
import { NumberCells } from './number-cells.ts'
import type { ErrorCells } from './number-cells.ts'
import { packPage, unpackPage } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'
import type { Records } from './records.ts'

/** In place of a scale: the value stands in the wide lane. */
const WIDE = 255
/** In place of the units of a bigint, which has no scale. */
const WIDE_UNITS = Number.POSITIVE_INFINITY
const MAX_NARROW_SCALE = 200

/**
 * Lane of decimal and bigint: scaled integers in doubles while they are safe, beside those of decimals a scale, and a map of the few values that are
 * wider. A value has one form, so equal cells are equal lanes. The scale of a cell without a value is 0.
 */
export class DecimalLane implements Lane {
  readonly type: ColumnType
  readonly fields: readonly number[]
  readonly #records: Records
  readonly #units: NumberCells
  /** −1: of bigint. */
  readonly #scaleAt: number
  readonly #big: boolean
  readonly #wide = new Map<number, Decimal>()

  constructor(type: ColumnType & { readonly type: 'decimal' | 'bigint' }, pool: Pool, records: Records) {
    this.type = type
    this.#records = records
    this.#units = new NumberCells(records, pool)
    this.#big = type.type === 'bigint'
    this.#scaleAt = this.#big ? -1 : records.addInt()
    this.fields = this.#big ? this.#units.fields : [...this.#units.fields, this.#scaleAt]
  }

  grow(capacity: number): void {
    this.#records.grow(capacity)
  }

  free(): void {
    this.#units.free()
    if (!this.#big) this.#records.freeInt(this.#scaleAt)
    this.#wide.clear()
  }

  /** Wide values stand beside the records. */
  copyBeside(from: this, i: number, j: number): void {
    if (this.#wide.size > 0) this.#wide.delete(j)
    const wide = from.#wide.size > 0 ? from.#wide.get(i) : undefined
    if (wide !== undefined) this.#wide.set(j, wide)
  }

  state(i: number): number {
    return this.#units.state(i)
  }

  value(i: number): Value {
    if (Number.isNaN(this.#units.number(i))) return this.#noValue(i)
    if (!this.#big) return this.#decimal(i)
    return this.scale(i) === WIDE ? BigInt(this.#decimal(i).units) : BigInt(this.#units.number(i))
  }

  json(i: number): JsonValue {
    const units = this.#units.number(i)
    if (Number.isNaN(units)) {
      const error = this.#noValue(i)
      return error === null ? null : errorJson(error)
    }
    return this.scale(i) === 0 ? String(units) : this.#decimal(i).toString()
  }

  write(i: number, to: JsonBytes): void {
    const units = this.#units.number(i)
    if (Number.isNaN(units) || !to.fixed(units, this.scale(i))) to.json(this.json(i))
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
    else if (typeof json !== 'string' || !this.#putShort(i, json)) this.#put(i, Decimal.tryParse(String(json)))
  }

  setUnits(i: number, units: number, scale: number): void {
    if (scale > MAX_NARROW_SCALE || (this.#big && scale !== 0)) {
      this.#put(i, Decimal.of(units, scale))
      return
    }
    this.#dropWide(i)
    this.#units.put(i, units)
    this.#setScale(i, scale)
  }

  copy(from: this, i: number, j: number): void {
    this.#units.copy(from.#units, i, j)
    if (!this.#big) this.#setScale(j, from.scale(i))
    this.copyBeside(from, i, j)
  }

  same(i: number, other: this, j: number): boolean {
    if (!this.#units.same(i, other.#units, j)) return false
    // Where the units of both are infinity, or 0, both may be wide.
    const scale = this.scale(i)
    return scale === WIDE ? other.scale(j) === WIDE && this.#isSameWide(i, other, j) : this.#big || scale === other.scale(j)
  }

  compare(i: number, other: this, j: number): number {
    const order = this.#units.number(i) - other.#units.number(j)
    const scale = this.scale(i)
    const isSameScale = scale === other.scale(j)
    if (Number.isNaN(order) && !(isSameScale && scale === WIDE)) return this.#units.compareStates(i, other.#units, j)
    return isSameScale && scale !== WIDE ? order : this.#decimal(i).cmp(other.#decimal(j))
  }

  units(i: number): number {
    const units = this.#units.number(i)
    return (this.#big ? units === WIDE_UNITS : this.scale(i) === WIDE) ? Number.NaN : units
  }

  scale(i: number): number {
    if (this.#big) return this.#units.number(i) === WIDE_UNITS ? WIDE : 0
    return this.#records.int(i, this.#scaleAt)
  }

  encode(from: number, to: number): Uint8Array {
    const errors = this.#units.encodeErrors(from, to)
    const scales = Uint8Array.from({ length: to - from }, (_, i) => this.scale(from + i))
    const wide: [number, string][] = []
    for (let i = from; i < to; i++) if (this.scale(i) === WIDE) wide.push([i - from, this.#decimal(i).toString()])
    return packPage([this.#units.encode(from, to), scales], [errors, wide] as JsonValue)
  }

  decode(from: number, bytes: Uint8Array): void {
    const { arrays, json } = unpackPage(bytes)
    const [units, scales] = arrays as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
    const [errors, wide] = json as [ErrorCells, readonly (readonly [number, string])[]]
    this.#units.decode(from, units, errors)
    for (const [i, scale] of scales.entries()) this.#setScale(from + i, scale)
    for (const [i, text] of wide) this.#putWide(from + i, Decimal.parse(text))
  }

  #isSameWide(i: number, other: this, j: number): boolean {
    const [a, b] = [this.#decimal(i), other.#decimal(j)]
    return a.scale === b.scale && a.units === b.units
  }

  /** What a cell without a value holds. */
  #noValue(i: number): CellError | null {
    return this.#units.state(i) === BLANK ? null : this.#units.error(i)
  }

  #decimal(i: number): Decimal {
    const scale = this.scale(i)
    return scale === WIDE ? must(this.#wide.get(i)) : Decimal.of(this.#units.number(i), scale)
  }

  /** The usual text (`-12.50`), read without an object. False: it is another. */
  #putShort(i: number, text: string): boolean {
    const units = shortUnits(text)
    const point = text.indexOf('.')
    if (Number.isNaN(units) || (this.#big && point >= 0)) return false
    this.setUnits(i, units, point < 0 ? 0 : text.length - point - 1)
    return true
  }

  #put(i: number, value: Decimal | null): void {
    if (value === null || (this.#big && !value.isInteger())) {
      this.#fail(i, MISFIT)
      return
    }
    const decimal = this.#big ? value.normalize() : value
    this.#dropWide(i)
    if (typeof decimal.units === 'number' && decimal.scale <= MAX_NARROW_SCALE) {
      this.#units.put(i, decimal.units)
      this.#setScale(i, decimal.scale)
    } else this.#putWide(i, decimal)
  }

  #putWide(i: number, decimal: Decimal): void {
    this.#units.put(i, this.#big ? WIDE_UNITS : 0)
    this.#setScale(i, WIDE)
    this.#wide.set(i, decimal)
  }

  #setScale(i: number, scale: number): void {
    if (!this.#big) this.#records.setInt(i, this.#scaleAt, scale)
  }

  #blank(i: number): void {
    this.#dropWide(i)
    this.#setScale(i, 0)
    this.#units.setBlank(i)
  }

  #fail(i: number, error: CellError): void {
    this.#dropWide(i)
    this.#setScale(i, 0)
    this.#units.setError(i, error)
  }

  #dropWide(i: number): void {
    if (this.scale(i) === WIDE) this.#wide.delete(i)
  }
}
