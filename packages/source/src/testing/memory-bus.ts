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
} from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'

interface Stream {
  epoch: number
  readonly messages: StoredMessage[]
}

/** The part of the port that capture uses, in memory: fenced, ordered, woken at once. `refuse` makes appends fail, `cut` keeps only a prefix of one. */
export class MemoryBus implements Bus {
  readonly atomic = false
  /** Makes the next appends fail with this error. */
  refuse: SheetflowError | null = null
  /** The next append of more than one message keeps only some of them and fails, as a killed writer would leave it. Returns how many are kept. */
  cut: ((count: number) => number) | null = null
  readonly #streams = new Map<string, Stream>()
  #wake: (() => void)[] = []

  ensure(stream: string, options: StreamOptions = {}): Promise<StreamInfo> {
    const known = this.#streams.get(stream)
    if (known === undefined) this.#streams.set(stream, { epoch: options.epoch ?? 1_000, messages: [] })
    else if (options.epoch !== undefined) known.epoch = Math.max(known.epoch, options.epoch)
    return this.range(stream)
  }

  async append(stream: string, messages: readonly BusMessage[], options: AppendOptions = {}): Promise<AppendResult> {
    await Promise.resolve()
    if (this.refuse !== null) throw this.refuse
    const { messages: stored } = this.#get(stream)
    if (options.expectedLast !== undefined && options.expectedLast !== stored.length) {
      throw new SheetflowError('bus/fenced', `expected ${String(options.expectedLast)}, is ${String(stored.length)}`)
    }
    const kept = this.cut !== null && messages.length > 1 ? this.cut(messages.length) : messages.length
    if (kept < messages.length) this.cut = null
    const first = stored.length + 1
    for (const message of messages.slice(0, kept)) stored.push({ ...message, offset: stored.length + 1, storedAt: Date.now() })
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
    if (kept < messages.length) throw new SheetflowError('bus/unavailable', 'cut', { retry: 'later' })
    return { first, last: stored.length }
  }

  async *read(stream: string, { from, subjects, untilNow, signal }: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    let at = from - 1
    signal?.addEventListener('abort', () => this.#wakeAll())
    while (signal?.aborted !== true) {
      const { messages } = this.#get(stream)
      const batch = messages
        .slice(at, at + 1_000)
        .filter((m) => subjects === undefined || subjects.some((pattern) => subjectMatches(pattern, m.subject)))
      at = Math.min(messages.length, at + 1_000)
      if (batch.length > 0) yield batch
      else if (at >= messages.length) {
        if (untilNow === true) return
        await new Promise<void>((resolve) => this.#wake.push(resolve))
      }
    }
  }

  last(stream: string, subject: string): Promise<readonly StoredMessage[]> {
    const found = new Map<string, StoredMessage>()
    for (const message of this.#get(stream).messages) if (subjectMatches(subject, message.subject)) found.set(message.subject, message)
    return Promise.resolve([...found.values()].toSorted((a, b) => a.offset - b.offset))
  }

  range(stream: string): Promise<StreamInfo> {
    const { epoch, messages } = this.#get(stream)
    return Promise.resolve({ stream, epoch, first: 1, last: messages.length, bytes: 0 })
  }

  retain(): Promise<void> {
    return Promise.resolve()
  }

  trim(stream: string): Promise<StreamInfo> {
    return this.range(stream)
  }

  /** Everything in a stream. */
  messages(stream: string): readonly StoredMessage[] {
    return this.#get(stream).messages
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#wakeAll()
    return Promise.resolve()
  }

  #get(stream: string): Stream {
    const known = this.#streams.get(stream)
    if (known === undefined) throw new SheetflowError('bus/unknown-stream', `no stream ${stream}`)
    return known
  }

  #wakeAll(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }
}
