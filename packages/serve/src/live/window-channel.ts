import type { KeyJson, RowJson, ViewStatus } from '@sheetflow/core/message'
import type { ChannelDescription } from '@sheetflow/core/wire'
import { Audience } from './channel.ts'
import type { Channel } from './channel.ts'
import type { Gate } from './delivery.ts'
import type { ListChannelHost } from './list-channel.ts'
import { contentPublication, resetPublication, rowsPublication } from './publication.ts'
import { readRolled } from './rolled-read.ts'
import type { RollContext, RolledRows } from './rolled-read.ts'
import type { WindowContent } from './window-content.ts'

/**
 * Called when a window can be opened: with everything it shows, as of `offset`. In the same turn the subscriber joins.
 * Null: the window's generation is over or `after` is a place of another history: it will never open.
 */
export type WindowOpened = (opened: { readonly offset: number; readonly content: string } | null) => void

/** One reader for whom a window is to be opened. */
interface Opening {
  readonly after: number
  readonly isWanted: () => boolean
  readonly opened: WindowOpened
}

/** What a window needs beside what a list needs. */
export interface WindowChannelHost extends ListChannelHost {
  readonly context: RollContext
  /** Does the channel's predicate hold for the row? */
  readonly holds: (row: RowJson) => boolean
  /** See `ViewChannels.statusBehind`. */
  readonly statusBehind: (after: number) => ViewStatus | null
  /** Rows to read and to keep: the window and some that stand by. */
  readonly capacity: number
}

/**
 * The live feed of the first rows of an order (FORMATS 8, Window). It keeps what it shows and some rows more; when they do not suffice
 * it reads again, and until then its subscribers' frames of this graph wait: what they get then is one step from before to after.
 *
 * ```
 *  loading ──rows read and rolled forward──▶ open ──too few rows known──▶ loading
 *     └──others wait too long──▶ reset          └────truncated──▶ loading, then the whole content
 * ```
 */
export class WindowChannel implements Channel {
  readonly name: string
  readonly description: ChannelDescription
  readonly audience: Audience
  readonly #content: WindowContent
  readonly #host: WindowChannelHost
  readonly #closed: AbortController = new AbortController()
  readonly #opening = new Set<Opening>()
  #loading: { readonly gate: Gate | null; whole: boolean } | null = null
  #loaded = false
  #touched = false
  /** What subscribers have not been told of the view yet. */
  #status: ViewStatus | null = null

  constructor(name: string, description: ChannelDescription, content: WindowContent, host: WindowChannelHost) {
    this.name = name
    this.description = description
    this.audience = new Audience(name)
    this.#content = content
    this.#host = host
  }

  /** Opens the window for one reader whose list stands at `after`: never with rows older than that. Not for one that does not want it any more. */
  open(after: number, isWanted: () => boolean, opened: WindowOpened): void {
    const opening = { after, isWanted, opened }
    this.#opening.add(opening)
    if (!this.#loaded && this.#loading === null) this.#load(null)
    else this.#serve(opening)
  }

  /** Nobody needs it any more, or its generation is over: reads in flight are dropped. */
  close(): void {
    this.#closed.abort()
    const opening = [...this.#opening]
    this.#opening.clear()
    for (const { opened } of opening) opened(null)
  }

  /** Its generation is over: the last word is a reset, once the store stands at `offset`. */
  retire(offset: number): void {
    const gate = this.#hold(offset)
    this.close()
    void this.#host.watch.reached(offset).then(() => this.#giveUp(gate))
  }

  change(key: KeyJson, _before: RowJson | null, after: RowJson | null): void {
    if (this.#loading !== null) return
    this.#content.apply(key, after)
    this.#touched = true
  }

  status(status: ViewStatus): void {
    this.#status = status
  }

  /** It reads the rows again, as of the reset's transaction or later, and sends them all. */
  reset(offset: number): void {
    if (this.#loading === null) this.#load(this.#hold(offset))
    if (this.#loading !== null) this.#loading.whole = true
  }

  prepare(offset: number): void {
    if (this.#loading === null && this.#content.short) this.#load(this.#hold(offset))
  }

  flush(offset: number): void {
    if ((!this.#touched && this.#status === null) || this.#loading !== null) return
    this.#touched = false
    this.#content.trim()
    const rows = this.#content.takeDifference()
    const status = this.#takeStatus()
    if (rows.length > 0 || status !== null) this.audience.publish(offset, rowsPublication(offset, rows, status))
  }

  #takeStatus(): ViewStatus | null {
    const status = this.#status
    this.#status = null
    return status
  }

  #hold(offset: number): Gate {
    const gate = this.audience.close(offset)
    this.#host.limitHold(() => this.#giveUp(gate))
    return gate
  }

  /** Who still waits at the gate asks again: its other lists go on, and this one must be known to be lost (law 6). */
  #giveUp(gate: Gate): void {
    if (!this.audience.isClosed(gate)) return
    this.audience.publish(gate.offset, resetPublication(gate.offset, this.#host.spreadMs()))
    this.audience.open(gate)
  }

  #load(gate: Gate | null): void {
    this.#loading = { gate, whole: false }
    this.#touched = false
    const { signal } = this.#closed
    const request = { description: this.description, limit: this.#host.capacity, isWanted: () => !signal.aborted, signal }
    void readRolled(this.#host.context, request, (rolled) => this.#accept(rolled))
  }

  /** False: even the rows just read do not suffice, so many have gone since. */
  #accept(rolled: RolledRows): boolean {
    this.#content.load(rolled.rows, rolled.isAll)
    for (const [, key, after] of rolled.changes) {
      if (key !== null) this.#content.apply(key, after !== null && this.#host.holds(after) ? after : null)
    }
    if (this.#content.short) return false
    this.#content.trim()
    const loading = this.#loading
    this.#loading = null
    this.#loaded = true
    if (loading?.gate) this.#publishRefill(rolled.position, loading.gate, loading.whole)
    else this.#content.markShown()
    for (const opening of this.#opening) this.#serve(opening)
    return true
  }

  /**
   * Subscribers that waited get the difference; nothing at or above its offset has reached them. If the wait was cut short they were sent to ask again, and the whole content
   * replaces what they have.
   */
  #publishRefill(offset: number, gate: Gate, whole: boolean): void {
    const status = this.#takeStatus()
    if (whole || !this.audience.isClosed(gate)) {
      this.#content.markShown()
      this.audience.publish(offset, contentPublication(offset, this.#content.content(), status))
    } else {
      const rows = this.#content.takeDifference()
      // Also without rows: what else was held must not be painted as if this window stood at an earlier moment.
      this.audience.publish(offset, rowsPublication(offset, rows, status))
    }
    this.audience.open(gate)
  }

  #serve(opening: Opening): void {
    const { context } = this.#host
    const isOpen = (): boolean => this.#opening.has(opening) && opening.isWanted()
    if (!isOpen()) {
      this.#opening.delete(opening)
      return
    }
    if (this.#loading !== null) return
    const position = context.position()
    if (position < opening.after) {
      void context.routed(opening.after, isOpen).then((isThere) => {
        if (isThere || !isOpen()) {
          this.#serve(opening)
          return
        }
        this.#opening.delete(opening)
        opening.opened(null)
      })
      return
    }
    this.#opening.delete(opening)
    const status = this.#host.statusBehind(opening.after)
    opening.opened({ offset: position, content: contentPublication(position, this.#content.content(), status) })
  }
}
