import { giveBack, movedFloat64, movedInt32, roomFor } from './lane.ts'
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
 * The number of a key is read when its slot is added, since who adds it has just looked at the row. As long as keys come in order the last one is all that is kept: what came from a bulk load or is changed
 * as a whole is often millions of rows. The first that comes out of turn lets those before it be read again.
 */
export class KeyedSlots {
  readonly #store: RowStore
  #slots: Int32Array<ArrayBuffer> = new Int32Array(16)
  #size = 0
  /** The cells of a key that is one whole number; null: keys are of another kind, or one of those collected is. */
  #key: Lane | null = null
  /** Have keys come in order so far? Then `numbers` holds none of them, and `#last` is the greatest. */
  #inOrder = true
  #last = Number.NEGATIVE_INFINITY

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
    this.#inOrder = true
    this.#last = Number.NEGATIVE_INFINITY
    if (this.#slots.length <= KEPT) return
    giveBack(this.#slots)
    this.#slots = new Int32Array(16)
  }

  add(slot: number): void {
    const at = this.#size++
    if (at === this.#slots.length) this.#slots = movedInt32(this.#slots, roomFor(at, at + 1))
    this.#slots[at] = slot
    if (this.#key === null) return
    const number = this.#key.units(slot)
    if (Number.isNaN(number)) this.#key = null
    else if (!this.#inOrder) note(at, number)
    else if (number >= this.#last) this.#last = number
    else this.#noteAll(this.#key)
  }

  sort(): void {
    if (this.#size < 2) return
    if (this.#key === null) this.#slots.subarray(0, this.#size).sort((a, b) => this.#store.compareKeys(a, b))
    else if (!this.#inOrder) sortSlots(this.#slots, numbers, this.#size)
    if (numbers.length <= KEPT) return
    giveBack(numbers)
    numbers = new Float64Array(64)
  }

  #noteAll(key: Lane): void {
    this.#inOrder = false
    for (let i = 0; i < this.#size; i++) note(i, key.units(this.#slots[i] as number))
  }
}

function note(at: number, number: number): void {
  if (at >= numbers.length) numbers = movedFloat64(numbers, roomFor(at, at + 1))
  numbers[at] = number
}
