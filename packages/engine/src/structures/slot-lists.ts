import { grownInt32 } from '../state/lane.ts'
import { Records } from '../state/records.ts'
import { READ } from '../state/read-ahead.ts'
import type { RowStore } from '../state/row-store.ts'
import type { SlotSet } from '../state/slot-set.ts'

/** Words of a block: how many slots it holds, the block behind it, the slots. As wide as a cache line. */
const BLOCK_WORDS = 16
const BLOCK_BITS = 4
const BLOCK_SLOTS = 14
const COUNT = 0
const BEHIND = 1
const SLOTS = 2

/**
 * Which entry each slot belongs to, and the slots of each entry: moving a slot is O(1) and nothing is allocated for it. Used for the callers of an
 * index and for the rows of a group.
 *
 * One slot stands in the entry itself; several stand in blocks, of which only the first may have room. So a walk over the many callers of an entry
 * reads blocks, not the record of each caller.
 */
export class SlotLists {
  readonly #store: RowStore | null
  readonly #slots: Records
  /** Field of a slot's record: its entry plus one; 0: none. */
  readonly #entryOf: number
  /** Field of a slot's record: which word of `#blocks` holds it; 0: the entry itself does. */
  readonly #place: number
  readonly #entries: Records
  /** Field of an entry's record: its one slot plus one, or minus its first block; 0: it has no slot. */
  readonly #head: number
  /** Block 0 is none. */
  #blocks: Int32Array<ArrayBuffer> = new Int32Array(64)
  #used = 1
  /** The first of the blocks that are free; they are linked as those of an entry. */
  #free = 0

  /**
   * `entries`: one record for each entry, where others keep more of it. `store`: that of the slots, whose records then hold what is kept of each slot:
   * who reads a row has it at hand.
   */
  constructor(entries: Records = new Records(), store: RowStore | null = null) {
    this.#store = store
    this.#slots = store?.records ?? new Records()
    const fields = store ?? this.#slots
    this.#entryOf = fields.addInt()
    this.#place = fields.addInt()
    this.#entries = entries
    this.#head = entries.addInt()
  }

  /** Gives its fields of the records of entries and of a store back. It is not used again. */
  release(): void {
    for (const field of [this.#entryOf, this.#place]) this.#store?.freeInt(field)
    this.#entries.freeInt(this.#head)
  }

  /** −1: in none. */
  entry(slot: number): number {
    return slot < this.#slots.capacity ? this.#slots.int(slot, this.#entryOf) - 1 : -1
  }

  /** Puts the slot into the list of `entry` (−1: none) and out of the one it was in. */
  move(slot: number, entry: number): void {
    if (slot >= this.#slots.capacity) this.#slots.makeRoom(slot + 1)
    const old = this.#slots.int(slot, this.#entryOf) - 1
    if (old === entry) return
    if (old >= 0) this.#take(slot, old)
    if (entry >= 0) this.#put(slot, entry)
    this.#slots.setInt(slot, this.#entryOf, entry + 1)
  }

  /** The first slot of an entry's list, −1: it is empty. */
  first(entry: number): number {
    const head = this.#headOf(entry)
    return head >= 0 ? head - 1 : this.#lastOf(-head)
  }

  /** The slot behind this one in its list, −1: it is the last. The list must not change meanwhile. */
  next(slot: number): number {
    const place = this.#slots.int(slot, this.#place)
    if (place === 0) return -1
    const block = place >> BLOCK_BITS
    if (place > block * BLOCK_WORDS + SLOTS) return this.#blocks[place - 1] as number
    const behind = this.#blocks[block * BLOCK_WORDS + BEHIND] as number
    return behind === 0 ? -1 : this.#lastOf(behind)
  }

  /** Calls `each` with the slots of an entry's list, in the order of `next`, and answers how many they are. The list must not change meanwhile. */
  forEach(entry: number, each: (slot: number) => void): number {
    const head = this.#headOf(entry)
    if (head > 0) each(head - 1)
    let called = head > 0 ? 1 : 0
    for (let block = -head; block > 0; block = this.#blocks[block * BLOCK_WORDS + BEHIND] as number) {
      const from = block * BLOCK_WORDS + SLOTS
      const count = this.#blocks[block * BLOCK_WORDS + COUNT] as number
      for (let at = from + count - 1; at >= from; at--) each(this.#blocks[at] as number)
      called += count
    }
    return called
  }

  /** Reads the place where a list grows ahead (`Records.peek`). */
  peek(entry: number): number {
    const head = this.#headOf(entry)
    return head < 0 ? (this.#blocks[-head * BLOCK_WORDS + COUNT] as number) : head
  }

  /** See `Records.warm`: the first slot of each of these lists, with what is kept beside its row. */
  warm(entries: SlotSet, from: number, to: number): void {
    let read = 0
    for (let i = from; i < to; i++) {
      const slot = this.first(entries.at(i))
      if (slot >= 0) read ^= this.#store === null ? this.#slots.peek(slot) : this.#store.peek(slot)
    }
    READ[0] = read
  }

  #headOf(entry: number): number {
    return entry < this.#entries.capacity ? this.#entries.int(entry, this.#head) : 0
  }

  #lastOf(block: number): number {
    return this.#blocks[block * BLOCK_WORDS + SLOTS + (this.#blocks[block * BLOCK_WORDS + COUNT] as number) - 1] as number
  }

  #put(slot: number, entry: number): void {
    if (entry >= this.#entries.capacity) this.#entries.makeRoom(entry + 1)
    const head = this.#entries.int(entry, this.#head)
    if (head === 0) {
      this.#entries.setInt(entry, this.#head, slot + 1)
      this.#slots.setInt(slot, this.#place, 0)
      return
    }
    let block = -head
    if (head > 0 || this.#blocks[block * BLOCK_WORDS + COUNT] === BLOCK_SLOTS) {
      block = this.#create(Math.max(0, block))
      this.#entries.setInt(entry, this.#head, -block)
      if (head > 0) this.#append(block, head - 1)
    }
    this.#append(block, slot)
  }

  #append(block: number, slot: number): void {
    const base = block * BLOCK_WORDS
    const count = this.#blocks[base + COUNT] as number
    this.#blocks[base + SLOTS + count] = slot
    this.#blocks[base + COUNT] = count + 1
    this.#slots.setInt(slot, this.#place, base + SLOTS + count)
  }

  /** The last slot of the first block takes the place of the one that goes. */
  #take(slot: number, entry: number): void {
    const place = this.#slots.int(slot, this.#place)
    if (place === 0) {
      this.#entries.setInt(entry, this.#head, 0)
      return
    }
    const first = -this.#entries.int(entry, this.#head)
    const base = first * BLOCK_WORDS
    const last = this.#lastOf(first)
    this.#blocks[place] = last
    this.#slots.setInt(last, this.#place, place)
    const left = (this.#blocks[base + COUNT] as number) - 1
    this.#blocks[base + COUNT] = left
    if (left > 0) return
    this.#entries.setInt(entry, this.#head, -(this.#blocks[base + BEHIND] as number))
    this.#blocks[base + BEHIND] = this.#free
    this.#free = first
  }

  /** An empty block in front of another. */
  #create(behind: number): number {
    const block = this.#free === 0 ? this.#used++ : this.#free
    const base = block * BLOCK_WORDS
    if (block === this.#free) this.#free = this.#blocks[base + BEHIND] as number
    else if (base === this.#blocks.length) this.#blocks = grownInt32(this.#blocks, base * 2)
    this.#blocks[base + COUNT] = 0
    this.#blocks[base + BEHIND] = behind
    return block
  }
}
