import { nuid } from '@nats-io/transport-node'
import type { AppendResult, BusMessage } from '@sheetflow/core/ports/bus'
import type { Draft } from '../draft.ts'
import type { Ack } from './acks.ts'
import type { ApiFailure } from './failure.ts'
import type { BusParts } from './parts.ts'
import { wireSubject } from './subjects.ts'
import { encodeHeaders } from './wire-message.ts'

/** One call of `append` that has not come to its end. */
export interface Waiting {
  readonly draft: Draft
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: unknown) => void
  readonly done: () => void
  /** So many of its messages are in the stream already (of a server without batches, after a failure). */
  stored: number
  /** It was refused together with others: it goes alone the next time. */
  solo: boolean
  /** When it was first sent, in milliseconds of `performance.now()`. */
  sentAt: number | null
}

/** What one append sends in a flight. */
export interface Part {
  readonly waiting: Waiting
  readonly messages: readonly BusMessage[]
  /** The stream's last offset before the first of them. */
  readonly base: number
  readonly result: AppendResult
}

/**
 * Messages that are sent together: as one atomic batch, or each for itself. Each for itself, a message names the one before it by its id
 * (`Nats-Expected-Last-Msg-Id`), not by its number alone: when another writer has taken that number, whatever we had sent behind it is refused too.
 */
export class Flight {
  readonly parts: readonly Part[]
  readonly base: number
  readonly messages: readonly BusMessage[]
  readonly bytes: number
  readonly isBatch: boolean
  readonly sentAt: number = performance.now()
  /** The first thing that went wrong. */
  failure: ApiFailure | 'lost' | null = null
  /** The server's id of its last message; null for a batch, which may have none: nothing is sent behind one that is under way. */
  lastId: string | null = null
  readonly #after: string | null
  #left = 0
  #replies: string[] = []

  /** `after`: the flight before it, if that is under way still. */
  constructor(parts: readonly Part[], isBatch: boolean, after: Flight | null) {
    this.#after = after?.lastId ?? null
    this.parts = parts
    this.base = parts[0]!.base
    this.messages = parts.flatMap((part) => part.messages)
    this.bytes = this.messages.reduce((sum, { body }) => sum + body.byteLength, 0)
    this.isBatch = isBatch && this.messages.length > 1
  }

  /** Has everything been answered that will be? */
  get isSettled(): boolean {
    return this.#left === 0
  }

  /** Sends the messages; `settled` is called when the last answer is there, `failed` at the first that is none. */
  send(stream: string, { link, by, now }: BusParts, settled: () => void, failed: () => void): void {
    const heard = (ack: Ack): void => {
      this.#left -= 1
      if (ack === 'lost' || 'failure' in ack) this.failure ??= ack === 'lost' ? ack : ack.failure
      if (this.failure !== null) failed()
      else if (this.#left === 0) settled()
    }
    for (const { waiting } of this.parts) waiting.sentAt ??= performance.now()
    const batch = nuid.next()
    const at = now()
    const end = this.messages.length - 1
    this.#left = this.isBatch ? 1 : this.messages.length
    for (const [i, message] of this.messages.entries()) {
      const headers = encodeHeaders(message, by, at)
      if (!this.isBatch || i === 0) headers.set('Nats-Expected-Last-Sequence', String(this.base + i))
      const before = i === 0 ? this.#after : this.lastId
      if (before !== null) headers.set('Nats-Expected-Last-Msg-Id', before)
      if (!this.isBatch) headers.set('Nats-Msg-Id', (this.lastId = nuid.next()))
      if (this.isBatch) {
        headers.set('Nats-Batch-Id', batch)
        headers.set('Nats-Batch-Sequence', String(i + 1))
        if (i === end) headers.set('Nats-Batch-Commit', '1')
      }
      const isAnswered = !this.isBatch || i === end
      if (isAnswered) this.#replies.push(link.acks.expect(heard))
      link.nc.publish(wireSubject(stream, message.subject), message.body, {
        headers,
        ...(isAnswered ? { reply: this.#replies.at(-1)! } : {}),
      })
    }
  }

  /** No answer is waited for any more. */
  giveUp({ link }: BusParts): void {
    for (const reply of this.#replies) link.acks.forget(reply)
    this.#left = 0
    this.failure ??= 'lost'
  }
}
