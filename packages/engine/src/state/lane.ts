import type { JsonBytes } from '@sheetflow/core/json-bytes'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'

/** What stands in a cell. */
export const BLANK = 0
export const VALUE = 1
export const ERROR = 2

/**
 * Typed storage of one column: cell `i` holds Blank, a value of `type`, or a cell error. No object per row; a lane is some fields of its `Records`,
 * which columns of the same rows share, and knows neither keys nor liveness nor steps (`Column` and `RowStore` do).
 *
 * Contract: indexes are below the capacity given by `grow`; new cells are Blank; `set` takes what fits the type and makes `#VALUE!` of what
 * does not (a cell never holds a value of another type); `copy`, `same` and `compare` take lanes of the same type and pool.
 */
export interface Lane {
  readonly type: ColumnType
  /** Fields of 4 bytes of its records that hold a cell, but for what `copyBeside` copies: where they are equal, so are cells. */
  readonly fields: readonly number[]
  /** Makes room for cells below `capacity`; keeps what is there. */
  grow(capacity: number): void
  /** Gives its fields and texts back. The lane is not used again. */
  free(): void
  /** `BLANK`, `VALUE` or `ERROR`. */
  state(i: number): number
  value(i: number): Value
  json(i: number): JsonValue
  /** Writes `json`, as `JSON.stringify` does. */
  write(i: number, to: JsonBytes): void
  set(i: number, value: Value): void
  /** As `set`, from the JSON form; never `{"~":1}`. */
  setJson(i: number, json: JsonValue): void
  /** Copies cell `i` of `from` to cell `j` of this lane. */
  copy(from: this, i: number, j: number): void
  /** Where not all of a cell stands in the lane's records: what is left when they are copied. */
  copyBeside?(from: this, i: number, j: number): void
  /** Are the cells the same to a reader, scale of a decimal included? */
  same(i: number, other: this, j: number): boolean
  /** Order of FORMATS 2. */
  compare(i: number, other: this, j: number): number
  /**
   * For exact sums: the cell as `units / 10^scale(i)` if it is a number whose units are a safe integer, else NaN (then `value` tells).
   * Always NaN for a double with a fraction.
   */
  units(i: number): number
  scale(i: number): number
  /** As `set` of the number `units / 10^scale`, `units` a safe integer, without making it first. */
  setUnits(i: number, units: number, scale: number): void
  /** Cells `from..to-1` as bytes, and back. The form is the checkpoint's: `FORMAT` of `checkpoint.ts` counts up when it changes. */
  encode(from: number, to: number): Uint8Array
  decode(from: number, bytes: Uint8Array): void
}

/** The next capacity that holds `wanted` cells: doubles, so growing is cheap in the long run. */
export function roomFor(current: number, wanted: number): number {
  let capacity = Math.max(current, 64)
  while (capacity < wanted) capacity *= 2
  return capacity
}

/** A copy with room for `capacity` elements. */
export function grownInt32(array: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(capacity)
  grown.set(array)
  return grown
}

/**
 * As `grownInt32`, where nobody else has the array: it is not used again, and its memory is not left to the garbage collector. The room that is not filled yet takes no memory,
 * which it would if `transfer` made it: that one writes zeros.
 */
export function movedInt32(array: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const moved = grownInt32(array, capacity)
  giveBack(array)
  return moved
}

/** A copy with room for `capacity` elements. */
export function grownUint8(array: Uint8Array<ArrayBuffer>, capacity: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(capacity)
  grown.set(array)
  return grown
}
/** A copy with room for `capacity` elements. */
export function grownFloat64(array: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(capacity)
  grown.set(array)
  return grown
}

/** As `movedInt32`. */
export function movedFloat64(array: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const moved = grownFloat64(array, capacity)
  giveBack(array)
  return moved
}

/** What millions of rows were in is not left to the garbage collector, which comes when it likes. The array is not used again. */
export function giveBack({ buffer }: Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>): void {
  if (buffer.byteLength >= LARGE_BYTES) buffer.transfer(0)
}

const LARGE_BYTES = 1 << 20

/** 2^32 by the golden ratio. `Math.imul(n, GOLDEN) >>> shift` spreads neighbours and equal strides over all places of a hash. */
export const GOLDEN = 0x9e3779b1
