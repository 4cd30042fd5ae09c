import type { Clock } from '@sheetflow/core/ports/host'

interface Sleeper {
  readonly untilMs: number
  readonly wake: () => void
}

/** A clock that goes on when a test says so. */
export class HandClock implements Clock {
  #nowMs = 0
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper = { untilMs: this.#nowMs + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper)
        resolve()
      })
    })
  }

  /** When the next one wakes; null: nobody sleeps. */
  get nextMs(): number | null {
    return this.#sleepers.length === 0 ? null : Math.min(...this.#sleepers.map((one) => one.untilMs))
  }

  advance(ms: number): void {
    this.#nowMs += ms
    const due = this.#sleepers.filter((one) => one.untilMs <= this.#nowMs)
    this.#sleepers = this.#sleepers.filter((one) => one.untilMs > this.#nowMs)
    for (const one of due) one.wake()
  }
}
