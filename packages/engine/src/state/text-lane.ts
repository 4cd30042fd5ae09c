import { isCellError } from '@sheetflow/core/cell-error'
import { cleanText, compareText } from '@sheetflow/core/text'
import type { ColumnType } from '@sheetflow/core/type'
import type { BlobRef, JsonValue, Value } from '@sheetflow/core/value'
import { BLANK, ERROR, VALUE, grownInt32 } from './lane.ts'
import type { Lane } from './lane.ts'
import { fromUtf8, utf8 } from './page-bytes.ts'
import { errorJson, errorOfJson, MISFIT } from './pool.ts'
import type { Pool } from './pool.ts'

/** Lane of text, uuid and json: four bytes a cell. 0 is Blank, n > 0 text n of the pool, n < 0 its error −n−1. */
export class TextLane implements Lane {
  readonly type: ColumnType
  readonly #pool: Pool
  #ids: Int32Array<ArrayBuffer> = new Int32Array(0)

  constructor(type: ColumnType, pool: Pool) {
    this.type = type
    this.#pool = pool
    pool.register(this)
  }

  markTexts(mark: (id: number) => void): void {
    for (const id of this.#ids) if (id > 0) mark(id)
  }

  grow(capacity: number): void {
    if (capacity > this.#ids.length) this.#ids = grownInt32(this.#ids, capacity)
  }

  state(i: number): number {
    const id = this.#ids[i] as number
    return id === 0 ? BLANK : id > 0 ? VALUE : ERROR
  }

  value(i: number): Value {
    const id = this.#ids[i] as number
    if (id > 0) return this.#pool.text(id)
    return id === 0 ? null : this.#pool.error(-id - 1)
  }

  json(i: number): JsonValue {
    const id = this.#ids[i] as number
    if (id > 0) return this.#pool.text(id)
    return id === 0 ? null : errorJson(this.#pool.error(-id - 1))
  }

  text(i: number): string {
    const id = this.#ids[i] as number
    return id > 0 ? this.#pool.quoted(id) : JSON.stringify(this.json(i))
  }

  set(i: number, value: Value): void {
    if (value === null) this.#ids[i] = 0
    else if (typeof value === 'string') this.#ids[i] = this.#pool.textId(cleanText(value).text)
    else if (isCellError(value)) this.#ids[i] = -this.#pool.errorId(value) - 1
    else if (isBlob(value)) this.#ids[i] = this.#pool.blobId(value)
    else this.#ids[i] = -this.#pool.errorId(MISFIT) - 1
  }

  setJson(i: number, json: JsonValue): void {
    if (typeof json === 'string') this.#ids[i] = this.#pool.textId(json)
    else if (json === null) this.#ids[i] = 0
    else if (isBlob(json)) this.#ids[i] = this.#pool.blobId(json)
    else this.#ids[i] = -this.#pool.errorId(errorOfJson(json) ?? MISFIT) - 1
  }

  copy(from: this, i: number, j: number): void {
    this.#ids[j] = from.#ids[i] as number
  }

  same(i: number, other: this, j: number): boolean {
    return this.#ids[i] === other.#ids[j]
  }

  compare(i: number, other: this, j: number): number {
    const a = this.#ids[i] as number
    const b = other.#ids[j] as number
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
    const cells: JsonValue[] = []
    for (let i = from; i < to; i++) cells.push(this.json(i))
    return utf8(JSON.stringify(cells))
  }

  decode(from: number, bytes: Uint8Array): void {
    const cells = JSON.parse(fromUtf8(bytes)) as readonly JsonValue[]
    for (const [i, json] of cells.entries()) this.setJson(from + i, json)
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
