import { isSheetflowError } from '@sheetflow/core/errors'
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
import { readArchive } from './read-archive.ts'
import { isSame } from './restore-stream.ts'

/**
 * A bus whose streams reach back into an archive: `read` from an offset that the bus has trimmed begins in the archive and goes on in the stream, without a
 * gap and without a repeat. Everything else is the bus'; `range` and `ensure` say what the bus itself retains, as roles need it (`pastBus` is for who looks back).
 */
export class ArchivedBus implements Bus {
  readonly #bus: Bus
  readonly #store: ArchiveStore
  readonly #range: Bus['range']

  /** `range`: what it says of a stream where that is not what the bus says. */
  constructor(bus: Bus, store: ArchiveStore, range: Bus['range'] = (stream) => bus.range(stream)) {
    this.#bus = bus
    this.#store = store
    this.#range = range
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

  async *read(stream: string, options: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    let { from } = options
    for (;;) {
      try {
        for await (const messages of this.#bus.read(stream, { ...options, from })) {
          yield messages
          from = (messages.at(-1)?.offset ?? from) + 1
        }
        return
      } catch (error) {
        if (!isSheetflowError(error, 'bus/gone') || !(await this.#isOfThis(stream))) throw error
        const before = from
        for await (const { messages, next } of readArchive(this.#store, stream, { ...options, from })) {
          if (messages.length > 0) yield messages
          from = next
        }
        if (options.signal?.aborted === true) return
        // Neither has it: it was trimmed before it was archived.
        if (from === before) throw error
      }
    }
  }

  /** Is the archive that of this stream, and not of one before it that is lost? Where it has what the stream has, they can be compared. */
  async #isOfThis(stream: string): Promise<boolean> {
    const { first } = await this.#bus.range(stream)
    try {
      return await isSame(this.#bus, this.#store, stream, first)
    } catch (error) {
      // Trimmed meanwhile.
      if (isSheetflowError(error, 'bus/gone')) return await this.#isOfThis(stream)
      throw error
    }
  }

  last(stream: string, subject: string): Promise<readonly StoredMessage[]> {
    return this.#bus.last(stream, subject)
  }

  range(stream: string): Promise<StreamInfo> {
    return this.#range(stream)
  }

  retain(stream: string, reader: string, offset: number): Promise<void> {
    return this.#bus.retain(stream, reader, offset)
  }

  trim(stream: string, limits: TrimLimits): Promise<StreamInfo> {
    return this.#bus.trim(stream, limits)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus[Symbol.asyncDispose]()
    await this.#store[Symbol.asyncDispose]()
  }
}
