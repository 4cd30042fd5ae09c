import { backOffMs } from '@sheetflow/core/back-off'

const PAUSES = { firstMs: 200, mostMs: 10_000 }

/** Pauses between restarts: 0.2 s doubling to 10 s, each ±20 % so that roles do not march in step. Starts over after a minute of health. */
export class BackOff {
  #failures = 0
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Milliseconds to wait before the next try. `atOnce`: the first try may come without a pause. */
  next(atOnce = false): number {
    this.#failures += 1
    return atOnce && this.#failures === 1 ? 0 : Math.round(backOffMs(PAUSES, this.#failures) * (0.8 + 0.4 * this.#random()))
  }

  reset(): void {
    this.#failures = 0
  }
}
