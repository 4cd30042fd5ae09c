import { assert } from '@sheetflow/core/assert'
import { holds } from '@sheetflow/core/breakage'
import type { RowChange, ViewStatus } from '@sheetflow/core/message'
import type { Predicate } from '@sheetflow/core/predicate'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { Channel } from './channel.ts'
import { AFTER, BEFORE, PredicateIndex } from './predicate-index.ts'
import { Projection } from './projection.ts'

/** The channels of one generation of one view, and the way from a change to those that it concerns. */
export class ViewChannels {
  readonly schema: SheetSchema
  readonly #index: PredicateIndex<Channel>
  readonly #projections = new Map<string, Projection>()
  readonly #channels = new Set<Channel>()
  #status: ViewStatus
  #statusSince: number

  /** `since`: the view has stood like this since that offset, or nothing is known of before. */
  constructor(schema: SheetSchema, status: ViewStatus, since: number) {
    this.schema = schema
    this.#status = status
    this.#statusSince = since
    this.#index = new PredicateIndex(schema)
  }

  get channels(): ReadonlySet<Channel> {
    return this.#channels
  }

  get residualSize(): number {
    return this.#index.residualSize
  }

  add(channel: Channel, predicate: Predicate): void {
    this.#channels.add(channel)
    this.#index.add(channel, predicate)
  }

  remove(channel: Channel): void {
    this.#channels.delete(channel)
    this.#index.remove(channel)
  }

  /** Channels with equal columns share one. */
  projection(columns: readonly number[]): Projection {
    const key = columns.join(',')
    let projection = this.#projections.get(key)
    if (projection === undefined) {
      projection = new Projection(this.schema, columns)
      this.#projections.set(key, projection)
    }
    return projection
  }

  /** Tells each channel what the changes are for it (enter, stay, leave) and adds it to `touched`. */
  route(changes: readonly RowChange[], touched: Set<Channel>): void {
    if (this.#channels.size === 0) return
    for (const [, key, after, before] of changes) {
      assert(key !== null, 'a truncated view is a reset, not a change')
      this.#index.match(holds('routing-on-before') ? before : null, after, (channel, sides) => {
        touched.add(channel)
        channel.change(key, (sides & BEFORE) === 0 ? null : before, (sides & AFTER) === 0 ? null : after)
      })
    }
  }

  /** How the view stands from `offset` on. Its channels are told if that is news. */
  stands(status: ViewStatus, offset: number, touched: Set<Channel>): void {
    if (status === this.#status) return
    this.#status = status
    this.#statusSince = offset
    for (const channel of this.#channels) {
      channel.status(status)
      touched.add(channel)
    }
  }

  /** What a reader that stood at `after` has to be told of the view's status; null: it knows. */
  statusBehind(after: number): ViewStatus | null {
    return this.#status !== 'ready' || this.#statusSince > after ? this.#status : null
  }

  /** The channels of this generation in another epoch: none yet. */
  anew(offset: number): ViewChannels {
    return new ViewChannels(this.schema, this.#status, offset)
  }

  reset(offset: number, touched: Set<Channel>): void {
    for (const channel of this.#channels) {
      channel.reset(offset)
      touched.add(channel)
    }
  }
}
