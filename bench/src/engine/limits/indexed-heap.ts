/** A heap of slots by a value of each, least first, which knows where each slot stands: any slot can be moved or taken out. */
export class IndexedHeap {
  readonly #values: Float64Array
  /** 1: least first; -1: greatest first. */
  readonly #sign: number
  readonly #heap: Int32Array
  readonly #places: Int32Array
  #size = 0

  constructor(values: Float64Array, sign: 1 | -1) {
    this.#values = values
    this.#sign = sign
    this.#heap = new Int32Array(values.length)
    this.#places = new Int32Array(values.length).fill(-1)
  }

  get size(): number {
    return this.#size
  }

  /** The first slot; -1: there is none. */
  get first(): number {
    return this.#size === 0 ? -1 : (this.#heap[0] ?? -1)
  }

  has(slot: number): boolean {
    return this.#places[slot] !== -1
  }

  add(slot: number): void {
    this.#put(slot, this.#size)
    this.#size += 1
    this.#up(this.#size - 1)
  }

  remove(slot: number): void {
    const place = this.#places[slot] ?? -1
    this.#size -= 1
    const last = this.#heap[this.#size] ?? -1
    this.#places[slot] = -1
    if (last === slot) return
    this.#put(last, place)
    this.moved(last)
  }

  /** The slot's value has changed. */
  moved(slot: number): void {
    this.#up(this.#places[slot] ?? 0)
    this.#down(this.#places[slot] ?? 0)
  }

  #up(from: number): void {
    const slot = this.#heap[from] ?? 0
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      const other = this.#heap[parent] ?? 0
      if (!this.#isBefore(slot, other)) break
      this.#put(other, place)
      place = parent
    }
    this.#put(slot, place)
  }

  #down(from: number): void {
    const slot = this.#heap[from] ?? 0
    let place = from
    for (let child = 2 * place + 1; child < this.#size; child = 2 * place + 1) {
      if (child + 1 < this.#size && this.#isBefore(this.#heap[child + 1] ?? 0, this.#heap[child] ?? 0)) child += 1
      const other = this.#heap[child] ?? 0
      if (!this.#isBefore(other, slot)) break
      this.#put(other, place)
      place = child
    }
    this.#put(slot, place)
  }

  #isBefore(a: number, b: number): boolean {
    return this.#sign * ((this.#values[a] ?? 0) - (this.#values[b] ?? 0)) < 0
  }

  #put(slot: number, place: number): void {
    this.#heap[place] = slot
    this.#places[slot] = place
  }
}
