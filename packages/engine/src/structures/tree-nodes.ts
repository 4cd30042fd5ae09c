import { roomFor } from '../state/lane.ts'
import { READ } from '../state/read-ahead.ts'

/** Entries of a node; a full one is split. */
export const WIDTH = 20

// A node is one block of 256 bytes, four cache lines beside each other: `WIDTH` numbers, as many refs, and what is known of the node itself.
/** Doubles of a block: a power of two that is greater than `WIDTH`. */
const BLOCK = 32
const INTS = 2 * BLOCK
/** Of 64 bytes. */
const LINE = 16
const REFS = 2 * WIDTH
const LEVEL = REFS + WIDTH
const LENGTH = LEVEL + 1
const COUNT = LENGTH + 1

/**
 * The nodes of ordered trees (`OrderedTree`): numbers from 1 on, 0 is none. An entry of a node is a ref, which is a slot in a node of level 0 and else a node of the
 * level below, and a number, by which entries are in order. A walk from a root to a leaf waits for memory once a node: all of a node lies together.
 */
export class TreeNodes {
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(0)
  /** The same buffer. */
  #ints: Int32Array<ArrayBuffer> = new Int32Array(0)
  #used = 1
  readonly #free: number[] = []

  get bytes(): number {
    return this.#ints.byteLength
  }

  level(node: number): number {
    return this.#ints[node * INTS + LEVEL] as number
  }

  /** Entries of a node. */
  length(node: number): number {
    return this.#ints[node * INTS + LENGTH] as number
  }

  /** Slots below a node. */
  count(node: number): number {
    return this.#ints[node * INTS + COUNT] as number
  }

  addCount(node: number, by: number): void {
    const at = node * INTS + COUNT
    this.#ints[at] = (this.#ints[at] as number) + by
  }

  /** Reads ahead all cache lines of a node, for who looks for a place in it: the search alone would wait for one after the other. */
  warm(node: number): void {
    const at = node * INTS
    const ints = this.#ints
    READ[0] = (ints[at] as number) ^ (ints[at + LINE] as number) ^ (ints[at + 2 * LINE] as number) ^ (ints[at + 3 * LINE] as number)
  }

  ref(node: number, at: number): number {
    return this.#ints[node * INTS + REFS + at] as number
  }

  number(node: number, at: number): number {
    return this.#numbers[node * BLOCK + at] as number
  }

  setNumber(node: number, at: number, number: number): void {
    this.#numbers[node * BLOCK + at] = number
  }

  /** An empty node. */
  create(level: number): number {
    const node = this.#free.pop() ?? this.#used++
    if ((node + 1) * BLOCK > this.#numbers.length) this.#grow(node + 1)
    this.#ints[node * INTS + LEVEL] = level
    this.#ints[node * INTS + LENGTH] = 0
    this.#ints[node * INTS + COUNT] = 0
    return node
  }

  /** The node is no more. */
  release(node: number): void {
    this.#free.push(node)
  }

  /** Puts an entry into a node that has room for it. */
  insert(node: number, at: number, ref: number, number: number): void {
    const refs = node * INTS + REFS
    const numbers = node * BLOCK
    const length = this.length(node)
    // So few are moved by hand sooner than by `copyWithin`.
    for (let i = length; i > at; i--) {
      this.#ints[refs + i] = this.#ints[refs + i - 1] as number
      this.#numbers[numbers + i] = this.#numbers[numbers + i - 1] as number
    }
    this.#ints[refs + at] = ref
    this.#numbers[numbers + at] = number
    this.#ints[node * INTS + LENGTH] = length + 1
  }

  /** Takes an entry out of a node. */
  drop(node: number, at: number): void {
    const refs = node * INTS + REFS
    const numbers = node * BLOCK
    const last = this.length(node) - 1
    for (let i = at; i < last; i++) {
      this.#ints[refs + i] = this.#ints[refs + i + 1] as number
      this.#numbers[numbers + i] = this.#numbers[numbers + i + 1] as number
    }
    this.#ints[node * INTS + LENGTH] = last
  }

  /** Moves the entries of a node from that place on to the end of another. */
  move(node: number, from: number, to: number): void {
    const count = this.length(node) - from
    const end = this.length(to)
    for (let i = 0; i < count; i++) {
      this.#ints[to * INTS + REFS + end + i] = this.#ints[node * INTS + REFS + from + i] as number
      this.#numbers[to * BLOCK + end + i] = this.#numbers[node * BLOCK + from + i] as number
    }
    this.#ints[node * INTS + LENGTH] = from
    this.#ints[to * INTS + LENGTH] = end + count
  }

  #grow(nodes: number): void {
    const buffer = new ArrayBuffer(8 * BLOCK * roomFor(this.#numbers.length / BLOCK, nodes))
    const ints = new Int32Array(buffer)
    ints.set(this.#ints)
    this.#ints = ints
    this.#numbers = new Float64Array(buffer)
  }
}
