import { grownFloat64, grownInt32 } from '../state/lane.ts'

/** A list longer than this is given back at the end of its step. */
const KEPT = 1 << 16

/**
 * Where in which groups of an ordered column this step has changed something: entry and number, one pair for each row that came or went. NaN
 * is an error that came or went: it has no place.
 */
export class OrderChanges {
  #entries: Int32Array<ArrayBuffer> = new Int32Array(16)
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(16)
  #size = 0

  get size(): number {
    return this.#size
  }

  entry(i: number): number {
    return this.#entries[i] as number
  }

  number(i: number): number {
    return this.#numbers[i] as number
  }

  add(entry: number, number: number): void {
    if (this.#size === this.#entries.length) {
      this.#entries = grownInt32(this.#entries, this.#size * 2)
      this.#numbers = grownFloat64(this.#numbers, this.#size * 2)
    }
    this.#entries[this.#size] = entry
    this.#numbers[this.#size] = number
    this.#size += 1
  }

  clear(): void {
    this.#size = 0
    if (this.#entries.length <= KEPT) return
    this.#entries = new Int32Array(16)
    this.#numbers = new Float64Array(16)
  }
}
