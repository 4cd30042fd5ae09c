import { grownInt32, roomFor } from '../state/lane.ts'

/**
 * Which entry each slot belongs to, and the slots of each entry as a linked list in three integer arrays: moving a slot is O(1) and nothing
 * is allocated. Used for the callers of an index and for the rows of a group.
 */
export class SlotLists {
  // Slots and entries are stored plus one: 0 = none.
  #entryOf: Int32Array<ArrayBuffer> = new Int32Array(64)
  #next: Int32Array<ArrayBuffer> = new Int32Array(64)
  #previous: Int32Array<ArrayBuffer> = new Int32Array(64)
  #heads: Int32Array<ArrayBuffer> = new Int32Array(64)

  /** −1: in none. */
  entry(slot: number): number {
    return slot < this.#entryOf.length ? (this.#entryOf[slot] as number) - 1 : -1
  }

  /** Puts the slot into the list of `entry` (−1: none) and out of the one it was in. */
  move(slot: number, entry: number): void {
    if (slot >= this.#entryOf.length) this.#growSlots(slot)
    const old = (this.#entryOf[slot] as number) - 1
    if (old === entry) return
    if (old >= 0) this.#unlink(slot, old)
    if (entry >= 0) this.#link(slot, entry)
    this.#entryOf[slot] = entry + 1
  }

  /** The first slot of an entry's list, −1: it is empty. */
  first(entry: number): number {
    return entry < this.#heads.length ? (this.#heads[entry] as number) - 1 : -1
  }

  /** The slot behind this one in its list, −1: it is the last. The list must not change meanwhile. */
  next(slot: number): number {
    return (this.#next[slot] as number) - 1
  }

  #link(slot: number, entry: number): void {
    if (entry >= this.#heads.length) this.#heads = grownInt32(this.#heads, roomFor(this.#heads.length, entry + 1))
    const head = this.#heads[entry] as number
    this.#next[slot] = head
    this.#previous[slot] = 0
    if (head !== 0) this.#previous[head - 1] = slot + 1
    this.#heads[entry] = slot + 1
  }

  #unlink(slot: number, entry: number): void {
    const next = this.#next[slot] as number
    const previous = this.#previous[slot] as number
    if (previous === 0) this.#heads[entry] = next
    else this.#next[previous - 1] = next
    if (next !== 0) this.#previous[next - 1] = previous
  }

  #growSlots(slot: number): void {
    const capacity = roomFor(this.#entryOf.length, slot + 1)
    this.#entryOf = grownInt32(this.#entryOf, capacity)
    this.#next = grownInt32(this.#next, capacity)
    this.#previous = grownInt32(this.#previous, capacity)
  }
}
