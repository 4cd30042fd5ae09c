/** Why the publications of a graph wait on the way to a connection: a window that is refilled, a reset that waits for the store. */
export interface Gate {
  readonly offset: number
}

/** How much may wait for one connection, and what happens when it is more. */
export interface DeliveryBound {
  /** Of pushes. */
  readonly chars: number
  /** Of replies: the reader asked for them. */
  readonly replyChars: number
  readonly exceeded: () => void
}

/**
 * What one connection gets of one graph, in offset order, all of one offset together.
 *
 * While a channel of the connection waits (a gate), everything of the graph waits with it, so that a page never shows one list of a moment
 * without the others of that moment (law 6). When the last gate is lifted, what was held goes out in offset order, in one frame.
 */
export class Delivery {
  readonly #send: (text: string) => void
  readonly #bound: DeliveryBound
  readonly #gates = new Set<Gate>()
  #held: { readonly offset: number; readonly text: string }[] = []
  #heldChars = 0
  #heldReplyChars = 0

  /** `send` takes one reply or push of the protocol; it is called in the order in which they shall arrive. */
  constructor(send: (text: string) => void, bound: DeliveryBound) {
    this.#send = send
    this.#bound = bound
  }

  /** A push. */
  put(offset: number, text: string): void {
    if (this.#gates.size === 0) {
      this.#send(text)
      return
    }
    this.#held.push({ offset, text })
    this.#heldChars += text.length
    if (this.#heldChars > this.#bound.chars) this.#bound.exceeded()
  }

  /** The reply to a subscribe command, as of `offset`. */
  answer(offset: number, text: string): void {
    if (this.#gates.size === 0) {
      this.#send(text)
      return
    }
    this.#held.push({ offset, text })
    this.#heldReplyChars += text.length
    if (this.#heldReplyChars > this.#bound.replyChars) this.#bound.exceeded()
  }

  hold(gate: Gate): void {
    this.#gates.add(gate)
  }

  release(gate: Gate): void {
    if (!this.#gates.delete(gate) || this.#gates.size > 0) return
    const held = this.#held.toSorted((a, b) => a.offset - b.offset)
    this.#held = []
    this.#heldChars = 0
    this.#heldReplyChars = 0
    for (const { text } of held) this.#send(text)
  }
}
