import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node'
import type { ApiFailure } from './failure.ts'

/** What became of a message: its sequence number, what the server said against it, or `lost`: nobody heard it. */
export type Ack = { readonly seq: number } | { readonly failure: ApiFailure } | 'lost'

/**
 * Acknowledgements of one connection: one subscription for all, a number a message. (The client's own way, a promise and a timer for each, costs ten
 * times the processor.) Nothing here ever times out: whoever waits looks at its oldest.
 */
export class Acks {
  readonly #prefix: string
  readonly #waiting = new Map<string, (ack: Ack) => void>()
  #next = 0

  constructor(nc: NatsConnection) {
    this.#prefix = `${createInbox()}.`
    nc.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.#heard(message)
      },
    })
  }

  /** A subject to answer to; the answer is given to `done`, once. */
  expect(done: (ack: Ack) => void): string {
    const token = (this.#next++).toString(36)
    this.#waiting.set(token, done)
    return this.#prefix + token
  }

  /** Nobody waits any more for what would be answered there. */
  forget(subject: string): void {
    this.#waiting.delete(subject.slice(this.#prefix.length))
  }

  #heard(message: Msg): void {
    const token = message.subject.slice(this.#prefix.length)
    const done = this.#waiting.get(token)
    if (done === undefined) return
    this.#waiting.delete(token)
    done(ackOf(message))
  }
}

function ackOf(message: Msg): Ack {
  // 503: no server has the stream at this moment.
  if (message.data.length === 0) return 'lost'
  const answer = message.json<{ seq?: number; error?: { err_code?: number; code?: number; description?: string } }>()
  if (answer.error !== undefined) {
    return { failure: { code: answer.error.err_code ?? answer.error.code ?? 0, description: answer.error.description ?? 'refused' } }
  }
  return answer.seq === undefined ? 'lost' : { seq: answer.seq }
}
