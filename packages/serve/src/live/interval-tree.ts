import type { SortKey } from './sort-key.ts'

/** One interval of the tree; `high` null = no upper bound. Returned by `insert`, given to `remove`. */
export interface IntervalNode<T> {
  readonly low: SortKey
  readonly high: SortKey | null
  readonly item: T
}

/**
 * Closed intervals over one kind of key, asked for those that contain a point: O(log n + found).
 *
 * A treap ordered by the lower bound, each node knowing the greatest upper bound below it. Priorities come from a counter through an integer
 * hash, so the same insertions give the same tree.
 */
export class IntervalTree<T> {
  #root: Node<T> | null = null
  #sequence = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  insert(low: SortKey, high: SortKey | null, item: T): IntervalNode<T> {
    this.#sequence += 1
    const node = new Node(low, high, item, this.#sequence)
    this.#root = insertNode(this.#root, node)
    this.#size += 1
    return node
  }

  /** The node must be one that `insert` of this tree returned and that is still in it. */
  remove(node: IntervalNode<T>): void {
    this.#root = removeNode(this.#root, node as Node<T>)
    this.#size -= 1
  }

  /** Calls `visit` once for each interval that contains `point`. */
  stab(point: SortKey, visit: (item: T) => void): void {
    if (this.#root !== null) stab(this.#root, point, visit)
  }
}

class Node<T> implements IntervalNode<T> {
  readonly low: SortKey
  readonly high: SortKey | null
  readonly item: T
  readonly sequence: number
  readonly priority: number
  /** The greatest `high` of this node and all below it. */
  maxHigh: SortKey | null
  left: Node<T> | null = null
  right: Node<T> | null = null

  constructor(low: SortKey, high: SortKey | null, item: T, sequence: number) {
    this.low = low
    this.high = high
    this.item = item
    this.sequence = sequence
    this.priority = scramble(sequence)
    this.maxHigh = high
  }
}

function stab<T>(start: Node<T>, point: SortKey, visit: (item: T) => void): void {
  let node: Node<T> | null = start
  while (node !== null) {
    if (node.maxHigh !== null && node.maxHigh < point) return
    if (node.left !== null) stab(node.left, point, visit)
    if (node.low > point) return
    if (node.high === null || node.high >= point) visit(node.item)
    node = node.right
  }
}

function insertNode<T>(tree: Node<T> | null, node: Node<T>): Node<T> {
  if (tree === null) return node
  if (node.priority > tree.priority) {
    const [left, right] = split(tree, node)
    node.left = left
    node.right = right
    return updated(node)
  }
  if (isBefore(node, tree)) tree.left = insertNode(tree.left, node)
  else tree.right = insertNode(tree.right, node)
  return updated(tree)
}

function removeNode<T>(tree: Node<T> | null, node: Node<T>): Node<T> | null {
  if (tree === null) return null
  if (tree === node) return merge(tree.left, tree.right)
  if (isBefore(node, tree)) tree.left = removeNode(tree.left, node)
  else tree.right = removeNode(tree.right, node)
  return updated(tree)
}

function split<T>(tree: Node<T> | null, at: Node<T>): [left: Node<T> | null, right: Node<T> | null] {
  if (tree === null) return [null, null]
  if (isBefore(tree, at)) {
    const [left, right] = split(tree.right, at)
    tree.right = left
    return [updated(tree), right]
  }
  const [left, right] = split(tree.left, at)
  tree.left = right
  return [left, updated(tree)]
}

function merge<T>(left: Node<T> | null, right: Node<T> | null): Node<T> | null {
  if (left === null) return right
  if (right === null) return left
  if (left.priority > right.priority) {
    left.right = merge(left.right, right)
    return updated(left)
  }
  right.left = merge(left, right.left)
  return updated(right)
}

function updated<T>(node: Node<T>): Node<T> {
  node.maxHigh = greater(greater(node.high, node.left), node.right)
  return node
}

function greater<T>(high: SortKey | null, below: Node<T> | null): SortKey | null {
  if (high === null || below === null) return high
  return below.maxHigh === null || below.maxHigh > high ? below.maxHigh : high
}

function isBefore<T>(a: Node<T>, b: Node<T>): boolean {
  return a.low < b.low || (a.low === b.low && a.sequence < b.sequence)
}

/** A 32-bit integer hash (Mueller): neighbours in, chaos out. */
function scramble(n: number): number {
  let x = Math.imul((n >>> 16) ^ n, 0x45d9f3b)
  x = Math.imul((x >>> 16) ^ x, 0x45d9f3b)
  return ((x >>> 16) ^ x) >>> 0
}
