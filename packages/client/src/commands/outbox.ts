import { backOffMs } from '@sheetflow/core/back-off'
import { isSheetflowError, type SheetflowError } from '@sheetflow/core/errors'
import type { RandomSource, Timers } from '../host.ts'
import type { Answer, AnswerError, Channels, Queries } from '../net/transport.ts'
import { COMMAND_DOCUMENT } from '../plan/documents.ts'
import type { CommandPayload } from './payload.ts'

const PAUSES = { firstMs: 250, mostMs: 5_000 }

/** A command that the server has not answered yet. */
export interface Outgoing {
  readonly id: string
  readonly name: string
  readonly payload: CommandPayload
  /** How often it was sent. */
  attempts: number
}

/** What the outbox works with. */
export interface OutboxHost {
  readonly queries: Queries
  readonly channels: Channels
  readonly random: RandomSource
  readonly timers: Timers
}

/** Who is told of each attempt what became of it. */
export interface OutboxTold<C> {
  answered(command: C, answer: Answer): void
  refused(command: C, error: SheetflowError): void
  /** Nobody has said whether the server took it. It is sent again. */
  lost(command: C): void
}

interface Attempt<C> {
  readonly command: C
  readonly left: AbortController
}

/**
 * Sends commands while there is a connection, one after the other in the order in which they were given: the next one goes when the one before has been answered, or is not to be sent any
 * more. What is lost is sent again, after pauses that grow.
 */
export class Outbox<C extends Outgoing> {
  readonly #host: OutboxHost
  readonly #told: OutboxTold<C>
  readonly #unlink: () => void
  #queue: C[] = []
  #attempt: Attempt<C> | null = null
  #pause: (() => void) | null = null
  #closed = false

  constructor(host: OutboxHost, told: OutboxTold<C>) {
    this.#host = host
    this.#told = told
    this.#unlink = host.channels.onState((state) => {
      if (state !== 'connected') return
      this.#endPause()
      this.#sendNext()
    })
  }

  add(command: C): void {
    this.#queue.push(command)
    this.#sendNext()
  }

  /** The server is known to have it: the next one's turn. What it answers to the attempt that is under way is still told. */
  release(command: C): void {
    this.#remove(command)
    this.#sendNext()
  }

  /** It must not reach the server any more, as far as that is still in our hands. */
  cancel(command: C): void {
    const attempt = this.#attempt
    this.#remove(command)
    if (attempt?.command === command) attempt.left.abort()
    this.#sendNext()
  }

  close(): void {
    this.#closed = true
    this.#unlink()
    this.#endPause()
  }

  #remove(command: C): void {
    if (this.#queue[0] === command) this.#endPause()
    if (this.#attempt?.command === command) this.#attempt = null
    this.#queue = this.#queue.filter((one) => one !== command)
  }

  #sendNext(): void {
    const [command] = this.#queue
    const isWaiting = this.#attempt !== null || this.#pause !== null
    if (command === undefined || isWaiting || this.#closed || this.#host.channels.state !== 'connected') return
    const attempt = { command, left: new AbortController() }
    this.#attempt = attempt
    command.attempts += 1
    void this.#send(attempt)
  }

  async #send(attempt: Attempt<C>): Promise<void> {
    const { command, left } = attempt
    const said = await this.#ask(command, left.signal)
    if (this.#closed) return
    // Released meanwhile, it stands in nobody's way.
    const isFirst = this.#attempt === attempt
    if (said === null) {
      if (isFirst) this.#waitBeforeNext(command)
      if (!left.signal.aborted) this.#told.lost(command)
      return
    }
    if (isFirst) this.#remove(command)
    if (isSheetflowError(said)) this.#told.refused(command, said)
    else this.#told.answered(command, said)
    this.#sendNext()
  }

  /** What the server says to it; null: nothing that tells what became of it. */
  async #ask({ id, name, payload }: C, signal: AbortSignal): Promise<Answer | SheetflowError | null> {
    try {
      const answer = await this.#host.queries.ask(COMMAND_DOCUMENT, { id, name, payload }, signal)
      const isTaken = typeof answer.data?.['command'] === 'object' && answer.data['command'] !== null
      return !isTaken && answer.errors.some(tellsNothing) ? null : answer
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      return error.code === 'client/offline' ? null : error
    }
  }

  /** While there is no connection nothing is sent: its return is the next occasion. */
  #waitBeforeNext({ attempts }: C): void {
    this.#attempt = null
    const pause = backOffMs(PAUSES, attempts, this.#host.random())
    this.#pause = this.#host.timers.after(pause, () => {
      this.#pause = null
      this.#sendNext()
    })
  }

  #endPause(): void {
    this.#pause?.()
    this.#pause = null
  }
}

/** Asked to come again, or failed in a way of its own: the server may have written the command down before. */
function tellsNothing({ extensions }: AnswerError): boolean {
  return extensions?.retry === 'now' || extensions?.retry === 'later' || extensions?.code === 'INTERNAL'
}
