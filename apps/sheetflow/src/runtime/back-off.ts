/** Pauses between restarts: 0.2 s doubling to 10 s, each ±20 % so that roles do not march in step. Starts over after a minute of health. */
export class BackOff {
  #failures = 0
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Milliseconds to wait before the next try. `atOnce`: the first try may come without a pause. */
  next(atOnce = false): number {
    const base = Math.min(10_000, 200 * 2 ** this.#failures)
    this.#failures += 1
    return atOnce && this.#failures === 1 ? 0 : Math.round(base * (0.8 + 0.4 * this.#random()))
  }

  reset(): void {
    this.#failures = 0
  }
}
