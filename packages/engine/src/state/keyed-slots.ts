import { giveBack, movedFloat64, roomFor } from './lane.ts'
import type { Lane } from './lane.ts'
import type { RowStore } from './row-store.ts'
import { runLength, sortSlots } from './sort-slots.ts'

/** Lists longer than this are given back when the next one begins. */
const KEPT = 1 << 18

/** Numbers of the keys of the list that is being collected: those of one list at a time are needed. */
let numbers = new Float64Array(64)

/**
 * Slots of a store that are collected and then brought into the order of their keys: `begin`, `add`, `sort`, with no other list in between.
 *
 * The number of a key is read when its slot is added, since who adds it has just looked at the row: a walk of its own through all rows would wait for
 * memory once more. Of a long list that has come in order so far, as what was loaded or is changed as a whole does, the last number is enough; the first that comes out of turn lets the others be read again.
 */
export class KeyedSlots {
  readonly #store: RowStore
  #slots: Int32Array<ArrayBuffer> = new Int32Array(0)
  #size = 0
  /** The cells of a key that is one whole number; null: keys are of another kind, or one of those collected is. */
  #key: Lane | null = null
  /** Of a list that is longer than `KEPT`: is it in order so far? Then `numbers` holds its beginning alone. */
  #inOrder = false
  #last = 0

  constructor(store: RowStore) {
    this.#store = store
  }

  get size(): number {
    return this.#size
  }

  at(i: number): number {
    return this.#slots[i] as number
  }

  /** `most`: no more than so many will be added. One alone needs no order. */
  begin(most: number): void {
    this.#size = 0
    this.#key = most < 2 ? null : this.#store.wholeKey
    const { length } = this.#slots
    if (most <= length && length <= KEPT) return
    giveBack(this.#slots)
    this.#slots = new Int32Array(roomFor(0, most))
  }

  add(slot: number): void {
    const at = this.#size++
    this.#slots[at] = slot
    if (this.#key === null) return
    const number = this.#key.units(slot)
    if (at < KEPT) note(at, number)
    else this.#noteLate(at, number, this.#key)
    if (Number.isNaN(number)) this.#key = null
  }

  sort(): void {
    if (this.#size < 2) return
    if (this.#key === null) this.#slots.subarray(0, this.#size).sort((a, b) => this.#store.compareKeys(a, b))
    else if (this.#size <= KEPT || !this.#inOrder) sortSlots(this.#slots, numbers, this.#size)
    if (numbers.length <= KEPT) return
    giveBack(numbers)
    numbers = new Float64Array(64)
  }

  #noteLate(at: number, number: number, key: Lane): void {
    if (at === KEPT) {
      this.#inOrder = runLength(numbers, KEPT, 1) === KEPT
      this.#last = numbers[KEPT - 1] as number
    }
    if (this.#inOrder && number >= this.#last) {
      this.#last = number
      return
    }
    if (this.#inOrder) for (let i = KEPT; i < at; i++) note(i, key.units(this.#slots[i] as number))
    this.#inOrder = false
    note(at, number)
  }
}

function note(at: number, number: number): void {
  if (at === numbers.length) numbers = movedFloat64(numbers, roomFor(at, at + 1))
  numbers[at] = number
}
