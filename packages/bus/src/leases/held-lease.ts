import { SheetflowError } from '@sheetflow/core/errors'
import type { Lease } from '@sheetflow/core/ports/leases'
import type { LeaseClock } from './lease-clock.ts'
import type { LeaseRecord, LeaseTable, LeaseTimes } from './lease-table.ts'

/** What a taking left behind. */
interface Taken {
  readonly record: LeaseRecord & { readonly holder: string }
  readonly revision: number
  readonly at: number
}

/** A lease that is held: renews itself until it is disposed of, refused, or unconfirmed for too long. */
export class HeldLease implements Lease {
  readonly name: string
  readonly holder: string
  readonly token: number
  readonly #table: LeaseTable
  readonly #times: LeaseTimes
  readonly #clock: LeaseClock
  readonly #lost = new AbortController()
  #record: LeaseRecord
  #revision: number
  /** When the last renewal that was confirmed was sent. */
  #provenAt: number
  #renewing: Promise<void> | null = null
  #cancelTick: () => void
  #releasing: Promise<void> | null = null
  #done = false

  /** `taken`: what was written, when it was sent, and the revision that came of it. */
  constructor(table: LeaseTable, times: LeaseTimes, clock: LeaseClock, { record, revision, at }: Taken) {
    this.name = record.name
    this.holder = record.holder
    this.token = record.token
    this.#table = table
    this.#times = times
    this.#clock = clock
    this.#record = record
    this.#revision = revision
    this.#provenAt = at
    this.#cancelTick = clock.after(times.renewMs, () => this.#tick())
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#done) this.#releasing = this.#release()
    await this.#releasing
  }

  async #release(): Promise<void> {
    this.#end()
    await this.#renewing
    // Whoever waits then waits for the silence: nothing is wrong.
    await this.#table.replace({ ...this.#record, holder: null, beat: this.#record.beat + 1 }, this.#revision).catch(() => null)
  }

  /** A process that was stopped hears this first when it goes on: it has lost the lease before it asks anybody. */
  #tick(): void {
    this.#cancelTick = this.#clock.after(this.#times.renewMs, () => this.#tick())
    if (this.#clock.now() - this.#provenAt > this.#times.holdMs) this.#lose('no renewal was confirmed in time')
    else this.#renewing ??= this.#renew().finally(() => (this.#renewing = null))
  }

  async #renew(): Promise<void> {
    const sentAt = this.#clock.now()
    const next = { ...this.#record, beat: this.#record.beat + 1 }
    try {
      const revision = (await this.#table.replace(next, this.#revision)) ?? (await this.#revisionOfOurs())
      if (this.#done) return
      if (revision === null) return this.#lose('somebody else has taken it')
      this.#revision = revision
      this.#record = next
      this.#provenAt = sentAt
    } catch {
      // The table is away: the next tick asks again, or gives up.
    }
  }

  /** A renewal that was stored but not answered makes the next one fail: then the record is still ours. */
  async #revisionOfOurs(): Promise<number | null> {
    const entry = await this.#table.read(this.name)
    const isOurs = entry?.record.holder === this.holder && entry.record.token === this.token
    return isOurs ? entry.revision : null
  }

  #lose(why: string): void {
    if (this.#done) return
    this.#end()
    const fix = 'Nothing: it stands by again. If this happens often, the process or the bus stalls for seconds.'
    this.#lost.abort(new SheetflowError('app/lease-lost', `the lease of ${this.name} is lost: ${why}`, { retry: 'now', fix }))
  }

  #end(): void {
    this.#done = true
    this.#cancelTick()
  }
}
