import type { Clock } from '@sheetflow/core/ports/host'

/** Of the time to wait, so much may pass between two marks that are confirmed together. */
const BUCKETS = 50

interface Bucket {
  readonly openedAt: number
  /** The last mark that was stored, and when it is on disk. */
  mark: string
  dueAt: number
}

/**
 * Confirms marks to the source when they are on disk: at once where the bus waits for its disk itself, `afterMs` after they were stored where it does not
 * (`Bus.durableAfterMs`). What waits when the signal aborts is never confirmed: the source sends it again, and the stream knows it.
 */
export class LaggedConfirm {
  readonly #afterMs: number
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #confirm: (mark: string) => void
  readonly #buckets: Bucket[] = []
  #running = false

  constructor(afterMs: number, clock: Clock, signal: AbortSignal, confirm: (mark: string) => void) {
    this.#afterMs = afterMs
    this.#clock = clock
    this.#signal = signal
    this.#confirm = confirm
  }

  /** Everything up to this mark is stored. */
  stored(mark: string): void {
    if (this.#afterMs === 0) return this.#confirm(mark)
    const now = this.#clock.now()
    const dueAt = now + this.#afterMs
    const open = this.#buckets.at(-1)
    if (open !== undefined && now - open.openedAt < this.#afterMs / BUCKETS) Object.assign(open, { mark, dueAt })
    else this.#buckets.push({ openedAt: now, mark, dueAt })
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let next = this.#buckets[0]; next !== undefined && !this.#signal.aborted; next = this.#buckets[0]) {
      const wait = next.dueAt - this.#clock.now()
      if (wait > 0) await this.#clock.sleep(wait, this.#signal)
      // It may have got a later mark meanwhile.
      else this.#confirm(this.#buckets.shift()!.mark)
    }
    this.#running = false
  }
}
