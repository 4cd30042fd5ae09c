import { SheetflowError } from '@sheetflow/core/errors'
import { subjectMatches } from '@sheetflow/core/subject'
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

interface Stream {
  epoch: number
  first: number
  last: number
  messages: StoredMessage[]
  readonly ids: Map<string, number>
}

/**
 * The port `Bus` in memory, for tests of layers that follow a stream and may not import its drivers. Same order, fencing and repetition rules;
 * no limits. `cut` stands for retention, `forget` for a bus that was deleted.
 */
export class MemoryBus implements Bus {
  readonly atomic = true
  readonly #streams = new Map<string, Stream>()
  readonly #waiting = new Set<() => void>()
  /** Last `retain` of each reader, by `<stream> <reader>`. */
  readonly retained: Map<string, number> = new Map()

  ensure(stream: string, options: StreamOptions = {}): Promise<StreamInfo> {
    let found = this.#streams.get(stream)
    if (found === undefined) {
      found = { epoch: options.epoch ?? 1, first: 1, last: 0, messages: [], ids: new Map() }
      this.#streams.set(stream, found)
    }
    found.epoch = Math.max(found.epoch, options.epoch ?? 0)
    return this.range(stream)
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws must become a rejection
  async append(stream: string, messages: readonly BusMessage[], options: AppendOptions = {}): Promise<AppendResult> {
    const found = this.#stream(stream)
    if (options.expectedLast !== undefined && options.expectedLast !== found.last)
      throw new SheetflowError('bus/fenced', `${stream} ends at ${found.last}`)
    const offsets = messages.map((message) => {
      const known = options.expectedLast === undefined ? found.ids.get(message.id) : undefined
      if (known !== undefined) return known
      found.last++
      found.messages.push({ ...message, offset: found.last, storedAt: 0 })
      found.ids.set(message.id, found.last)
      return found.last
    })
    for (const wake of this.#waiting) wake()
    return { first: offsets[0] ?? found.last, last: offsets.at(-1) ?? found.last }
  }

  async *read(stream: string, { from, subjects = ['>'], untilNow = false, signal }: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    let next = from
    while (signal?.aborted !== true) {
      const found = this.#stream(stream)
      if (next < found.first) throw new SheetflowError('bus/gone', `${stream} begins at ${found.first}`)
      const batch = found.messages.filter((message) => message.offset >= next).slice(0, 1_000)
      next = (batch.at(-1)?.offset ?? next - 1) + 1
      const wanted = batch.filter((message) => subjects.some((pattern) => subjectMatches(pattern, message.subject)))
      if (wanted.length > 0) yield wanted
      else if (batch.length === 0 && untilNow) return
      else if (batch.length === 0) await this.#news(signal)
    }
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws must become a rejection
  async last(stream: string, subject: string): Promise<readonly StoredMessage[]> {
    const bySubject = new Map(this.#stream(stream).messages.map((message) => [message.subject, message]))
    return [...bySubject.values()].filter((message) => subjectMatches(subject, message.subject)).sort((a, b) => a.offset - b.offset)
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws must become a rejection
  async range(stream: string): Promise<StreamInfo> {
    const { epoch, first, last } = this.#stream(stream)
    return { stream, epoch, first, last, bytes: 0 }
  }

  retain(stream: string, reader: string, offset: number): Promise<void> {
    this.retained.set(`${stream} ${reader}`, offset)
    return Promise.resolve()
  }

  trim(stream: string): Promise<StreamInfo> {
    return this.range(stream)
  }

  /** Drops everything before `first`, but for the last schema and control messages. */
  cut(stream: string, first: number): void {
    const found = this.#stream(stream)
    const last = new Map(found.messages.map((message) => [message.subject, message.offset]))
    const stays = (message: StoredMessage): boolean =>
      message.offset >= first || (/\._(schema|ctl)(\.|$)/.test(message.subject) && last.get(message.subject) === message.offset)
    found.messages = found.messages.filter(stays)
    found.first = Math.max(found.first, first)
  }

  forget(stream: string): void {
    this.#streams.delete(stream)
    for (const wake of this.#waiting) wake()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#streams.clear()
    return Promise.resolve()
  }

  #stream(name: string): Stream {
    const found = this.#streams.get(name)
    if (found !== undefined) return found
    throw new SheetflowError('bus/unknown-stream', `there is no stream ${name}`, { retry: 'later' })
  }

  #news(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }
}
