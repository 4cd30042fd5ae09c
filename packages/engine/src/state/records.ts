import { giveBack, roomFor } from './lane.ts'
import { READ } from './read-ahead.ts'
import type { SlotList } from './read-ahead.ts'

/** The words of a double as this machine orders them. */
const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const LOW = LITTLE ? 0 : 1
const HIGH = LITTLE ? 1 : 0
/** The upper word of a NaN. */
const NAN_WORD = 0x7ff80000

/** More records than this come into use piece by piece: as many again would be hundreds of megabytes for nothing. */
const MANY = 1 << 20
/** Records of a piece. */
const PIECE = 1 << 18

/**
 * Records of fixed width, by number: fields of 8 bytes (doubles) and of 4 (whole numbers) beside each other in one buffer. What belongs to one row
 * or group lies in one or two cache lines, whatever columns it has: a change of a row costs one walk to memory, not one a column.
 *
 * A double field that begins as "none" holds NaN; a NaN carries a number of its own in its lower word (`mark`), which is written and copied by words,
 * because a NaN that passes through a variable may lose it.
 */
export class Records {
  /** 8-byte words of a record. */
  stride = 0
  /** The buffer as doubles: field `at` of record `i` is `i * stride + at`. */
  numbers: Float64Array<ArrayBuffer> = new Float64Array(0)
  /** The buffer as whole numbers: field `at` of record `i` is `2 * i * stride + at`. */
  ints: Int32Array<ArrayBuffer> = new Int32Array(0)
  #capacity = 0
  /** Records that the buffer has a place for. What lies behind the capacity has not been written yet: the system has given no memory for it. */
  #room = 0
  /** A record as it begins. */
  readonly #first: number[] = []
  readonly #freeNumbers: number[] = []
  readonly #freeInts: number[] = []
  /** Words of the fields that are added while somebody wants to know them. */
  #noted: number[] | null = null

  /** Adds a field of 8 bytes, which begins as NaN or 0, and answers its place. */
  addNumber(none: boolean): number {
    const at = this.#freeNumbers.pop() ?? this.#widen()
    this.#noted?.push(2 * at, 2 * at + 1)
    this.#begin(2 * at + HIGH, none ? NAN_WORD : 0)
    this.#begin(2 * at + LOW, 0)
    return at
  }

  /** Adds a field of 4 bytes, which begins as 0, and answers its place. */
  addInt(): number {
    const half = this.#freeInts.pop()
    const at = half ?? 2 * (this.#freeNumbers.pop() ?? this.#widen())
    if (half === undefined) this.#freeInts.push(at + 1)
    this.#noted?.push(at)
    this.#begin(at, 0)
    return at
  }

  get bytes(): number {
    return 8 * this.stride * this.#capacity
  }

  /** What `add` makes, and the 4-byte words of the fields that it adds for that, in their order. */
  noting<T>(add: () => T): { readonly made: T; readonly words: readonly number[] } {
    const words: number[] = []
    this.#noted = words
    const made = add()
    this.#noted = null
    return { made, words }
  }

  /** Records that there is room for. */
  get capacity(): number {
    return this.#capacity
  }

  /** The field is given to the next who asks. */
  freeNumber(at: number): void {
    this.#freeNumbers.push(at)
  }
  /** The field is given to the next who asks. */
  freeInt(at: number): void {
    this.#freeInts.push(at)
  }

  /** Makes room for records below `capacity`; keeps what is there. */
  grow(capacity: number): void {
    if (capacity <= this.#capacity) return
    const from = this.#capacity
    this.#capacity = capacity
    if (capacity > this.#room) this.#move(from)
    this.#fill(from)
  }

  /** As `grow`, with some room more, so that growing by one at a time is cheap: as much again as there is, of millions of records a quarter of a million. */
  makeRoom(wanted: number): void {
    if (wanted <= this.#capacity) return
    this.grow(wanted <= MANY ? roomFor(this.#capacity, wanted) : Math.ceil(wanted / PIECE) * PIECE)
  }

  /** Gives the memory back at once. The records are not used again. */
  release(): void {
    giveBack(this.numbers)
    this.#capacity = 0
    this.#room = 0
  }

  number(i: number, at: number): number {
    return this.numbers[i * this.stride + at] as number
  }

  setNumber(i: number, at: number, number: number): void {
    this.numbers[i * this.stride + at] = number
  }

  int(i: number, at: number): number {
    return this.ints[2 * i * this.stride + at] as number
  }

  setInt(i: number, at: number, int: number): void {
    this.ints[2 * i * this.stride + at] = int
  }

  /** What the NaN in a double field carries; 0: nothing. */
  mark(i: number, at: number): number {
    return this.ints[2 * (i * this.stride + at) + LOW] as number
  }

  /** NaN, carrying a number. */
  setMark(i: number, at: number, mark: number): void {
    const word = 2 * (i * this.stride + at)
    this.ints[word + HIGH] = NAN_WORD
    this.ints[word + LOW] = mark
  }

  /** Reads a record ahead (`read-ahead.ts`): both ends, since most of them lie in two cache lines. The answer means nothing. */
  peek(i: number): number {
    const width = 2 * this.stride
    const at = i * width
    return (this.ints[at] as number) ^ (this.ints[at + width - 1] as number)
  }

  /** The same of the slots `from..to-1` of a list. */
  warm(slots: SlotList, from: number, to: number): void {
    let read = 0
    for (let i = from; i < to; i++) read ^= this.peek(slots.at(i))
    READ[0] = read
  }

  /** Copies words of record `i` of `from` to record `j`: word `words[0]` to `words[1]`, `words[2]` to `words[3]`, and so on. */
  copyWords(from: Records, i: number, j: number, words: Int32Array): void {
    const source = 2 * i * from.stride
    const target = 2 * j * this.stride
    const { ints } = this
    const sources = from.ints
    for (let k = 0; k < words.length; k += 2) ints[target + (words[k + 1] as number)] = sources[source + (words[k] as number)] as number
  }

  /** A field of 4 bytes begins as `word` from now on, also in the records that are there. */
  #begin(at: number, word: number): void {
    this.#first[at] = word
    const width = 2 * this.stride
    for (let i = 0; i < this.#capacity; i++) this.ints[i * width + at] = word
  }

  /** One word more a record: all of them move. */
  #widen(): number {
    const at = this.stride
    const old = this.ints
    this.stride += 1
    this.#first.push(0, 0)
    // A program that is planned gets hundreds of fields before the first record.
    if (this.#capacity === 0) return at
    this.#allocate()
    const [from, to] = [2 * at, 2 * this.stride]
    const { ints } = this
    for (let i = 0; i < this.#capacity; i++) {
      // By words: a call that copies so few costs more than the copy.
      for (let at = 0; at < from; at++) ints[i * to + at] = old[i * from + at] as number
    }
    giveBack(old)
    return at
  }

  /** The first `count` records go to a larger place. */
  #move(count: number): void {
    const old = this.numbers
    this.#room = this.#capacity <= MANY ? this.#capacity : roomFor(this.#room, this.#capacity)
    this.#allocate()
    this.numbers.set(count * this.stride < old.length ? old.subarray(0, count * this.stride) : old)
    giveBack(old)
  }

  #allocate(): void {
    const buffer = new ArrayBuffer(8 * this.stride * this.#room)
    this.numbers = new Float64Array(buffer)
    this.ints = new Int32Array(buffer)
  }

  /** Records from `from` on begin. */
  #fill(from: number): void {
    if (from === this.#capacity || this.#first.every((word) => word === 0)) return
    const width = 2 * this.stride
    this.ints.set(this.#first, from * width)
    for (let done = 1; from + done < this.#capacity; done *= 2) {
      const count = Math.min(done, this.#capacity - from - done)
      this.ints.copyWithin((from + done) * width, from * width, (from + count) * width)
    }
  }
}
