import type { InboxMessageAt, InboxPlace } from '@sheetflow/core/position'

/** Up to where an inbox is finished, when things end in any order. */
export class FinishedOffsets {
  #seen: InboxPlace
  /** Offset of what is not finished → the place before it. */
  readonly #open = new Map<number, InboxPlace>()

  /** `finished`: what is known to be finished already. */
  constructor(finished: InboxPlace) {
    this.#seen = finished
  }

  /** The message at this offset has been read; offsets come in order. */
  begin(offset: number, at: InboxMessageAt): void {
    this.#open.set(offset, this.#seen)
    this.#seen = { offset, at }
  }

  end(offset: number): void {
    this.#open.delete(offset)
  }

  /** Every message up to here is finished. */
  get upTo(): InboxPlace {
    // A map keeps the order of insertion, which is that of the offsets.
    const [oldest] = this.#open.values()
    return oldest ?? this.#seen
  }
}
