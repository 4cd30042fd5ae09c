import { grownFloat64, grownInt32, grownUint8, roomFor } from '../state/lane.ts'

/** Entries of a node; a full one is split. */
const WIDTH = 16

/** What is known of every node of a tree beside its number of slots: a group, so that it is moved by adding and taking away. */
export interface NodeSums {
  /** The slot, as it is now, has come below the node. */
  enter(node: number, slot: number): void
  /** The slot, as it was before the step, has gone from below the node. */
  leave(node: number, slot: number): void
  /** The slot, as it is now, moves between leaves. */
  move(slot: number, from: number, to: number): void
  /** What is below `other` is below `node` too (`sign` 1), or no more (−1). */
  join(node: number, other: number, sign: 1 | -1): void
  forget(node: number): void
}

/** Where a slot stands to a place: below 0 before it, above 0 behind. Only asked of slots whose number is the place's. */
export type Beside = (slot: number) => number

/**
 * Slots in order, one B+tree for each entry of an index, all in the same typed arrays: no object per row or group. Every node knows how many
 * slots are below it, and whatever `sums` keep: so a position, a rank and the sum of a range cost O(log n).
 *
 * A slot stands by its number (`order-number.ts`), which lies in the node itself, so that searching seldom reads cells; among slots of one
 * number `beside` decides, which must be total. It reads cells as they were when the slots were added (see `ColumnMeasure` on steps).
 */
export class OrderedTree {
  readonly #sums: NodeSums[] = []
  readonly #free: number[] = []
  #roots: Int32Array<ArrayBuffer> = new Int32Array(64)
  /** 0: the refs of the node are slots; else they are nodes of a lower level. Node 0 is none. */
  #levels: Uint8Array<ArrayBuffer> = new Uint8Array(64)
  #lengths: Uint8Array<ArrayBuffer> = new Uint8Array(64)
  #counts: Int32Array<ArrayBuffer> = new Int32Array(64)
  #refs: Int32Array<ArrayBuffer> = new Int32Array(64 * WIDTH)
  /** Of slots theirs, of nodes that of their first slot. */
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(64 * WIDTH)
  #nodes = 1
  // The slot that is being added or removed.
  #slot = 0
  #number = 0
  #beside: Beside = () => 0

  /** Of its nodes, without what `sums` keep. */
  get bytes(): number {
    const { byteLength } = this.#refs
    return byteLength + this.#numbers.byteLength + this.#counts.byteLength + this.#roots.byteLength + 2 * this.#levels.byteLength
  }

  /** Must be said before the first slot. */
  keep(sums: NodeSums): void {
    this.#sums.push(sums)
  }

  /** What it keeps is kept no more. */
  drop(sums: NodeSums): void {
    this.#sums.splice(this.#sums.indexOf(sums), 1)
  }

  size(entry: number): number {
    return this.#counts[this.#root(entry)] as number
  }

  /** `beside` is never 0. */
  add(entry: number, slot: number, number: number, beside: Beside): void {
    this.#begin(slot, number, beside)
    if (entry >= this.#roots.length) this.#roots = grownInt32(this.#roots, roomFor(this.#roots.length, entry + 1))
    const root = this.#roots[entry] === 0 ? this.#create(0) : (this.#roots[entry] as number)
    const split = this.#addBelow(root)
    this.#roots[entry] = split === 0 ? root : this.#above(root, split)
  }

  /** `beside` is 0 for the slot itself. False: it is not there. */
  remove(entry: number, slot: number, number: number, beside: Beside): boolean {
    const root = this.#root(entry)
    this.#begin(slot, number, beside)
    if (root === 0 || !this.#removeBelow(root)) return false
    this.#roots[entry] = this.#shrunk(root)
    return true
  }

  /** How many slots stand before a place: those of a smaller number, and of its number those before it by `beside`; with `equal` also those at it. */
  rank(entry: number, number: number, beside: Beside, equal: boolean): number {
    this.#number = number
    this.#beside = beside
    let node = this.#root(entry)
    let rank = 0
    while (node !== 0) {
      const at = this.#firstBehind(node, equal)
      if (this.#levels[node] === 0) return rank + at
      // The last child that begins before the place: all children before it stand before it as a whole.
      for (let i = node * WIDTH; i < node * WIDTH + at - 1; i++) rank += this.#counts[this.#refs[i] as number] as number
      node = at === 0 ? 0 : (this.#refs[node * WIDTH + at - 1] as number)
    }
    return rank
  }

  /** The slot at a position, −1: there is none. */
  at(entry: number, position: number): number {
    const place = this.#place(entry, position)
    return place < 0 ? -1 : (this.#refs[place] as number)
  }

  /** The number of the slot at a position; −∞ before the first, ∞ behind the last. */
  numberAt(entry: number, position: number): number {
    if (position < 0) return Number.NEGATIVE_INFINITY
    const place = this.#place(entry, position)
    return place < 0 ? Number.POSITIVE_INFINITY : (this.#numbers[place] as number)
  }

  /** Calls `each` with the slots from position `from` up to `to`, which is left out. */
  walk(entry: number, from: number, to: number, each: (slot: number) => void): void {
    if (from < to) this.#walkBelow(this.#root(entry), from, to, each)
  }

  /** The first `position` slots, as whole nodes and what is left of a leaf. */
  prefix(entry: number, position: number, whole: (node: number) => void, single: (slot: number) => void): void {
    let node = this.#root(entry)
    let left = position
    while (node !== 0 && left > 0) {
      if (left >= (this.#counts[node] as number)) {
        whole(node)
        return
      }
      let at = node * WIDTH
      if (this.#levels[node] === 0) {
        for (const end = at + left; at < end; at++) single(this.#refs[at] as number)
        return
      }
      for (; left >= (this.#counts[this.#refs[at] as number] as number); at++) {
        whole(this.#refs[at] as number)
        left -= this.#counts[this.#refs[at] as number] as number
      }
      node = this.#refs[at] as number
    }
  }

  #begin(slot: number, number: number, beside: Beside): void {
    this.#slot = slot
    this.#number = number
    this.#beside = beside
  }

  #root(entry: number): number {
    // No group (−1) has no slots.
    return entry >= 0 && entry < this.#roots.length ? (this.#roots[entry] as number) : 0
  }

  /** Adds the slot at hand below the node. The answer is the node that was split off behind it, or 0. */
  #addBelow(node: number): number {
    this.#counts[node] = (this.#counts[node] as number) + 1
    for (const sums of this.#sums) sums.enter(node, this.#slot)
    const at = this.#firstBehind(node, false)
    if (this.#levels[node] === 0) return this.#put(node, at, this.#slot, this.#number)
    const place = node * WIDTH + Math.max(0, at - 1)
    const child = this.#refs[place] as number
    const split = this.#addBelow(child)
    this.#numbers[place] = this.#numbers[child * WIDTH] as number
    return split === 0 ? 0 : this.#put(node, Math.max(1, at), split, this.#numbers[split * WIDTH] as number)
  }

  /** Puts a ref into a node; a full node is split: appending leaves it nearly full, as times and ids come in order. */
  #put(node: number, at: number, ref: number, number: number): number {
    const base = node * WIDTH
    const length = this.#lengths[node] as number
    // So few are moved by hand sooner than by `copyWithin`.
    for (let i = base + length; i > base + at; i--) {
      this.#refs[i] = this.#refs[i - 1] as number
      this.#numbers[i] = this.#numbers[i - 1] as number
    }
    this.#refs[base + at] = ref
    this.#numbers[base + at] = number
    this.#lengths[node] = length + 1
    if (length + 1 < WIDTH) return 0
    return this.#split(node, at === length ? WIDTH - 1 : WIDTH / 2)
  }

  #split(node: number, keep: number): number {
    const level = this.#levels[node] as number
    const other = this.#create(level)
    const moved = (this.#lengths[node] as number) - keep
    const from = node * WIDTH + keep
    this.#refs.copyWithin(other * WIDTH, from, from + moved)
    this.#numbers.copyWithin(other * WIDTH, from, from + moved)
    this.#lengths[node] = keep
    this.#lengths[other] = moved
    for (let i = 0; i < moved; i++) {
      const ref = this.#refs[other * WIDTH + i] as number
      const count = level === 0 ? 1 : (this.#counts[ref] as number)
      this.#counts[other] = (this.#counts[other] as number) + count
      for (const sums of this.#sums) {
        if (level === 0) sums.move(ref, node, other)
        else {
          sums.join(other, ref, 1)
          sums.join(node, ref, -1)
        }
      }
    }
    this.#counts[node] = (this.#counts[node] as number) - (this.#counts[other] as number)
    return other
  }

  /** A new root above two nodes. */
  #above(left: number, right: number): number {
    const root = this.#create((this.#levels[left] as number) + 1)
    for (const [i, child] of [left, right].entries()) {
      this.#refs[root * WIDTH + i] = child
      this.#numbers[root * WIDTH + i] = this.#numbers[child * WIDTH] as number
      this.#counts[root] = (this.#counts[root] as number) + (this.#counts[child] as number)
      for (const sums of this.#sums) sums.join(root, child, 1)
    }
    this.#lengths[root] = 2
    return root
  }

  #removeBelow(node: number): boolean {
    if (this.#levels[node] === 0) {
      const at = this.#firstBehind(node, false)
      if (at >= (this.#lengths[node] as number) || this.#refs[node * WIDTH + at] !== this.#slot) return false
      this.#drop(node, at)
    } else {
      const at = this.#firstBehind(node, true) - 1
      if (at < 0) return false
      const child = this.#refs[node * WIDTH + at] as number
      if (!this.#removeBelow(child)) return false
      this.#tidy(node, at, child)
    }
    this.#counts[node] = (this.#counts[node] as number) - 1
    for (const sums of this.#sums) sums.leave(node, this.#slot)
    return true
  }

  /** A child that lost a slot is freed if it is empty, and joined with a neighbour if both are small. */
  #tidy(node: number, at: number, child: number): void {
    const length = this.#lengths[child] as number
    if (length === 0) {
      this.#drop(node, at)
      this.#release(child)
      return
    }
    this.#numbers[node * WIDTH + at] = this.#numbers[child * WIDTH] as number
    if (length > WIDTH / 4) return
    for (const left of [at, at - 1]) {
      if (left < 0 || left + 1 >= (this.#lengths[node] as number)) continue
      const a = this.#refs[node * WIDTH + left] as number
      const b = this.#refs[node * WIDTH + left + 1] as number
      if ((this.#lengths[a] as number) + (this.#lengths[b] as number) > WIDTH / 2) continue
      this.#merge(a, b)
      this.#drop(node, left + 1)
      return
    }
  }

  /** All of `b` goes to the end of `a`. */
  #merge(a: number, b: number): void {
    const [length, more] = [this.#lengths[a] as number, this.#lengths[b] as number]
    this.#refs.copyWithin(a * WIDTH + length, b * WIDTH, b * WIDTH + more)
    this.#numbers.copyWithin(a * WIDTH + length, b * WIDTH, b * WIDTH + more)
    this.#lengths[a] = length + more
    this.#counts[a] = (this.#counts[a] as number) + (this.#counts[b] as number)
    for (const sums of this.#sums) sums.join(a, b, 1)
    this.#release(b)
  }

  #drop(node: number, at: number): void {
    const base = node * WIDTH
    const length = this.#lengths[node] as number
    for (let i = base + at; i < base + length - 1; i++) {
      this.#refs[i] = this.#refs[i + 1] as number
      this.#numbers[i] = this.#numbers[i + 1] as number
    }
    this.#lengths[node] = length - 1
  }

  /** The root without levels of one child; 0 if nothing is left. */
  #shrunk(root: number): number {
    let node = root
    while (this.#levels[node] !== 0 && this.#lengths[node] === 1) {
      const child = this.#refs[node * WIDTH] as number
      this.#release(node)
      node = child
    }
    if (this.#counts[node] !== 0) return node
    this.#release(node)
    return 0
  }

  /** The first place in the node whose slot (of nodes: their first) does not stand before the place at hand; with `equal`: nor at it. */
  #firstBehind(node: number, equal: boolean): number {
    const base = node * WIDTH
    const number = this.#number
    let low = 0
    let high = this.#lengths[node] as number
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#numbers[base + middle] as number
      if (other < number || (other === number && this.#isBefore(this.#firstSlot(node, middle), equal))) low = middle + 1
      else high = middle
    }
    return low
  }

  #isBefore(slot: number, equal: boolean): boolean {
    const order = this.#beside(slot)
    return order < 0 || (equal && order === 0)
  }

  #firstSlot(node: number, at: number): number {
    let ref = this.#refs[node * WIDTH + at] as number
    for (let level = this.#levels[node] as number; level > 0; level--) ref = this.#refs[ref * WIDTH] as number
    return ref
  }

  /** Index of a position in `refs`, −1: there is no such position. */
  #place(entry: number, position: number): number {
    let node = this.#root(entry)
    let left = position
    if (node === 0 || left < 0 || left >= (this.#counts[node] as number)) return -1
    while (this.#levels[node] !== 0) {
      let at = node * WIDTH
      for (; left >= (this.#counts[this.#refs[at] as number] as number); at++) left -= this.#counts[this.#refs[at] as number] as number
      node = this.#refs[at] as number
    }
    return node * WIDTH + left
  }

  #walkBelow(node: number, from: number, to: number, each: (slot: number) => void): void {
    const base = node * WIDTH
    const length = this.#lengths[node] as number
    if (this.#levels[node] === 0) {
      for (let i = Math.max(0, from); i < Math.min(length, to); i++) each(this.#refs[base + i] as number)
      return
    }
    let start = 0
    for (let i = 0; i < length && start < to; i++) {
      const child = this.#refs[base + i] as number
      const end = start + (this.#counts[child] as number)
      if (end > from) this.#walkBelow(child, from - start, to - start, each)
      start = end
    }
  }

  #create(level: number): number {
    const node = this.#free.pop() ?? this.#nodes++
    if (node >= this.#levels.length) {
      const capacity = roomFor(this.#levels.length, node + 1)
      this.#levels = grownUint8(this.#levels, capacity)
      this.#lengths = grownUint8(this.#lengths, capacity)
      this.#counts = grownInt32(this.#counts, capacity)
      this.#refs = grownInt32(this.#refs, capacity * WIDTH)
      this.#numbers = grownFloat64(this.#numbers, capacity * WIDTH)
    }
    this.#levels[node] = level
    this.#lengths[node] = 0
    this.#counts[node] = 0
    return node
  }

  #release(node: number): void {
    this.#counts[node] = 0
    this.#free.push(node)
    for (const sums of this.#sums) sums.forget(node)
  }
}
