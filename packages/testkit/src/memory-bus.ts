import { SheetflowError } from '@sheetflow/core/errors'
import type {
  AppendOptions,
  AppendResult,
  Bus,
  BusMessage,
  ReadOptions,
  StoredMessage,
  StreamInfo,
  StreamOptions,
  TrimLimits,
} from '@sheetflow/core/ports/bus'
import { MemoryStream, wanted } from './memory-stream.ts'

/** Where the time of a bus stands that was given no clock: its epochs begin with 1. */
const STILL_MS = 1_000

export interface MemoryBusOptions {
  readonly clock?: { now(): number }
  /** Default 0. */
  readonly durableAfterMs?: number
  /** The streams of another bus: both are doors to the same store. */
  readonly streams?: Map<string, MemoryStream>
}

/**
 * A `Bus` in memory, for tests of layers that may not import drivers: the guarantees of the port but for durability and for other threads
 * (`memory-bus.kit.test.ts`). Everything happens at the call, so that simulations with a time of their own can use it too.
 */
export class MemoryBus implements Bus {
  readonly atomic = true
  readonly durableAfterMs: number
  readonly #now: () => number
  readonly #streams: Map<string, MemoryStream>
  readonly #closing = new AbortController()

  constructor({ clock, streams, durableAfterMs = 0 }: MemoryBusOptions = {}) {
    this.durableAfterMs = durableAfterMs
    this.#now = clock === undefined ? () => STILL_MS : () => clock.now()
    this.#streams = streams ?? new Map<string, MemoryStream>()
  }

  ensure(name: string, { epoch, maxBytes }: StreamOptions = {}): Promise<StreamInfo> {
    return Promise.try(() => {
      const stream = this.#streams.get(name) ?? new MemoryStream(name, epoch ?? Math.floor(this.#now() / 1_000))
      this.#streams.set(name, stream)
      stream.raise(epoch ?? 0, maxBytes)
      return stream.info
    })
  }

  append(name: string, messages: readonly BusMessage[], options: AppendOptions = {}): Promise<AppendResult> {
    return Promise.try(() => {
      options.signal?.throwIfAborted()
      return this.appendNow(name, messages, options)
    })
  }

  /** As `append`, with the answer at once. */
  appendNow(name: string, messages: readonly BusMessage[], { expectedLast }: AppendOptions = {}): AppendResult {
    return this.#stream(name).append(messages, expectedLast, this.#now())
  }

  async *read(name: string, { from, subjects, untilNow, passing, signal: wish }: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    const stream = this.#stream(name)
    const end = untilNow === true ? stream.last : Infinity
    const closing = this.#closing.signal
    const signal = wish === undefined ? closing : AbortSignal.any([wish, closing])
    let next = from
    while (!signal.aborted && next <= end) {
      const batch = stream.batch(next, end)
      next += batch.length
      const some = wanted(batch, subjects)
      if (some.length > 0) yield* passing === true ? once(some) : [some]
      if (batch.length === 0) await stream.arrival(signal)
    }
  }

  last(name: string, subject: string): Promise<readonly StoredMessage[]> {
    return Promise.try(() => this.#stream(name).lastOf(subject))
  }

  range(name: string): Promise<StreamInfo> {
    return Promise.try(() => this.#stream(name).info)
  }

  retain(name: string, reader: string, offset: number): Promise<void> {
    return Promise.try(() => this.#stream(name).retain(reader, offset, this.#now()))
  }

  trim(name: string, limits: TrimLimits): Promise<StreamInfo> {
    return Promise.try(() => {
      const stream = this.#stream(name)
      stream.trim(limits, this.#now())
      return stream.info
    })
  }

  /** What stands in a stream from an offset on, now. */
  messages(name: string, from = 1): readonly StoredMessage[] {
    return this.#stream(name).from(from)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    return Promise.resolve()
  }

  #stream(name: string): MemoryStream {
    if (this.#closing.signal.aborted) throw new SheetflowError('bus/unavailable', 'the bus is closed')
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new SheetflowError('bus/unknown-stream', `there is no stream ${name}`)
    return stream
  }
}

/** Copies, whose bodies are gone when the next batch is asked for. */
function* once(messages: readonly StoredMessage[]): Generator<readonly StoredMessage[]> {
  const copies = messages.map((message) => ({ ...message, body: new Uint8Array(message.body) }))
  yield copies
  for (const { body } of copies) body.buffer.transfer(0)
}
