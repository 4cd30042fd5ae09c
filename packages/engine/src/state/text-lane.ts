import { isCellError } from '@sheetflow/core/cell-error'
import type { JsonBytes } from '@sheetflow/core/json-bytes'
import { cleanText, compareText } from '@sheetflow/core/text'
import type { ColumnType } from '@sheetflow/core/type'
import type { BlobRef, JsonValue, Value } from '@sheetflow/core/value'
import { BLANK, ERROR, VALUE } from './lane.ts'
import type { Lane } from './lane.ts'
import { decodeJson, encodeJson } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'
import type { Records } from './records.ts'

/** Lane of text, uuid and json: four bytes a cell. 0 is Blank, n > 0 text n of the pool, n < 0 its error −n−1. */
export class TextLane implements Lane {
  readonly type: ColumnType
  readonly fields: readonly number[]
  readonly #pool: Pool
  readonly #records: Records
  readonly #at: number

  constructor(type: ColumnType, pool: Pool, records: Records) {
    this.type = type
    this.#pool = pool
    this.#records = records
    this.#at = records.addInt()
    this.fields = [this.#at]
    pool.register(this)
  }

  markTexts(mark: (id: number) => void): void {
    for (let i = 0; i < this.#records.capacity; i++) {
      const id = this.#id(i)
      if (id > 0) mark(id)
    }
  }

  grow(capacity: number): void {
    this.#records.grow(capacity)
  }

  free(): void {
    this.#pool.release(this)
    this.#records.freeInt(this.#at)
  }

  state(i: number): number {
    const id = this.#id(i)
    return id === 0 ? BLANK : id > 0 ? VALUE : ERROR
  }

  value(i: number): Value {
    const id = this.#id(i)
    if (id > 0) return this.#pool.text(id)
    return id === 0 ? null : this.#pool.error(-id - 1)
  }

  json(i: number): JsonValue {
    const id = this.#id(i)
    if (id > 0) return this.#pool.text(id)
    return id === 0 ? null : errorJson(this.#pool.error(-id - 1))
  }

  write(i: number, to: JsonBytes): void {
    const id = this.#id(i)
    if (id > 0) this.#pool.write(id, to)
    else to.json(this.json(i))
  }

  set(i: number, value: Value): void {
    if (value === null) this.#put(i, 0)
    else if (typeof value === 'string') this.#put(i, this.#pool.textId(cleanText(value).text))
    else if (isCellError(value)) this.#put(i, -this.#pool.errorId(value) - 1)
    else if (isBlob(value)) this.#put(i, this.#pool.blobId(value))
    else this.#put(i, -this.#pool.errorId(MISFIT) - 1)
  }

  setJson(i: number, json: JsonValue): void {
    if (typeof json === 'string') this.#put(i, this.#pool.textId(json))
    else if (json === null) this.#put(i, 0)
    else if (isBlob(json)) this.#put(i, this.#pool.blobId(json))
    else this.#put(i, -this.#pool.errorId(errorOfJson(json) ?? MISFIT) - 1)
  }

  copy(from: this, i: number, j: number): void {
    this.#put(j, from.#id(i))
  }

  same(i: number, other: this, j: number): boolean {
    return this.#id(i) === other.#id(j)
  }

  compare(i: number, other: this, j: number): number {
    const a = this.#id(i)
    const b = other.#id(j)
    if (a === b) return 0
    if (a > 0 && b > 0) return compareText(sortText(this.#pool.text(a)), sortText(this.#pool.text(b)))
    const [x, y] = [this.state(i), other.state(j)]
    return x === y ? compareText(errorText(this.#pool, a), errorText(this.#pool, b)) : x - y
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

  #id(i: number): number {
    return this.#records.int(i, this.#at)
  }

  #put(i: number, id: number): void {
    this.#records.setInt(i, this.#at, id)
  }
}

/** A value kept in the blob store? */
function isBlob(value: unknown): value is BlobRef {
  return typeof value === 'object' && value !== null && 'b' in value && 'n' in value
}

function sortText(text: string | BlobRef): string {
  return typeof text === 'string' ? text : text.b
}

function errorText(pool: Pool, id: number): string {
  return pool.error(-id - 1).kind
}
