import { grownInt32, roomFor } from './lane.ts'

const NONE = new Int32Array(0)

/** A bit for each slot of a store: for a million an eighth of a megabyte, which stays in a cache close by. */
export class SlotBits {
  #words: Int32Array<ArrayBuffer> = NONE

  has(slot: number): boolean {
    const word = slot >>> 5
    return word < this.#words.length && ((this.#words[word] as number) & (1 << (slot & 31))) !== 0
  }

  /** True if it was not there. */
  add(slot: number): boolean {
    const at = slot >>> 5
    if (at >= this.#words.length) this.#words = grownInt32(this.#words, roomFor(this.#words.length, at + 1))
    const word = this.#words[at] as number
    const bit = 1 << (slot & 31)
    this.#words[at] = word | bit
    return (word & bit) === 0
  }

  clear(): void {
    this.#words.fill(0)
  }

  /** Gives their memory back, too. */
  free(): void {
    this.#words = NONE
  }
}
