import { grownInt32, roomFor } from '../state/lane.ts'
import { Records } from '../state/records.ts'

/**
 * Which entry each slot belongs to, and the slots of each entry as a linked list: moving a slot is O(1) and nothing is allocated. Used for the
 * callers of an index and for the rows of a group.
 */
export class SlotLists {
  // Slots and entries are stored plus one: 0 = none.
  readonly #slots = new Records()
  readonly #entryOf: number = this.#slots.addInt()
  readonly #next: number = this.#slots.addInt()
  readonly #previous: number = this.#slots.addInt()
  #heads: Int32Array<ArrayBuffer> = new Int32Array(64)

  /** −1: in none. */
  entry(slot: number): number {
    return slot < this.#slots.capacity ? this.#slots.int(slot, this.#entryOf) - 1 : -1
  }

  /** Puts the slot into the list of `entry` (−1: none) and out of the one it was in. */
  move(slot: number, entry: number): void {
    if (slot >= this.#slots.capacity) this.#slots.grow(roomFor(this.#slots.capacity, slot + 1))
    const old = this.#slots.int(slot, this.#entryOf) - 1
    if (old === entry) return
    if (old >= 0) this.#unlink(slot, old)
    if (entry >= 0) this.#link(slot, entry)
    this.#slots.setInt(slot, this.#entryOf, entry + 1)
  }

  /** The first slot of an entry's list, −1: it is empty. */
  first(entry: number): number {
    return entry < this.#heads.length ? (this.#heads[entry] as number) - 1 : -1
  }

  /** The slot behind this one in its list, −1: it is the last. The list must not change meanwhile. */
  next(slot: number): number {
    return this.#slots.int(slot, this.#next) - 1
  }

  #link(slot: number, entry: number): void {
    if (entry >= this.#heads.length) this.#heads = grownInt32(this.#heads, roomFor(this.#heads.length, entry + 1))
    const head = this.#heads[entry] as number
    this.#slots.setInt(slot, this.#next, head)
    this.#slots.setInt(slot, this.#previous, 0)
    if (head !== 0) this.#slots.setInt(head - 1, this.#previous, slot + 1)
    this.#heads[entry] = slot + 1
  }

  #unlink(slot: number, entry: number): void {
    const next = this.#slots.int(slot, this.#next)
    const previous = this.#slots.int(slot, this.#previous)
    if (previous === 0) this.#heads[entry] = next
    else this.#slots.setInt(previous - 1, this.#next, next)
    if (next !== 0) this.#slots.setInt(next - 1, this.#previous, previous)
  }
}
