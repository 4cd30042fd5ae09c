import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
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
import { ArchivedBus } from './archived-bus.ts'
import { listSegments } from './segment.ts'

/**
 * A bus for those who look back: `range` says what bus and archive have together, so whoever begins at its `first` reads everything that there still is, without a
 * gap. Roles use `ArchivedBus`: what they ask `range` for is what the bus itself retains.
 */
export class PastBus implements Bus {
  readonly #bus: ArchivedBus
  readonly #store: ArchiveStore

  constructor(bus: Bus, store: ArchiveStore) {
    this.#bus = new ArchivedBus(bus, store)
    this.#store = store
  }

  get atomic(): boolean {
    return this.#bus.atomic
  }

  get durableAfterMs(): number {
    return this.#bus.durableAfterMs
  }

  ensure(stream: string, options?: StreamOptions): Promise<StreamInfo> {
    return this.#bus.ensure(stream, options)
  }

  append(stream: string, messages: readonly BusMessage[], options?: AppendOptions): Promise<AppendResult> {
    return this.#bus.append(stream, messages, options)
  }

  read(stream: string, options: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    return this.#bus.read(stream, options)
  }

  last(stream: string, subject: string): Promise<readonly StoredMessage[]> {
    return this.#bus.last(stream, subject)
  }

  async range(stream: string): Promise<StreamInfo> {
    const info = await this.#bus.range(stream)
    let { first } = info
    for (const segment of (await listSegments(this.#store, stream)).toReversed()) {
      // What is missing in between cannot be read through.
      if (segment.last + 1 < first) break
      first = Math.min(first, segment.first)
    }
    return { ...info, first }
  }

  retain(stream: string, reader: string, offset: number): Promise<void> {
    return this.#bus.retain(stream, reader, offset)
  }

  trim(stream: string, limits: TrimLimits): Promise<StreamInfo> {
    return this.#bus.trim(stream, limits)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus[Symbol.asyncDispose]()
  }
}
