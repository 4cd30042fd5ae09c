import type { Clock } from '@sheetflow/core/ports/host'

/** Numbers in [0, 1) from a seed (mulberry32): a run is repeated by its seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

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
