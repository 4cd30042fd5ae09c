/** Wakes one sleeper; rings while it is awake are remembered as one. */
export class Bell {
  #wake: (() => void) | null = null
  #rung = false

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Resolves at the next ring, or at once if it rang since the last one was heard. */
  async next(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#rung = false
    this.#wake = null
  }
}
