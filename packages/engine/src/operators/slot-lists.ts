import { roomFor } from '../state/lane.ts'
import { Records } from '../state/records.ts'
import type { RowStore } from '../state/row-store.ts'
import { READ } from '../state/read-ahead.ts'
import type { SlotSet } from '../state/slot-set.ts'

/**
 * Which entry each slot belongs to, and the slots of each entry as a linked list: moving a slot is O(1) and nothing is allocated. Used for the
 * callers of an index and for the rows of a group.
 */
export class SlotLists {
  // Slots and entries are stored plus one: 0 = none.
  readonly #store: RowStore | null
  readonly #slots: Records
  /** Fields of a slot's record. */
  readonly #entryOf: number
  readonly #next: number
  readonly #previous: number
  readonly #entries: Records
  /** Field of an entry's record: the first slot of its list. */
  readonly #head: number

  /**
   * `entries`: one record for each entry, where others keep more of it. `store`: that of the slots, whose records then hold what is kept of each slot:
   * who reads a row has it at hand.
   */
  constructor(entries: Records = new Records(), store: RowStore | null = null) {
    this.#store = store
    this.#slots = store?.records ?? new Records()
    const fields = store ?? this.#slots
    this.#entryOf = fields.addInt()
    this.#next = fields.addInt()
    this.#previous = fields.addInt()
    this.#entries = entries
    this.#head = entries.addInt()
  }

  /** Gives its fields of the records of entries and of a store back. It is not used again. */
  release(): void {
    for (const field of [this.#entryOf, this.#next, this.#previous]) this.#store?.freeInt(field)
    this.#entries.freeInt(this.#head)
  }

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
    return entry < this.#entries.capacity ? this.#entries.int(entry, this.#head) - 1 : -1
  }

  /** The slot behind this one in its list, −1: it is the last. The list must not change meanwhile. */
  next(slot: number): number {
    return this.#slots.int(slot, this.#next) - 1
  }

  /** See `Records.warm`: the first slot of each of these lists. */
  warm(entries: SlotSet, from: number, to: number): void {
    let read = 0
    for (let i = from; i < to; i++) {
      const slot = this.first(entries.at(i))
      if (slot >= 0) read ^= this.#slots.int(slot, this.#next)
    }
    READ[0] = read
  }

  #link(slot: number, entry: number): void {
    if (entry >= this.#entries.capacity) this.#entries.grow(roomFor(this.#entries.capacity, entry + 1))
    const head = this.#entries.int(entry, this.#head)
    this.#slots.setInt(slot, this.#next, head)
    this.#slots.setInt(slot, this.#previous, 0)
    if (head !== 0) this.#slots.setInt(head - 1, this.#previous, slot + 1)
    this.#entries.setInt(entry, this.#head, slot + 1)
  }

  #unlink(slot: number, entry: number): void {
    const next = this.#slots.int(slot, this.#next)
    const previous = this.#slots.int(slot, this.#previous)
    if (previous === 0) this.#entries.setInt(entry, this.#head, next)
    else this.#slots.setInt(previous - 1, this.#next, next)
    if (next !== 0) this.#slots.setInt(next - 1, this.#previous, previous)
  }
}
