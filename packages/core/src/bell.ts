/**
 * Lets some wait until another has something for them. A ring wakes all who wait; one that nobody waits for is remembered, however many there were, so whoever looks first
 * and waits then sleeps through none. Who is woken looks again: a ring says that there may be something.
 */
export class Bell {
  #waiting: (() => void)[] = []
  #rung = false

  ring(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#rung = waiting.length === 0
    for (const wake of waiting) wake()
  }

  /** Resolves at the next ring, or at once if it rang since the last one was heard. */
  next(): Promise<void> {
    if (!this.#rung) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#rung = false
    return Promise.resolve()
  }
}
