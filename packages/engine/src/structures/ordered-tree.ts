import { grownInt32, roomFor } from '../state/lane.ts'
import { TreeNodes, WIDTH } from './tree-nodes.ts'

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
 * Slots in order, one B+tree for each entry of an index, all in the same memory: no object per row or group. Every node knows how many
 * slots are below it, and whatever `sums` keep: so a position, a rank and the sum of a range cost O(log n).
 *
 * A slot stands by its number (`order-number.ts`), which lies in the node itself, so that searching seldom reads cells; among slots of one
 * number `beside` decides, which must be total. It reads cells as they were when the slots were added (see `ColumnMeasure` on steps).
 */
export class OrderedTree {
  readonly #sums: NodeSums[] = []
  readonly #nodes = new TreeNodes()
  #roots: Int32Array<ArrayBuffer> = new Int32Array(64)
  // The slot that is being added or removed.
  #slot = 0
  #number = 0
  #beside: Beside = () => 0
  /** Where in its leaf the slot stands that was looked for by its position. */
  #inLeaf = 0

  /** Of its nodes, without what `sums` keep. */
  get bytes(): number {
    return this.#nodes.bytes + this.#roots.byteLength
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
    const root = this.#root(entry)
    return root === 0 ? 0 : this.#nodes.count(root)
  }

  /** `beside` is never 0. */
  add(entry: number, slot: number, number: number, beside: Beside): void {
    this.#begin(slot, number, beside)
    if (entry >= this.#roots.length) this.#roots = grownInt32(this.#roots, roomFor(this.#roots.length, entry + 1))
    const root = this.#roots[entry] === 0 ? this.#nodes.create(0) : (this.#roots[entry] as number)
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
    const nodes = this.#nodes
    let node = this.#root(entry)
    let rank = 0
    while (node !== 0) {
      const at = this.#firstBehind(node, equal)
      if (nodes.level(node) === 0) return rank + at
      // The last child that begins before the place: all children before it stand before it as a whole.
      for (let i = 0; i < at - 1; i++) rank += nodes.count(nodes.ref(node, i))
      node = at === 0 ? 0 : nodes.ref(node, at - 1)
    }
    return rank
  }

  /** The slot at a position, −1: there is none. */
  at(entry: number, position: number): number {
    const leaf = this.#leaf(entry, position)
    return leaf === 0 ? -1 : this.#nodes.ref(leaf, this.#inLeaf)
  }

  /** The number of the slot at a position; −∞ before the first, ∞ behind the last. */
  numberAt(entry: number, position: number): number {
    if (position < 0) return Number.NEGATIVE_INFINITY
    const leaf = this.#leaf(entry, position)
    return leaf === 0 ? Number.POSITIVE_INFINITY : this.#nodes.number(leaf, this.#inLeaf)
  }

  /** Is the slot at a position, which there is, the first of its number? */
  beginsNumber(entry: number, position: number): boolean {
    const leaf = this.#leaf(entry, position)
    const at = this.#inLeaf
    const number = this.#nodes.number(leaf, at)
    return (at > 0 ? this.#nodes.number(leaf, at - 1) : this.numberAt(entry, position - 1)) < number
  }

  /** Calls `each` with the slots from position `from` up to `to`, which is left out. */
  walk(entry: number, from: number, to: number, each: (slot: number) => void): void {
    const root = this.#root(entry)
    if (root !== 0 && from < to) this.#walkBelow(root, from, to, each)
  }

  /** The first `position` slots, as whole nodes and what is left of a leaf. */
  prefix(entry: number, position: number, whole: (node: number) => void, single: (slot: number) => void): void {
    const nodes = this.#nodes
    let node = this.#root(entry)
    let left = position
    while (node !== 0 && left > 0) {
      if (left >= nodes.count(node)) {
        whole(node)
        return
      }
      if (nodes.level(node) === 0) {
        for (let at = 0; at < left; at++) single(nodes.ref(node, at))
        return
      }
      let child = nodes.ref(node, 0)
      for (let at = 1; left >= nodes.count(child); at++) {
        whole(child)
        left -= nodes.count(child)
        child = nodes.ref(node, at)
      }
      node = child
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
    const nodes = this.#nodes
    nodes.warm(node)
    nodes.addCount(node, 1)
    for (const sums of this.#sums) sums.enter(node, this.#slot)
    const at = this.#firstBehind(node, false)
    if (nodes.level(node) === 0) return this.#put(node, at, this.#slot, this.#number)
    const place = Math.max(0, at - 1)
    const child = nodes.ref(node, place)
    const split = this.#addBelow(child)
    nodes.setNumber(node, place, nodes.number(child, 0))
    return split === 0 ? 0 : this.#put(node, Math.max(1, at), split, nodes.number(split, 0))
  }

  /** Puts a ref into a node; a full node is split: appending leaves it nearly full, as times and ids come in order. */
  #put(node: number, at: number, ref: number, number: number): number {
    const nodes = this.#nodes
    nodes.insert(node, at, ref, number)
    const length = nodes.length(node)
    if (length < WIDTH) return 0
    return this.#split(node, at === length - 1 ? WIDTH - 1 : WIDTH / 2)
  }

  #split(node: number, keep: number): number {
    const nodes = this.#nodes
    const level = nodes.level(node)
    const other = nodes.create(level)
    nodes.move(node, keep, other)
    for (let i = 0; i < nodes.length(other); i++) {
      const ref = nodes.ref(other, i)
      nodes.addCount(other, level === 0 ? 1 : nodes.count(ref))
      for (const sums of this.#sums) {
        if (level === 0) sums.move(ref, node, other)
        else {
          sums.join(other, ref, 1)
          sums.join(node, ref, -1)
        }
      }
    }
    nodes.addCount(node, -nodes.count(other))
    return other
  }

  /** A new root above two nodes. */
  #above(left: number, right: number): number {
    const nodes = this.#nodes
    const root = nodes.create(nodes.level(left) + 1)
    for (const [i, child] of [left, right].entries()) {
      nodes.insert(root, i, child, nodes.number(child, 0))
      nodes.addCount(root, nodes.count(child))
      for (const sums of this.#sums) sums.join(root, child, 1)
    }
    return root
  }

  #removeBelow(node: number): boolean {
    const nodes = this.#nodes
    if (nodes.level(node) === 0) {
      const at = this.#firstBehind(node, false)
      if (at >= nodes.length(node) || nodes.ref(node, at) !== this.#slot) return false
      nodes.drop(node, at)
    } else {
      const at = this.#firstBehind(node, true) - 1
      if (at < 0) return false
      const child = nodes.ref(node, at)
      if (!this.#removeBelow(child)) return false
      this.#tidy(node, at, child)
    }
    nodes.addCount(node, -1)
    for (const sums of this.#sums) sums.leave(node, this.#slot)
    return true
  }

  /** A child that lost a slot is freed if it is empty, and joined with a neighbour if both are small. */
  #tidy(node: number, at: number, child: number): void {
    const nodes = this.#nodes
    const length = nodes.length(child)
    if (length === 0) {
      nodes.drop(node, at)
      this.#release(child)
      return
    }
    nodes.setNumber(node, at, nodes.number(child, 0))
    if (length > WIDTH / 4) return
    for (const left of [at, at - 1]) {
      if (left < 0 || left + 1 >= nodes.length(node)) continue
      const a = nodes.ref(node, left)
      const b = nodes.ref(node, left + 1)
      if (nodes.length(a) + nodes.length(b) > WIDTH / 2) continue
      this.#merge(a, b)
      nodes.drop(node, left + 1)
      return
    }
  }

  /** All of `b` goes to the end of `a`. */
  #merge(a: number, b: number): void {
    const nodes = this.#nodes
    nodes.move(b, 0, a)
    nodes.addCount(a, nodes.count(b))
    for (const sums of this.#sums) sums.join(a, b, 1)
    this.#release(b)
  }

  /** The root without levels of one child; 0 if nothing is left. */
  #shrunk(root: number): number {
    const nodes = this.#nodes
    let node = root
    while (nodes.level(node) !== 0 && nodes.length(node) === 1) {
      const child = nodes.ref(node, 0)
      this.#release(node)
      node = child
    }
    if (nodes.count(node) !== 0) return node
    this.#release(node)
    return 0
  }

  /** The first place in the node whose slot (of nodes: their first) does not stand before the place at hand; with `equal`: nor at it. */
  #firstBehind(node: number, equal: boolean): number {
    const nodes = this.#nodes
    const number = this.#number
    let low = 0
    let high = nodes.length(node)
    while (low < high) {
      const middle = (low + high) >> 1
      const other = nodes.number(node, middle)
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
    let ref = this.#nodes.ref(node, at)
    for (let level = this.#nodes.level(node); level > 0; level--) ref = this.#nodes.ref(ref, 0)
    return ref
  }

  /** The leaf that has the slot at a position, whose place in it is `#inLeaf` then; 0: there is no such position. */
  #leaf(entry: number, position: number): number {
    const nodes = this.#nodes
    let node = this.#root(entry)
    if (node === 0 || position < 0 || position >= nodes.count(node)) return 0
    let left = position
    while (nodes.level(node) !== 0) {
      // Each count is a walk to memory: children are looked through from the end that is closer.
      let behind = nodes.count(node) - left
      let child: number
      if (left < behind) {
        let at = 0
        for (child = nodes.ref(node, 0); left >= nodes.count(child); child = nodes.ref(node, ++at)) left -= nodes.count(child)
      } else {
        let at = nodes.length(node) - 1
        for (child = nodes.ref(node, at); behind > nodes.count(child); child = nodes.ref(node, --at)) behind -= nodes.count(child)
        left = nodes.count(child) - behind
      }
      node = child
    }
    this.#inLeaf = left
    return node
  }

  #walkBelow(node: number, from: number, to: number, each: (slot: number) => void): void {
    const nodes = this.#nodes
    const length = nodes.length(node)
    if (nodes.level(node) === 0) {
      for (let i = Math.max(0, from); i < Math.min(length, to); i++) each(nodes.ref(node, i))
      return
    }
    let start = 0
    for (let i = 0; i < length && start < to; i++) {
      const child = nodes.ref(node, i)
      const end = start + nodes.count(child)
      if (end > from) this.#walkBelow(child, from - start, to - start, each)
      start = end
    }
  }

  #release(node: number): void {
    this.#nodes.release(node)
    for (const sums of this.#sums) sums.forget(node)
  }
}
