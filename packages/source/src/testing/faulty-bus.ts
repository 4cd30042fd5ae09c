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
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { MemoryStream } from '@sheetflow/testkit/memory-stream'

/** The epoch of new streams, and the time at which it stands still. */
const EPOCH = 1_000
const NOW_MS = EPOCH * 1_000

/** A bus in memory whose appends fail, or are cut as a killed writer would leave them, when a test says so. */
export class FaultyBus implements Bus {
  readonly atomic = false
  readonly durableAfterMs = 0
  /** Makes appends fail with this error. */
  refuse: SheetflowError | null = null
  /** The next append of more than one message keeps only some of them and fails. Returns how many are kept. */
  cut: ((count: number) => number) | null = null
  readonly #streams = new Map<string, MemoryStream>()
  readonly #bus = new MemoryBus({ clock: { now: () => NOW_MS }, streams: this.#streams })

  async append(stream: string, messages: readonly BusMessage[], options: AppendOptions = {}): Promise<AppendResult> {
    if (this.refuse !== null) throw this.refuse
    const kept = this.cut !== null && messages.length > 1 ? this.cut(messages.length) : messages.length
    const result = await this.#bus.append(stream, messages.slice(0, kept), options)
    if (kept === messages.length) return result
    this.cut = null
    throw new SheetflowError('bus/unavailable', 'cut', { retry: 'later' })
  }

  /** Takes the last messages of a stream away, as when a backup of the bus is put back. Nobody may be reading. */
  lose(stream: string, count: number): void {
    const shorter = new MemoryStream(stream, EPOCH)
    for (const message of this.messages(stream).slice(0, -count)) shorter.append([message], undefined, NOW_MS)
    this.#streams.set(stream, shorter)
  }

  ensure(stream: string, options?: StreamOptions): Promise<StreamInfo> {
    return this.#bus.ensure(stream, options)
  }

  read(stream: string, options: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    return this.#bus.read(stream, options)
  }

  last(stream: string, subject: string): Promise<readonly StoredMessage[]> {
    return this.#bus.last(stream, subject)
  }

  range(stream: string): Promise<StreamInfo> {
    return this.#bus.range(stream)
  }

  retain(stream: string, reader: string, offset: number): Promise<void> {
    return this.#bus.retain(stream, reader, offset)
  }

  trim(stream: string, limits: TrimLimits): Promise<StreamInfo> {
    return this.#bus.trim(stream, limits)
  }

  /** Everything in a stream. */
  messages(stream: string): readonly StoredMessage[] {
    return this.#bus.messages(stream)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#bus[Symbol.asyncDispose]()
  }
}
