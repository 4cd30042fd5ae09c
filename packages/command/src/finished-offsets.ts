/** Up to which offset of an inbox everything is finished, when things end in any order. */
export class FinishedOffsets {
  #seen: number
  readonly #open = new Set<number>()

  /** `finished`: what is known to be finished already. */
  constructor(finished: number) {
    this.#seen = finished
  }

  /** The message at this offset has been read; offsets come in order. */
  begin(offset: number): void {
    this.#seen = offset
    this.#open.add(offset)
  }

  end(offset: number): void {
    this.#open.delete(offset)
  }

  /** Every message up to this offset is finished. */
  get upTo(): number {
    // A set keeps the order of insertion, which is that of the offsets.
    const [oldest] = this.#open
    return oldest === undefined ? this.#seen : oldest - 1
  }
}
