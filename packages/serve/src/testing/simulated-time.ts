import type { Clock } from '@sheetflow/core/ports/host'

/** A clock that a simulation moves: sleepers wake when it is their time. */
export class SimulatedClock implements Clock {
  #now = 0
  #sleepers: { readonly at: number; readonly wake: () => void }[] = []

  now(): number {
    return this.#now
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve })
    })
  }

  advance(ms: number): void {
    this.#now += ms
    const due = this.#sleepers.filter(({ at }) => at <= this.#now)
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now)
    for (const { wake } of due) wake()
  }
}

/** Work that a simulation lets go on when it likes. */
export class Pending {
  readonly #waiting: (() => void)[] = []

  get size(): number {
    return this.#waiting.length
  }

  /** Resolves with what `work` gives at the moment at which it is let go. */
  async run<T>(work: () => T): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
    })
    return work()
  }

  /** Lets the `n`-th go. */
  release(n: number): void {
    const [work] = this.#waiting.splice(n, 1)
    work?.()
  }
}
