import { GOLDEN } from './lane.ts'
import { Records } from './records.ts'

const SMALLEST = 64
const TWO_32 = 2 ** 32

/** The slot that a number is guessed to have is looked at as long as guesses are right so often. */
const TRUSTED = 64
const MOST_TRUSTED = 128
/** What a wrong guess costs of the trust that a right one adds 1 to: a wrong one reads a record for nothing. */
const WRONG = 4

/**
 * Numbers → small integers ("slots"), each number once, by value: an open hash of slots; the number of each slot is a field of its record, which
 * whoever looks for a slot will read anyhow. Nothing is boxed.
 *
 * Keys that a database counts up come in order, and so do slots: where a number has mostly been so much more than its slot, that slot's record is looked at
 * before the hash, which is one walk to memory less.
 */
export class NumberKeys {
  /** Slots plus one; 0: free. */
  #places: Int32Array<ArrayBuffer> = new Int32Array(SMALLEST)
  #shift: number = shiftFor(SMALLEST)
  readonly #records: Records
  /** The field that holds the number of each slot. */
  readonly #at: number
  #size = 0
  /** How much more than its slot a number is guessed to be, and how far that is trusted. */
  #lead = 0
  #trust = 0

  /** `at`: a field of 8 bytes in those records that begins as NaN, to keep the numbers in. */
  constructor(records: Records = new Records(), at: number = records.addNumber(true)) {
    this.#records = records
    this.#at = at
  }

  get size(): number {
    return this.#size
  }

  /** Of the hash, without the records. */
  get bytes(): number {
    return this.#places.byteLength
  }

  /** −1: none. */
  find(number: number): number {
    if (this.#trust < TRUSTED) return (this.#places[this.#place(number)] as number) - 1
    const guess = (number - this.#lead) | 0
    if (guess >= 0 && guess < this.#records.capacity && this.#records.number(guess, this.#at) === number) {
      if (this.#trust < MOST_TRUSTED) this.#trust += 1
      return guess
    }
    const slot = (this.#places[this.#place(number)] as number) - 1
    if (slot >= 0) this.#trust -= WRONG
    return slot
  }

  /** Reads ahead what `find` will mostly read of that number (`Records.peek`), without a look at what it finds: many such walks go on at once. */
  peek(number: number): number {
    const slot = this.#trust < TRUSTED ? (this.#places[this.#home(number)] as number) - 1 : (number - this.#lead) | 0
    return slot >= 0 && slot < this.#records.capacity ? this.#records.peek(slot) : 0
  }

  /** The number of a slot that has one. */
  numberOf(slot: number): number {
    return this.#records.number(slot, this.#at)
  }

  /** `number` is not there yet, and `slot` has no number. */
  add(number: number, slot: number): void {
    if (slot >= this.#records.capacity) this.#records.makeRoom(slot + 1)
    if ((this.#size + 1) * 2 > this.#places.length) this.#widen()
    this.#records.setNumber(slot, this.#at, number)
    this.#places[this.#place(number)] = slot + 1
    this.#size += 1
    this.#learn(number - slot)
  }

  /** The number of that slot is forgotten. Those behind it move up, so that nothing is ever skipped and no gravestones pile up. */
  remove(slot: number): void {
    const last = this.#places.length - 1
    let free = this.#place(this.#records.number(slot, this.#at))
    if (this.#places[free] !== slot + 1) return
    this.#records.setMark(slot, this.#at, 0)
    this.#size -= 1
    for (let next = (free + 1) & last; ; next = (next + 1) & last) {
      const moved = this.#places[next] as number
      if (moved === 0) break
      const home = this.#home(this.#records.number(moved - 1, this.#at))
      // It may stand at the free place if that is not before its home, counted round the end.
      if (((next - home) & last) < ((next - free) & last)) continue
      this.#places[free] = moved
      free = next
    }
    this.#places[free] = 0
  }

  clear(): void {
    for (let slot = 0; slot < this.#records.capacity; slot++) this.#records.setMark(slot, this.#at, 0)
    this.#places = new Int32Array(SMALLEST)
    this.#shift = shiftFor(SMALLEST)
    this.#size = 0
  }

  #learn(lead: number): void {
    if (lead === this.#lead) this.#trust = Math.min(this.#trust + 1, MOST_TRUSTED)
    else if (this.#trust >= WRONG) this.#trust -= WRONG
    else {
      this.#lead = lead
      this.#trust = 0
    }
  }

  /** Where that number stands, or would. */
  #place(number: number): number {
    const last = this.#places.length - 1
    let place = this.#home(number)
    for (;;) {
      const slot = this.#places[place] as number
      if (slot === 0 || this.#records.number(slot - 1, this.#at) === number) return place
      place = (place + 1) & last
    }
  }

  /** Bits above 2^32 count as well: keys of other systems may differ there alone. */
  #home(number: number): number {
    const low = number | 0
    const mixed = low === number ? low : low ^ Math.imul(Math.floor(number / TWO_32), GOLDEN)
    return Math.imul(mixed, GOLDEN) >>> this.#shift
  }

  #widen(): void {
    this.#places = new Int32Array(this.#places.length * 2)
    this.#shift -= 1
    // In the order of the records, which are read more than once then where they lie close to each other.
    for (let slot = 0; slot < this.#records.capacity; slot++) {
      const number = this.#records.number(slot, this.#at)
      if (!Number.isNaN(number)) this.#places[this.#place(number)] = slot + 1
    }
  }
}

function shiftFor(places: number): number {
  return Math.clz32(places) + 1
}
