import { nuid } from '@nats-io/transport-node'
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
import type { Clock, Log } from '@sheetflow/core/ports/host'
import { Control } from './control.ts'
import { openLink, type Link, type LinkOptions } from './link.ts'
import { NatsStream } from './nats-stream.ts'
import type { BusParts } from './parts.ts'
import { judgeSync } from './sync.ts'

/** How to open the bus on a NATS server or cluster. */
export interface NatsBusOptions extends LinkOptions {
  /** What the servers' `sync_interval` is: milliseconds, or `always`. Absent: asked of `monitor`, else taken for the default. */
  readonly syncInterval?: 'always' | number
  /** `http://host:8222`, the monitoring of one of the servers. */
  readonly monitor?: string
  /** Copies of each stream in a cluster; default 1. */
  readonly replicas?: number
  /** For `storedAt`, epochs and retention. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>
  /** Hears when a server has lost what it knew of a stream: `bus.stream-anew`. */
  readonly log?: Pick<Log, 'warn'>
}

/**
 * Opens the bus. Any number of processes may open the same servers; each stream should have one fenced writer, inboxes have many.
 * Errors: those of the port; `bus/unavailable` if no server can be used.
 */
export async function openNatsBus(options: NatsBusOptions): Promise<Bus> {
  const link = await openLink(options)
  const { durableAfterMs } = await judgeSync(options).catch(async (error: unknown) => {
    // It would connect again and again, and keep the process.
    await link[Symbol.asyncDispose]()
    throw error
  })
  const replicas = options.replicas ?? 1
  const now = (): number => options.clock?.now() ?? Date.now()
  const parts = { link, control: new Control(link, replicas), replicas, by: nuid.next(), now, log: options.log ?? null }
  return new NatsBus(parts, durableAfterMs)
}

class NatsBus implements Bus {
  readonly atomic: boolean
  readonly durableAfterMs: number
  readonly #link: Link
  readonly #parts: BusParts
  readonly #streams = new Map<string, NatsStream>()
  #closed = false

  constructor(parts: BusParts, durableAfterMs: number) {
    this.durableAfterMs = durableAfterMs
    this.#parts = parts
    this.#link = parts.link
    this.atomic = parts.link.features.atomicBatches
  }

  async ensure(stream: string, options: StreamOptions = {}): Promise<StreamInfo> {
    return await this.#stream(stream).ensure(options)
  }

  async append(stream: string, messages: readonly BusMessage[], options: AppendOptions = {}): Promise<AppendResult> {
    return await this.#stream(stream).append(messages, options)
  }

  async *read(stream: string, options: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    const { signal } = options
    const closing = this.#link.closing.signal
    yield* this.#stream(stream).read(options, signal === undefined ? closing : AbortSignal.any([signal, closing]))
  }

  async last(stream: string, subject: string): Promise<readonly StoredMessage[]> {
    return await this.#stream(stream).last(subject)
  }

  async range(stream: string): Promise<StreamInfo> {
    return await this.#stream(stream).info()
  }

  async retain(stream: string, reader: string, offset: number): Promise<void> {
    await this.#stream(stream).retain(reader, offset)
  }

  async trim(stream: string, limits: TrimLimits): Promise<StreamInfo> {
    return await this.#stream(stream).trim(limits)
  }

  /** Waits for what was appended, ends the readers, closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()))
    await this.#link[Symbol.asyncDispose]()
  }

  #stream(name: string): NatsStream {
    if (this.#closed) throw new SheetflowError('bus/unavailable', 'the bus is closed')
    let stream = this.#streams.get(name)
    if (stream === undefined) {
      stream = new NatsStream(this.#parts, name)
      this.#streams.set(name, stream)
    }
    return stream
  }
}
