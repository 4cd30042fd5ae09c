import { GOLDEN, grownInt32, roomFor } from './lane.ts'
import { BLOCK } from './read-ahead.ts'

/** So many members are looked through one by one: most steps change a row or two. */
const SCANNED = 4
/** Up to so many members are found by a hash; more by an array over all slots. */
const HASHED = 1 << 15
/** Places of the smallest hash. */
const SMALLEST = 64
/** A list of members longer than this is given back at the end of its step. */
const KEPT = 1 << 20
/** After so many small steps in a row the array over all slots is given back. */
const PATIENCE = 8

const NO_ORDINALS = new Int32Array(0)

/**
 * A set of slots that is filled during one step and emptied at its end. Each member has an ordinal, 0, 1, 2 … in order of addition.
 *
 * Nothing is kept per slot of the store: a small step touches a few bytes, wherever its rows lie, and emptying costs what was added.
 */
export class SlotSet {
  #members: Int32Array<ArrayBuffer> = new Int32Array(SMALLEST)
  #size = 0
  /** Ordinals plus one (0 = none): by hash while there are few members, by slot when there are many; empty while they are looked through. */
  #ordinals: Int32Array<ArrayBuffer> = NO_ORDINALS
  /** Bits that the hash drops; 0: by slot. */
  #shift = 0
  /** Small steps since the array over all slots was needed last. */
  #idle = 0

  get size(): number {
    return this.#size
  }

  /** Where the block ends that begins with this ordinal and whose records are read ahead (`Records.warm`); 0: none begins here. */
  blockAt(ordinal: number): number {
    return (ordinal & (BLOCK - 1)) === 0 ? Math.min(ordinal + BLOCK, this.#size) : 0
  }

  /** The member with this ordinal. */
  at(ordinal: number): number {
    return this.#members[ordinal] as number
  }

  /** The ordinal of a slot, −1 if it is no member. */
  ordinal(slot: number): number {
    const size = this.#size
    if (size > SCANNED) return this.#lookUp(slot)
    for (let i = 0; i < size; i++) if (this.#members[i] === slot) return i
    return -1
  }

  has(slot: number): boolean {
    return this.ordinal(slot) >= 0
  }

  /** True if it was not there. */
  add(slot: number): boolean {
    const before = this.#size
    this.put(slot)
    return this.#size > before
  }

  /** The ordinal of the slot, which is added if it is not there. */
  put(slot: number): number {
    const known = this.ordinal(slot)
    if (known >= 0) return known
    if (this.#size === this.#members.length) this.#members = grownInt32(this.#members, this.#size * 2)
    this.#members[this.#size] = slot
    this.#size += 1
    if (this.#size > SCANNED) this.#index(slot)
    return this.#size - 1
  }

  clear(): void {
    if (this.#size > SCANNED || (this.#shift === 0 && this.#ordinals.length > 0)) this.#forgetIndex()
    this.#size = 0
    if (this.#members.length > KEPT) this.#members = new Int32Array(SMALLEST)
  }

  #lookUp(slot: number): number {
    if (this.#shift === 0) return slot < this.#ordinals.length ? (this.#ordinals[slot] as number) - 1 : -1
    return (this.#ordinals[this.#place(slot)] as number) - 1
  }

  /** Where the hash has this slot, or the free place where it would stand. */
  #place(slot: number): number {
    const last = this.#ordinals.length - 1
    let place = Math.imul(slot, GOLDEN) >>> this.#shift
    for (;;) {
      const ordinal = this.#ordinals[place] as number
      if (ordinal === 0 || this.#members[ordinal - 1] === slot) return place
      place = (place + 1) & last
    }
  }

  /** Makes the last member findable. */
  #index(slot: number): void {
    if (this.#size === SCANNED + 1) this.#begin()
    else if (this.#shift === 0) this.#put(slot, this.#size)
    else if (this.#size * 2 > this.#ordinals.length) this.#rebuild()
    else this.#ordinals[this.#place(slot)] = this.#size
  }

  #begin(): void {
    if (this.#ordinals.length === 0) this.#hash(SMALLEST)
    this.#addAll()
  }

  #rebuild(): void {
    if (this.#size <= HASHED) this.#hash(this.#ordinals.length * 2)
    else {
      this.#ordinals = new Int32Array(roomFor(this.#size, this.#greatest() + 1))
      this.#shift = 0
    }
    this.#addAll()
  }

  #hash(places: number): void {
    this.#ordinals = new Int32Array(places)
    this.#shift = Math.clz32(places) + 1
  }

  #addAll(): void {
    for (let i = 0; i < this.#size; i++) {
      const slot = this.#members[i] as number
      if (this.#shift === 0) this.#put(slot, i + 1)
      else this.#ordinals[this.#place(slot)] = i + 1
    }
  }

  #put(slot: number, ordinal: number): void {
    if (slot >= this.#ordinals.length) this.#ordinals = grownInt32(this.#ordinals, roomFor(this.#ordinals.length, slot + 1))
    this.#ordinals[slot] = ordinal
  }

  #greatest(): number {
    let greatest = 0
    for (let i = 0; i < this.#size; i++) greatest = Math.max(greatest, this.#members[i] as number)
    return greatest
  }

  /** The index is kept for the next step if that one is likely to need it: large arrays that come and go keep the garbage collector busy. */
  #forgetIndex(): void {
    if (this.#shift !== 0 && this.#ordinals.length <= Math.max(SMALLEST, this.#size * 8)) this.#ordinals.fill(0)
    else if (this.#shift === 0 && this.#isPatient()) for (let i = 0; i < this.#size; i++) this.#ordinals[this.#members[i] as number] = 0
    else this.#ordinals = NO_ORDINALS
  }

  #isPatient(): boolean {
    this.#idle = this.#size > HASHED ? 0 : this.#idle + 1
    return this.#idle < PATIENCE
  }
}
