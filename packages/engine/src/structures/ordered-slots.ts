/** Slots of a chunk; beyond it a chunk is halved. */
const CHUNK = 512

/**
 * Slots in the order of `compare`, which must be total (ties broken by key). Sorted chunks: adding and removing cost a binary search and the
 * move of at most one chunk, so a group of a million rows is as well served as one of three.
 *
 * `compare` reads the cells of the slots as they were when they were added: a slot whose cells change is removed *before* (by position:
 * `remove` is given a comparison of its own) and added again.
 */
export class OrderedSlots {
  readonly #chunks: number[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** −1: empty. */
  first(): number {
    return this.#chunks[0]?.[0] ?? -1
  }

  last(): number {
    return this.#chunks.at(-1)?.at(-1) ?? -1
  }

  /** `compare(slot)`: where a slot of the set stands to the one to be added; never 0. */
  add(slot: number, compare: (other: number) => number): void {
    this.#size += 1
    const at = this.#chunkOf(compare)
    const chunk = this.#chunks[at]
    if (chunk === undefined) {
      this.#chunks.push([slot])
      return
    }
    chunk.splice(lowerBound(chunk, compare), 0, slot)
    if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2))
  }

  /** `compare(other)`: where `other` stands to the slot to be removed, 0 for itself. False if it is not there. */
  remove(slot: number, compare: (other: number) => number): boolean {
    const at = this.#chunkOf(compare)
    const chunk = this.#chunks[at]
    if (chunk === undefined) return false
    const index = lowerBound(chunk, compare)
    if (chunk[index] !== slot) return false
    chunk.splice(index, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
    this.#size -= 1
    return true
  }

  *[Symbol.iterator](): Generator<number> {
    for (const chunk of this.#chunks) yield* chunk
  }

  /** The first chunk whose last slot is not before the place; the last chunk if all are before. */
  #chunkOf(compare: (other: number) => number): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      const last = this.#chunks[middle]?.at(-1)
      if (last !== undefined && compare(last) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The first place whose slot is not before. */
function lowerBound(chunk: readonly number[], compare: (other: number) => number): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(chunk[middle] as number) < 0) low = middle + 1
    else high = middle
  }
  return low
}
