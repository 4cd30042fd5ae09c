import type { Lease, Leases, LeaseState } from '@sheetflow/core/ports/leases'
import { HeldLease } from './held-lease.ts'
import { LEASE_TIMES, type LeaseEntry, type LeaseTable, type LeaseTimes } from './lease-table.ts'

/** Looks at a name that somebody else holds, so many times in the silence that it waits for. */
const LOOKS = 20

/** The port `Leases` over a table. Disposing it ends no lease; it closes the table. */
export class TableLeases implements Leases {
  readonly #table: LeaseTable
  readonly #times: LeaseTimes

  constructor(table: LeaseTable, times: LeaseTimes = LEASE_TIMES) {
    this.#table = table
    this.#times = times
  }

  async acquire(name: string, holder: string, signal: AbortSignal): Promise<Lease> {
    const waiter = new Waiter(this.#table, this.#times, name, holder)
    try {
      for (;;) {
        signal.throwIfAborted()
        const lease = await waiter.look().catch(() => null)
        if (lease !== null && signal.aborted) await lease[Symbol.asyncDispose]()
        else if (lease !== null) return lease
        else await waiter.rest(signal)
      }
    } finally {
      waiter.close()
    }
  }

  async list(): Promise<readonly LeaseState[]> {
    const records = await this.#table.list()
    return records.map(({ name, holder, token }) => ({ name, holder, token })).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#table[Symbol.asyncDispose]()
  }
}

/** One who wants a name. */
class Waiter {
  readonly #table: LeaseTable
  readonly #times: LeaseTimes
  readonly #name: string
  readonly #holder: string
  readonly #close: () => void
  /** The revision that was seen last, and when it was seen first. */
  #seen = 0
  #seenAt = performance.now()
  #changed = false
  #wake: (() => void) | null = null

  constructor(table: LeaseTable, times: LeaseTimes, name: string, holder: string) {
    this.#table = table
    this.#times = times
    this.#name = name
    this.#holder = holder
    this.#close = table.watch(name, () => {
      this.#changed = true
      this.#wake?.()
    })
  }

  close(): void {
    this.#close()
  }

  /** The lease, if it can be had now. */
  async look(): Promise<Lease | null> {
    this.#changed = false
    const entry = await this.#table.read(this.#name)
    if (!this.#isFree(entry)) return null
    const takenAt = performance.now()
    const record = { name: this.#name, holder: this.#holder, token: (entry?.record.token ?? 0) + 1, beat: 0 }
    const revision = await this.#table.replace(record, entry?.revision ?? 0)
    return revision === null ? null : new HeldLease(this.#table, this.#times, record, revision, takenAt)
  }

  /** Until something changed, or it is time to look again. */
  async rest(signal: AbortSignal): Promise<void> {
    if (this.#changed) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = null
        resolve()
      }
      const timer = setTimeout(done, this.#times.silentMs / LOOKS)
      signal.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }

  #isFree(entry: LeaseEntry | null): boolean {
    if (entry === null || entry.record.holder === null || entry.record.holder === this.#holder) return true
    if (entry.revision !== this.#seen) {
      this.#seen = entry.revision
      this.#seenAt = performance.now()
    }
    return performance.now() - this.#seenAt > this.#times.silentMs
  }
}
