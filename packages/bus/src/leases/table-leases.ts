import { SheetflowError } from '@sheetflow/core/errors'
import type { Lease, Leases, LeaseState } from '@sheetflow/core/ports/leases'
import { HeldLease } from './held-lease.ts'
import { MACHINE_CLOCK, type LeaseClock } from './lease-clock.ts'
import { LEASE_TIMES, type LeaseEntry, type LeaseTable, type LeaseTimes } from './lease-table.ts'

/** Looks at a name that somebody else holds, so many times in the silence that it waits for; at a table that cannot be asked, so many times. */
const LOOKS = 20
const LOOKS_IN_TROUBLE = 5

/** The port `Leases` over a table. Disposing it ends no lease; it closes the table. */
export class TableLeases implements Leases {
  readonly #table: LeaseTable
  readonly #times: LeaseTimes
  readonly #clock: LeaseClock

  constructor(table: LeaseTable, times: LeaseTimes = LEASE_TIMES, clock: LeaseClock = MACHINE_CLOCK) {
    this.#table = table
    this.#times = times
    this.#clock = clock
  }

  async acquire(
    name: string,
    holder: string,
    signal: AbortSignal,
    hear: (trouble: Error | null) => void = () => undefined,
  ): Promise<Lease> {
    const waiter = new Waiter({ table: this.#table, times: this.#times, clock: this.#clock }, name, holder)
    const trouble = new Trouble(hear)
    try {
      for (;;) {
        signal.throwIfAborted()
        const lease = await trouble.over(waiter.look())
        if (lease !== null && signal.aborted) await lease[Symbol.asyncDispose]()
        else if (lease !== null) return lease
        else await waiter.rest(signal, trouble.isThere ? LOOKS_IN_TROUBLE : LOOKS)
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

/** Tells why a table cannot be asked: each reason once on end, and when it can again. */
class Trouble {
  readonly #hear: (trouble: Error | null) => void
  #told: string | null = null

  constructor(hear: (trouble: Error | null) => void) {
    this.#hear = hear
  }

  get isThere(): boolean {
    return this.#told !== null
  }

  /** What the table answers; null if it does not. */
  async over<T>(asked: Promise<T>): Promise<T | null> {
    try {
      const answer = await asked
      if (this.#told !== null) this.#hear(null)
      this.#told = null
      return answer
    } catch (error) {
      const trouble = error instanceof Error ? error : new SheetflowError('bus/unavailable', String(error), { retry: 'later' })
      if (this.#told !== trouble.message) this.#hear(trouble)
      this.#told = trouble.message
      return null
    }
  }
}

/** Where leases are, and how they are counted. */
interface Place {
  readonly table: LeaseTable
  readonly times: LeaseTimes
  readonly clock: LeaseClock
}

/** One who wants a name. */
class Waiter {
  readonly #table: LeaseTable
  readonly #times: LeaseTimes
  readonly #clock: LeaseClock
  readonly #name: string
  readonly #holder: string
  readonly #close: () => void
  /** The revision that was seen last, and when it was seen first. */
  #seen = 0
  #seenAt: number
  #changed = false
  #wake: (() => void) | null = null

  constructor({ table, times, clock }: Place, name: string, holder: string) {
    this.#table = table
    this.#times = times
    this.#clock = clock
    this.#seenAt = clock.now()
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
    const at = this.#clock.now()
    const record = { name: this.#name, holder: this.#holder, token: (entry?.record.token ?? 0) + 1, beat: 0 }
    const revision = await this.#table.replace(record, entry?.revision ?? 0)
    return revision === null ? null : new HeldLease(this.#table, this.#times, this.#clock, { record, revision, at })
  }

  /** Until something changed, or it is time to look again: so many times in the silence. */
  async rest(signal: AbortSignal, looks: number): Promise<void> {
    if (this.#changed || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        this.#wake = null
        resolve()
      }
      const cancel = this.#clock.after(this.#times.silentMs / looks, done)
      signal.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }

  #isFree(entry: LeaseEntry | null): boolean {
    if (entry === null || entry.record.holder === null || entry.record.holder === this.#holder) return true
    if (entry.revision !== this.#seen) {
      this.#seen = entry.revision
      this.#seenAt = this.#clock.now()
    }
    return this.#clock.now() - this.#seenAt > this.#times.silentMs
  }
}
