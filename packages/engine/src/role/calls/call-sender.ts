import { encodeBody } from '@sheetflow/core/framing/codec'
import type { GraphInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Functions } from '@sheetflow/core/ports/functions'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'
import type { Calls } from '../../graph/calls.ts'
import type { CallIndex } from '../../operators/call-index.ts'
import { FunctionSender } from './function-sender.ts'
import type { FunctionReport, Told } from './function-sender.ts'

/** An append takes so many messages at most (port `Bus`). */
const APPEND_MESSAGES = 1_000

export interface CallSenderOptions {
  readonly graph: string
  readonly calls: Calls
  readonly bus: Pick<Bus, 'append'>
  readonly functions: Functions
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** The number of this life: no other one of this graph has it. */
  readonly life: number
}

/** Asks functions for what the rows of a graph wait for, each by itself, so that one that is down delays its own cells alone (law 8). Outside of a replay only. */
export class CallSender {
  readonly #options: CallSenderOptions
  readonly #senders = new Map<CallIndex, FunctionSender>()
  readonly #running: Promise<void>[] = []
  readonly #failed = Promise.withResolvers<never>()
  #told = 0

  constructor(options: CallSenderOptions) {
    this.#options = options
  }

  /** Rejects when answers cannot be written. */
  get failed(): Promise<never> {
    return this.#failed.promise
  }

  get reports(): readonly FunctionReport[] {
    return [...this.#senders.values()].map((sender) => sender.report)
  }

  /** The graph has read its inbox up to there, and may wait for more than before. Cheap. */
  look(readTo: number): void {
    for (const index of this.#options.calls.all()) (this.#senders.get(index) ?? this.#begin(index)).look(readTo)
  }

  /** Resolves when every call has ended, behind the signal. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  #begin(index: CallIndex): FunctionSender {
    const { graph, functions, clock, log, signal } = this.#options
    const sender = new FunctionSender({ graph, index, functions, clock, log, signal, tell: (answers) => this.#tell(index, answers) })
    this.#senders.set(index, sender)
    this.#running.push(sender.run().catch((error: unknown) => this.#failed.reject(error)))
    return sender
  }

  async #tell({ called }: CallIndex, answers: readonly Told[]): Promise<number> {
    const { bus, graph, life } = this.#options
    const stream = graphInbox(graph)
    const subject = graphInboxSubject(graph, 'result')
    let offset = 0
    for (let i = 0; i < answers.length; i += APPEND_MESSAGES) {
      const messages = answers.slice(i, i + APPEND_MESSAGES).map(({ args, value }) => {
        const message: GraphInbox = { v: 1, kind: 'result', function: called.fn, version: called.version, args, value }
        this.#told += 1
        return { subject, id: `result/${graph}/${life}-${this.#told}`, body: encodeBody(message) }
      })
      offset = (await bus.append(stream, messages, { whole: false })).last
    }
    return offset
  }
}
