import { backOffMs } from '@sheetflow/core/back-off'

/** So many calls may fail one after the other until nobody counts on the function any more. */
const TRIES = 5
/** One that is down is tried so often, with one row. */
const PROBE_EVERY_MS = 5_000
const PAUSES = { firstMs: 100, mostMs: PROBE_EVERY_MS }

/**
 * When a function may be called next, and with how many rows.
 *
 *     up ──fails──▶ up, after 0.1 s, 0.2 s, 0.4 s, 0.8 s, each time with half as many rows ──fails──▶ down: one row every 5 s
 *      ▲                                                                                                │
 *      └───────────────────────────────────────────── answers ──────────────────────────────────────────┘
 */
export class CallPace {
  #failures = 0
  #nextMs = 0

  get isUp(): boolean {
    return this.#failures < TRIES
  }

  /** Rows of the next call, where `most` are the most that there may be. */
  size(most: number): number {
    return this.isUp ? Math.max(1, most >> this.#failures) : 1
  }

  /** So long from now until the next call. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#nextMs - nowMs)
  }

  failed(nowMs: number): void {
    this.#failures += 1
    this.#nextMs = nowMs + (this.isUp ? backOffMs(PAUSES, this.#failures) : PROBE_EVERY_MS)
  }

  answered(): void {
    this.#failures = 0
    this.#nextMs = 0
  }
}
