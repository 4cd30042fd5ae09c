import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'

/** Between two looks at a store's position while somebody waits for it. */
const POLL_MS = 5
const SLOW_POLL_MS = 50
const FAST_POLLS = 100

/** Tells when all stores of a graph have reached an offset of its stream. It looks only while somebody waits; answers of queries help it along. */
export class StoreWatch {
  readonly #stores: readonly ReadableViewStore[]
  readonly #stream: string
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #log: Log
  readonly #waiters = new Set<{ readonly offset: number; readonly resolve: () => void }>()
  #polling = false
  #position = 0

  constructor(
    stores: readonly ReadableViewStore[],
    stream: string,
    host: { readonly clock: Clock; readonly signal: AbortSignal; readonly log: Log },
  ) {
    this.#stores = stores
    this.#stream = stream
    this.#clock = host.clock
    this.#signal = host.signal
    this.#log = host.log
  }

  /** The last position that was seen. */
  get position(): number {
    return this.#position
  }

  /** Somebody read from a store at this offset. */
  saw(offset: number): void {
    if (this.#stores.length === 1) this.#reachedNow(offset)
  }

  #reachedNow(offset: number): void {
    if (offset > this.#position) this.#position = offset
    for (const waiter of this.#waiters) {
      if (waiter.offset > this.#position) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  /** Resolves once the store stands at or behind `offset`; never after the signal. */
  reached(offset: number): Promise<void> {
    if (offset <= this.#position) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiters.add({ offset, resolve })
      if (!this.#polling) void this.#poll()
    })
  }

  async #poll(): Promise<void> {
    this.#polling = true
    for (let n = 0; this.#waiters.size > 0 && !this.#signal.aborted; n++) {
      try {
        const positions = await Promise.all(this.#stores.map((store) => store.position(this.#stream)))
        this.#reachedNow(Math.min(...positions.map((position) => position?.offset ?? 0)))
      } catch (error) {
        this.#log.warn('store position unknown', { stream: this.#stream, error: String(error) })
      }
      if (this.#waiters.size > 0) await this.#clock.sleep(n < FAST_POLLS ? POLL_MS : SLOW_POLL_MS, this.#signal)
    }
    this.#polling = false
  }
}
