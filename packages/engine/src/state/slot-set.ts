import { giveBack, GOLDEN, movedInt32, roomFor } from './lane.ts'
import { BLOCK } from './read-ahead.ts'
import { SlotBits } from './slot-bits.ts'

/** So many members are looked through one by one: most steps change a row or two. */
const SCANNED = 4
/** Up to so many members are in a hash from the first on; whether a slot is one of more, a bit says. */
const HASHED = 1 << 13
/** After so many steps in a row that did without them the bits are given back. */
const PATIENCE = 8
/** Places of the smallest hash. */
const SMALLEST = 64
/** A list of members longer than this is given back at the end of its step. */
const KEPT = 1 << 20

const NO_PLACES = new Int32Array(0)

/**
 * A set of slots that is filled during one step and emptied at its end. Each member has an ordinal, 0, 1, 2 … in order of addition.
 *
 * A small step touches a few bytes, wherever its rows lie, and emptying costs what was added. Sets are mostly gone through in order, several of one step
 * side by side: the member that was asked for last, and the one behind it, are looked at first. So a large set has a bit for each slot of the store, and
 * its members come into the hash only when somebody asks for the ordinal of one out of turn.
 */
export class SlotSet {
  #members: Int32Array<ArrayBuffer> = new Int32Array(SMALLEST)
  #size = 0
  /** The ordinal that was asked for last. */
  #near = 0
  /** Ordinals plus one (0: none) of the first `#hashed` members, by hash; not in use while members are looked through. */
  #places: Int32Array<ArrayBuffer> = NO_PLACES
  /** Bits that the hash drops. */
  #shift = 0
  #hashed = 0
  /** The members, where they are more than `HASHED`. */
  readonly #bits = new SlotBits()
  /** Steps for which they are still kept: arrays that come and go with each large step keep the garbage collector busy. */
  #patience = 0

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
    return this.#size > HASHED ? this.#bits.has(slot) : this.ordinal(slot) >= 0
  }

  /** True if it was not there. */
  add(slot: number): boolean {
    const size = this.#size
    if (size < SCANNED) {
      for (let i = 0; i < size; i++) if (this.#members[i] === slot) return false
      this.#push(slot)
      return true
    }
    return size < HASHED ? this.#addToHash(slot) === size : this.#addToMany(slot)
  }

  /** The ordinal of the slot, which is added if it is not there. */
  put(slot: number): number {
    const size = this.#size
    if (size >= SCANNED && size < HASHED) return this.#addToHash(slot)
    return this.add(slot) ? size : this.ordinal(slot)
  }

  clear(): void {
    const size = this.#size
    if (size > SCANNED) this.#forgetIndex()
    if (size > HASHED) {
      this.#bits.clear()
      this.#patience = PATIENCE
    } else if (this.#patience > 0) {
      this.#patience -= 1
      if (this.#patience === 0) this.#bits.free()
    }
    this.#size = 0
    this.#near = 0
    if (this.#members.length <= KEPT) return
    giveBack(this.#members)
    this.#members = new Int32Array(SMALLEST)
  }

  #lookUp(slot: number): number {
    const near = this.#near
    if (this.#members[near] === slot) return near
    const next = near + 1
    if (next < this.#size && this.#members[next] === slot) {
      this.#near = next
      return next
    }
    if (this.#size > HASHED && !this.#bits.has(slot)) return -1
    if (this.#hashed < this.#size) this.#hashAll()
    const ordinal = (this.#places[this.#place(slot)] as number) - 1
    if (ordinal >= 0) this.#near = ordinal
    return ordinal
  }

  #push(slot: number): void {
    if (this.#size === this.#members.length) this.#members = movedInt32(this.#members, this.#size * 2)
    this.#members[this.#size] = slot
    this.#size += 1
  }

  #addToMany(slot: number): boolean {
    if (this.#size === HASHED) {
      if (this.#lookUp(slot) >= 0) return false
      for (let i = 0; i < HASHED; i++) this.#bits.add(this.#members[i] as number)
    }
    if (!this.#bits.add(slot)) return false
    this.#push(slot)
    return true
  }

  /** The ordinal of the slot, which is added if it is not there. */
  #addToHash(slot: number): number {
    const size = this.#size
    if (size === SCANNED) {
      const known = this.ordinal(slot)
      if (known >= 0) return known
      this.#hashAll()
    }
    const place = this.#place(slot)
    const known = this.#places[place] as number
    if (known !== 0) return known - 1
    this.#push(slot)
    if (2 * this.#size > this.#places.length) this.#hashAll()
    else {
      this.#places[place] = this.#size
      this.#hashed = this.#size
    }
    return size
  }

  /** Where the hash has this slot, or the free place where it would stand. */
  #place(slot: number): number {
    const last = this.#places.length - 1
    let place = Math.imul(slot, GOLDEN) >>> this.#shift
    for (;;) {
      const ordinal = this.#places[place] as number
      if (ordinal === 0 || this.#members[ordinal - 1] === slot) return place
      place = (place + 1) & last
    }
  }

  /** All members are in the hash, and there is room for more. */
  #hashAll(): void {
    if (2 * this.#size > this.#places.length || this.#places.length === 0) {
      const places = roomFor(SMALLEST, 2 * this.#size)
      this.#places = new Int32Array(places)
      this.#shift = Math.clz32(places) + 1
      this.#hashed = 0
    }
    for (let i = this.#hashed; i < this.#size; i++) this.#places[this.#place(this.#members[i] as number)] = i + 1
    this.#hashed = this.#size
  }

  /** The hash is kept for the next step if that one is likely to need it: large arrays that come and go keep the garbage collector busy. */
  #forgetIndex(): void {
    if (this.#places.length <= Math.max(SMALLEST, this.#hashed * 8)) this.#places.fill(0)
    else this.#places = NO_PLACES
    this.#hashed = 0
  }
}
