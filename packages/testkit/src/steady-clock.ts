interface Call {
  readonly at: number
  readonly call: () => void
}

/**
 * A clock that goes on by small steps while somebody waits for it, each when what the last one called has had its turn. So it stands still when the machine does: what
 * has to come within a time comes within it, however late it is by other clocks, and what waits for the time to pass needs no waiting.
 */
export class SteadyClock {
  readonly #stepMs: number
  readonly #turn: () => Promise<unknown>
  readonly #calls = new Set<Call>()
  #now = 0
  #isGoing = false
  #isStopped = false

  /** `turn` resolves when what was called can have done its work: a turn of the event loop, or an answer of the server that is asked. */
  constructor(stepMs: number, turn: () => Promise<unknown>) {
    this.#stepMs = stepMs
    this.#turn = turn
  }

  /** Milliseconds since it was made. */
  now(): number {
    return this.#now
  }

  /** Calls once when so much time has passed. Returns what prevents it. */
  after(ms: number, call: () => void): () => void {
    const one = { at: this.#now + ms, call }
    this.#calls.add(one)
    if (!this.#isGoing) void this.#go()
    return () => void this.#calls.delete(one)
  }

  /** Nothing is called any more, and no turn is asked for. */
  stop(): void {
    this.#isStopped = true
    this.#calls.clear()
  }

  async #go(): Promise<void> {
    this.#isGoing = true
    while (this.#calls.size > 0) {
      await this.#turn().catch((error: unknown) => {
        if (!this.#isStopped) throw error
      })
      this.#now += this.#stepMs
      const due = [...this.#calls].filter(({ at }) => at <= this.#now).toSorted((a, b) => a.at - b.at)
      for (const one of due) if (this.#calls.delete(one)) one.call()
    }
    this.#isGoing = false
  }
}
