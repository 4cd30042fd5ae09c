import { GOLDEN, grownFloat64, roomFor } from './lane.ts'

const SMALLEST = 64
const TWO_32 = 2 ** 32

/**
 * Numbers → small integers ("slots"), each number once, by value: an open hash of slots beside the number of each slot. Two array reads find
 * a key, nothing is boxed, and a million keys are 16 MB.
 */
export class NumberKeys {
  /** Slots plus one; 0: free. */
  #places: Int32Array<ArrayBuffer> = new Int32Array(SMALLEST)
  #shift: number = shiftFor(SMALLEST)
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(SMALLEST)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** −1: none. */
  find(number: number): number {
    return (this.#places[this.#place(number)] as number) - 1
  }

  /** `number` is not there yet, and `slot` has no number. */
  add(number: number, slot: number): void {
    if (slot >= this.#numbers.length) this.#numbers = grownFloat64(this.#numbers, roomFor(this.#numbers.length, slot + 1))
    if ((this.#size + 1) * 2 > this.#places.length) this.#widen()
    this.#numbers[slot] = number
    this.#places[this.#place(number)] = slot + 1
    this.#size += 1
  }

  /** The number of that slot is forgotten. Those behind it move up, so that nothing is ever skipped and no gravestones pile up. */
  remove(slot: number): void {
    const last = this.#places.length - 1
    let free = this.#place(this.#numbers[slot] as number)
    if (this.#places[free] !== slot + 1) return
    this.#size -= 1
    for (let next = (free + 1) & last; ; next = (next + 1) & last) {
      const moved = this.#places[next] as number
      if (moved === 0) break
      const home = this.#home(this.#numbers[moved - 1] as number)
      // It may stand at the free place if that is not before its home, counted round the end.
      if (((next - home) & last) < ((next - free) & last)) continue
      this.#places[free] = moved
      free = next
    }
    this.#places[free] = 0
  }

  clear(): void {
    this.#places = new Int32Array(SMALLEST)
    this.#shift = shiftFor(SMALLEST)
    this.#size = 0
  }

  /** Where that number stands, or would. */
  #place(number: number): number {
    const last = this.#places.length - 1
    let place = this.#home(number)
    for (;;) {
      const slot = this.#places[place] as number
      if (slot === 0 || this.#numbers[slot - 1] === number) return place
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
    const old = this.#places
    this.#places = new Int32Array(old.length * 2)
    this.#shift -= 1
    for (const slot of old) if (slot !== 0) this.#places[this.#place(this.#numbers[slot - 1] as number)] = slot
  }
}

function shiftFor(places: number): number {
  return Math.clz32(places) + 1
}
