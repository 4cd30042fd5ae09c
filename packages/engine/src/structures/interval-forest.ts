import { grownFloat64, grownInt32, roomFor } from '../state/lane.ts'

/**
 * Closed intervals of numbers, one for each caller, in groups: which of them a place touches is found in O(log n + k), not by asking all.
 * One balanced tree (treap) for each entry, ordered by the lower end, each node with the greatest upper end below it; all trees in the same
 * typed arrays, the slot being the node.
 */
export class IntervalForest {
  // Slots and entries plus one: 0 = none.
  #entryOf: Int32Array<ArrayBuffer> = new Int32Array(64)
  #left: Int32Array<ArrayBuffer> = new Int32Array(64)
  #right: Int32Array<ArrayBuffer> = new Int32Array(64)
  #low: Float64Array<ArrayBuffer> = new Float64Array(64)
  #high: Float64Array<ArrayBuffer> = new Float64Array(64)
  #highest: Float64Array<ArrayBuffer> = new Float64Array(64)
  #roots: Int32Array<ArrayBuffer> = new Int32Array(64)
  #sizes: Int32Array<ArrayBuffer> = new Int32Array(64)
  #size = 0
  // The two halves of the last split.
  #before = 0
  #behind = 0

  /** All intervals. */
  get size(): number {
    return this.#size
  }

  /** Intervals of an entry. */
  sizeOf(entry: number): number {
    return entry < this.#sizes.length ? (this.#sizes[entry] as number) : 0
  }

  /** The entry that a slot has an interval in, −1: none. */
  entry(slot: number): number {
    return slot < this.#entryOf.length ? (this.#entryOf[slot] as number) - 1 : -1
  }

  /** Gives the slot this interval in the entry (−1: none) in place of the one that it had. An interval with `low > high` is touched by nothing. */
  set(slot: number, entry: number, low: number, high: number): void {
    if (slot >= this.#entryOf.length) this.#growSlots(slot)
    if (entry >= this.#roots.length) this.#growEntries(entry)
    const node = slot + 1
    const old = (this.#entryOf[slot] as number) - 1
    if (old === entry && this.#low[slot] === low && this.#high[slot] === high) return
    if (old >= 0) {
      this.#roots[old] = this.#remove(this.#roots[old] as number, node)
      this.#count(old, -1)
    }
    this.#entryOf[slot] = entry + 1
    this.#low[slot] = low
    this.#high[slot] = high
    if (entry < 0) return
    this.#setChildren(node, 0, 0)
    this.#roots[entry] = this.#insert(this.#roots[entry] as number, node)
    this.#count(entry, 1)
  }

  /** Calls `each` with the slots whose interval has a number in common with `low..high`. */
  touching(entry: number, low: number, high: number, each: (slot: number) => void): void {
    if (entry < this.#roots.length) this.#visit(this.#roots[entry] as number, low, high, each)
  }

  #visit(node: number, low: number, high: number, each: (slot: number) => void): void {
    if (node === 0 || (this.#highest[node - 1] as number) < low) return
    this.#visit(this.#left[node - 1] as number, low, high, each)
    if ((this.#low[node - 1] as number) > high) return
    if ((this.#high[node - 1] as number) >= Math.max(low, this.#low[node - 1] as number)) each(node - 1)
    this.#visit(this.#right[node - 1] as number, low, high, each)
  }

  #insert(root: number, node: number): number {
    if (root === 0) return node
    if (priority(node) > priority(root)) {
      this.#split(root, node)
      this.#setChildren(node, this.#before, this.#behind)
      return node
    }
    const [left, right] = [this.#left[root - 1] as number, this.#right[root - 1] as number]
    if (this.#isBefore(node, root)) this.#setChildren(root, this.#insert(left, node), right)
    else this.#setChildren(root, left, this.#insert(right, node))
    return root
  }

  /** Parts the tree into what stands before and behind a node that is not in it. */
  #split(root: number, node: number): void {
    if (root === 0) {
      this.#before = 0
      this.#behind = 0
      return
    }
    const [left, right] = [this.#left[root - 1] as number, this.#right[root - 1] as number]
    if (this.#isBefore(node, root)) {
      this.#split(left, node)
      this.#setChildren(root, this.#behind, right)
      this.#behind = root
    } else {
      this.#split(right, node)
      this.#setChildren(root, left, this.#before)
      this.#before = root
    }
  }

  #remove(root: number, node: number): number {
    const [left, right] = [this.#left[root - 1] as number, this.#right[root - 1] as number]
    if (root === node) return this.#join(left, right)
    if (this.#isBefore(node, root)) this.#setChildren(root, this.#remove(left, node), right)
    else this.#setChildren(root, left, this.#remove(right, node))
    return root
  }

  #join(a: number, b: number): number {
    if (a === 0 || b === 0) return a + b
    if (priority(a) > priority(b)) {
      this.#setChildren(a, this.#left[a - 1] as number, this.#join(this.#right[a - 1] as number, b))
      return a
    }
    this.#setChildren(b, this.#join(a, this.#left[b - 1] as number), this.#right[b - 1] as number)
    return b
  }

  #setChildren(node: number, left: number, right: number): void {
    this.#left[node - 1] = left
    this.#right[node - 1] = right
    let highest = this.#high[node - 1] as number
    if (left !== 0) highest = Math.max(highest, this.#highest[left - 1] as number)
    if (right !== 0) highest = Math.max(highest, this.#highest[right - 1] as number)
    this.#highest[node - 1] = highest
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#low[a - 1] as number, this.#low[b - 1] as number]
    return x === y ? a < b : x < y
  }

  #count(entry: number, by: 1 | -1): void {
    this.#sizes[entry] = (this.#sizes[entry] as number) + by
    this.#size += by
  }

  #growSlots(slot: number): void {
    const capacity = roomFor(this.#entryOf.length, slot + 1)
    this.#entryOf = grownInt32(this.#entryOf, capacity)
    this.#left = grownInt32(this.#left, capacity)
    this.#right = grownInt32(this.#right, capacity)
    this.#low = grownFloat64(this.#low, capacity)
    this.#high = grownFloat64(this.#high, capacity)
    this.#highest = grownFloat64(this.#highest, capacity)
  }

  #growEntries(entry: number): void {
    const capacity = roomFor(this.#roots.length, entry + 1)
    this.#roots = grownInt32(this.#roots, capacity)
    this.#sizes = grownInt32(this.#sizes, capacity)
  }
}

/** Mixes the bits of a node's number: trees are as balanced as if their nodes had come in random order, and the same on every machine. */
function priority(node: number): number {
  let mixed = Math.imul(node ^ (node >>> 16), 0x45d9f3b)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
