import type { KeyJson, RowJson, ViewStatus } from '@sheetflow/core/message'
import type { ChannelDescription } from '@sheetflow/core/wire'
import type { ServeLimits } from '../limits.ts'
import { Audience } from './channel.ts'
import type { Channel } from './channel.ts'
import type { Gate } from './delivery.ts'
import type { Projection } from './projection.ts'
import { resetPublication, rowsPublication } from './publication.ts'
import type { StoreWatch } from './store-watch.ts'

/** A reset on its way: it is sent once the store stands at `offset`, or the others have waited for it too long; what is newer on this channel waits behind it. */
interface PendingReset {
  offset: number
  gate: Gate
  newer: { readonly offset: number; readonly data: string }[]
  newerBytes: number
}

/** What a list channel needs beside itself. */
export interface ListChannelHost {
  readonly limits: ServeLimits
  readonly watch: StoreWatch
  /** Over how long those who must ask again shall spread. */
  spreadMs(): number
  /** Calls back when the others have waited long enough. */
  limitHold(isLong: () => void): void
}

/**
 * The live feed of a list: one publication per transaction that changes it; a reset where the rows would be too many (FORMATS 8).
 *
 * ```
 *  open ──too many rows, truncated, new generation──▶ resetting ──store reached the offset, or it took too long──▶ open
 * ```
 */
export class ListChannel implements Channel {
  readonly name: string
  readonly description: ChannelDescription
  readonly audience: Audience
  readonly #projection: Projection
  readonly #host: ListChannelHost
  #rows: string[] = []
  #bytes = 0
  #overflow = false
  #status: ViewStatus | null = null
  #reset: PendingReset | null = null

  constructor(name: string, description: ChannelDescription, projection: Projection, host: ListChannelHost) {
    this.name = name
    this.description = description
    this.audience = new Audience(name)
    this.#projection = projection
    this.#host = host
  }

  change(key: KeyJson, before: RowJson | null, after: RowJson | null): void {
    if (this.#overflow || this.audience.size === 0) return
    const row = this.#liveRow(key, before, after)
    if (row === null) return
    this.#rows.push(row)
    this.#bytes += row.length
    const { channelRows, publicationBytes } = this.#host.limits
    if (this.#rows.length > channelRows || this.#bytes > publicationBytes) this.#overflow = true
  }

  status(status: ViewStatus): void {
    if (this.audience.size > 0) this.#status = status
  }

  reset(): void {
    this.#overflow = true
  }

  prepare(offset: number): void {
    if (!this.#overflow) return
    this.#overflow = false
    this.#rows = []
    this.#bytes = 0
    this.#status = null
    // Who joins later from before this offset finds the reset in the history.
    if (this.audience.size > 0) this.#startReset(offset)
  }

  flush(offset: number): void {
    const rows = this.#rows
    const bytes = this.#bytes
    const status = this.#status
    this.#rows = []
    this.#bytes = 0
    this.#status = null
    if (rows.length > 0 || status !== null) this.#publish(offset, rowsPublication(offset, rows, status), bytes)
  }

  #liveRow(key: KeyJson, before: RowJson | null, after: RowJson | null): string | null {
    if (after === null) return this.#projection.deleted(key)
    return before === null ? this.#projection.created(key, after) : this.#projection.updated(key, before, after)
  }

  #publish(offset: number, data: string, bytes: number): void {
    const reset = this.#reset
    if (reset === null) {
      this.audience.publish(offset, data)
      return
    }
    reset.newer.push({ offset, data })
    reset.newerBytes += bytes
    if (reset.newerBytes > this.#host.limits.publicationBytes) this.#startReset(offset)
  }

  /** A reset that waits already is moved on: whoever asks again at this offset has all that came between. */
  #startReset(offset: number): void {
    if (this.#reset !== null) {
      this.#reset.offset = offset
      this.#reset.newer = []
      this.#reset.newerBytes = 0
      return
    }
    const reset: PendingReset = { offset, gate: this.audience.close(offset), newer: [], newerBytes: 0 }
    this.#reset = reset
    // The other lists must not go on without this one being known to be lost (law 6). Who asks before the store is there asks again.
    this.#host.limitHold(() => this.#sayReset(reset))
    void this.#storeReached(reset).then(() => this.#sayReset(reset))
  }

  async #storeReached(reset: PendingReset): Promise<void> {
    let reached = 0
    while (reached < reset.offset) {
      reached = reset.offset
      await this.#host.watch.reached(reached)
    }
  }

  #sayReset(reset: PendingReset): void {
    if (this.#reset !== reset) return
    this.#reset = null
    this.audience.publish(reset.offset, resetPublication(reset.offset, this.#host.spreadMs()))
    for (const { offset, data } of reset.newer) this.audience.publish(offset, data)
    this.audience.open(reset.gate)
  }
}
