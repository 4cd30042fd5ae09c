import { grownInt32, roomFor } from './lane.ts'

/**
 * A set of slots that is filled during one step and emptied at its end: adding and asking are array reads, emptying costs what was added.
 * Each member has an ordinal, 0, 1, 2 … in order of addition.
 */
export class SlotSet {
  #ordinals: Int32Array<ArrayBuffer> = new Int32Array(64)
  #members: Int32Array<ArrayBuffer> = new Int32Array(64)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The member with this ordinal. */
  at(ordinal: number): number {
    return this.#members[ordinal] as number
  }

  /** The ordinal of a slot, −1 if it is no member. */
  ordinal(slot: number): number {
    return slot < this.#ordinals.length ? (this.#ordinals[slot] as number) - 1 : -1
  }

  has(slot: number): boolean {
    return slot < this.#ordinals.length && this.#ordinals[slot] !== 0
  }

  /** True if it was not there. */
  add(slot: number): boolean {
    if (slot >= this.#ordinals.length) this.#ordinals = grownInt32(this.#ordinals, roomFor(this.#ordinals.length, slot + 1))
    if (this.#ordinals[slot] !== 0) return false
    if (this.#size === this.#members.length) this.#members = grownInt32(this.#members, this.#size * 2)
    this.#members[this.#size] = slot
    this.#size += 1
    this.#ordinals[slot] = this.#size
    return true
  }

  clear(): void {
    for (let i = 0; i < this.#size; i++) this.#ordinals[this.#members[i] as number] = 0
    this.#size = 0
    if (this.#members.length > KEPT) this.#members = new Int32Array(64)
  }
}

/** A list longer than this is given back at the end of its step. */
const KEPT = 1 << 20
