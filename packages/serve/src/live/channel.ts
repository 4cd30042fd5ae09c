import type { KeyJson, RowJson, ViewStatus } from '@sheetflow/core/message'
import type { ChannelDescription } from '@sheetflow/core/wire'
import type { Delivery, Gate } from './delivery.ts'
import { pushText } from './publication.ts'

/** One subscription: publications at or below `after` are known to it already. */
interface Subscriber {
  readonly delivery: Delivery
  readonly after: number
}

/** What the routing of one transaction gathers for a channel, and how a channel speaks to its subscribers. */
export interface Channel {
  readonly name: string
  readonly description: ChannelDescription
  readonly audience: Audience
  /** One change that this channel's predicate accepts before (`before` not null) or after it (`after` not null). */
  change(key: KeyJson, before: RowJson | null, after: RowJson | null): void
  /** From this transaction on the view stands so. */
  status(status: ViewStatus): void
  /** The transaction at `offset` cannot be told row by row. */
  reset(offset: number): void
  /** The transaction at `offset` is complete. What cannot be told at once closes its gate now, before anybody is told anything of it. */
  prepare(offset: number): void
  /** Say what it did. */
  flush(offset: number): void
}

/** The subscribers of one channel. */
export class Audience {
  readonly #name: string
  readonly #subscribers = new Map<Delivery, Subscriber>()
  #gate: Gate | null = null
  /** When the last one left, in the caller's milliseconds; null while somebody is here. */
  emptySince: number | null = null

  constructor(name: string) {
    this.#name = name
  }

  get size(): number {
    return this.#subscribers.size
  }

  join(delivery: Delivery, after: number): void {
    this.#subscribers.set(delivery, { delivery, after })
    this.emptySince = null
    if (this.#gate !== null) delivery.hold(this.#gate)
  }

  leave(delivery: Delivery, now: number): void {
    if (!this.#subscribers.delete(delivery)) return
    if (this.#gate !== null) delivery.release(this.#gate)
    if (this.#subscribers.size === 0) this.emptySince = now
  }

  has(delivery: Delivery): boolean {
    return this.#subscribers.has(delivery)
  }

  /** Sends one publication to all who do not know it yet. */
  publish(offset: number, data: string): void {
    if (this.#subscribers.size === 0) return
    const text = pushText(this.#name, offset, data)
    for (const { delivery, after } of this.#subscribers.values()) if (offset > after) delivery.put(offset, text)
  }

  /** From now on the subscribers' publications of this graph wait. There is one gate at a time: if it is closed, it stays closed. */
  close(offset: number): Gate {
    if (this.#gate !== null) return this.#gate
    const gate = { offset }
    this.#gate = gate
    for (const { delivery } of this.#subscribers.values()) delivery.hold(gate)
    return gate
  }

  /** Do the subscribers still wait at this gate? */
  isClosed(gate: Gate): boolean {
    return this.#gate === gate
  }

  /** Lifts the gate; does nothing if it was lifted before. */
  open(gate: Gate): void {
    if (this.#gate !== gate) return
    this.#gate = null
    for (const { delivery } of this.#subscribers.values()) delivery.release(gate)
  }
}
