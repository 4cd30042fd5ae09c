import { movedFloat64, movedInt32, roomFor } from './lane.ts'
import type { Lane } from './lane.ts'
import type { RowStore } from './row-store.ts'
import { sortSlots } from './sort-slots.ts'

/** Lists longer than this are given back when the next one begins. */
const KEPT = 1 << 18

/** Numbers of the keys of the list that is being collected: those of one list at a time are needed. */
let numbers = new Float64Array(64)

/**
 * Slots of a store that are collected and then brought into the order of their keys: `begin`, `add`, `sort`, with no other list in between.
 *
 * The number of a key is read when its slot is added, since who adds it has just looked at the row: a walk of its own through all rows would wait for
 * memory once more.
 */
export class KeyedSlots {
  readonly #store: RowStore
  #slots: Int32Array<ArrayBuffer> = new Int32Array(16)
  #size = 0
  /** The cells of a key that is one whole number; null: keys are of another kind, or one of those collected is. */
  #key: Lane | null = null

  constructor(store: RowStore) {
    this.#store = store
  }

  get size(): number {
    return this.#size
  }

  at(i: number): number {
    return this.#slots[i] as number
  }

  begin(): void {
    this.#size = 0
    this.#key = this.#store.wholeKey
    if (this.#slots.length > KEPT) this.#slots = new Int32Array(16)
  }

  add(slot: number): void {
    const at = this.#size++
    if (at === this.#slots.length) this.#slots = movedInt32(this.#slots, roomFor(at, at + 1))
    this.#slots[at] = slot
    if (this.#key === null) return
    const number = this.#key.units(slot)
    if (at === numbers.length) numbers = movedFloat64(numbers, roomFor(at, at + 1))
    numbers[at] = number
    if (Number.isNaN(number)) this.#key = null
  }

  sort(): void {
    if (this.#size < 2) return
    if (this.#key !== null) sortSlots(this.#slots, numbers, this.#size)
    else this.#slots.subarray(0, this.#size).sort((a, b) => this.#store.compareKeys(a, b))
    if (numbers.length > KEPT) numbers = new Float64Array(64)
  }
}
