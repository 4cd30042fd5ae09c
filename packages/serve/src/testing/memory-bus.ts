import { SheetflowError } from '@sheetflow/core/errors'
import type { AppendResult, Bus, BusMessage, ReadOptions, StoredMessage, StreamInfo } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'

interface Stream {
  epoch: number
  first: number
  readonly messages: StoredMessage[]
  readonly waiting: Set<() => void>
}

/** The port `Bus` in a few arrays, so that simulations can run thousands of streams. What it promises is proven by the kit of the real drivers. */
export class MemoryBus implements Bus {
  readonly atomic = true
  readonly #streams = new Map<string, Stream>()

  ensure(name: string, options: { readonly epoch?: number } = {}): Promise<StreamInfo> {
    const stream = this.#streams.get(name) ?? { epoch: 1, first: 1, messages: [], waiting: new Set() }
    this.#streams.set(name, stream)
    stream.epoch = Math.max(stream.epoch, options.epoch ?? 0)
    return this.range(name)
  }

  append(name: string, messages: readonly BusMessage[]): Promise<AppendResult> {
    return Promise.resolve(this.appendNow(name, messages))
  }

  /** As `append`, at once. */
  appendNow(name: string, messages: readonly BusMessage[]): AppendResult {
    const stream = this.#stream(name)
    const first = stream.first + stream.messages.length
    for (const message of messages) stream.messages.push({ ...message, offset: stream.first + stream.messages.length, storedAt: 0 })
    for (const wake of stream.waiting) wake()
    stream.waiting.clear()
    return { first, last: first + messages.length - 1 }
  }

  async *read(name: string, options: ReadOptions): AsyncGenerator<readonly StoredMessage[]> {
    const { subjects, signal, untilNow } = options
    const stream = this.#stream(name)
    let next = options.from
    while (signal?.aborted !== true) {
      if (next < stream.first) throw new SheetflowError('bus/gone', `offset ${next} was trimmed`)
      const batch = stream.messages.slice(next - stream.first, next - stream.first + 1_000)
      next += batch.length
      const wanted = subjects === undefined ? batch : batch.filter((m) => subjects.some((pattern) => subjectMatches(pattern, m.subject)))
      if (wanted.length > 0) yield wanted
      if (batch.length > 0) continue
      if (untilNow === true) return
      await new Promise<void>((resolve) => {
        stream.waiting.add(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  last(name: string, subject: string): Promise<readonly StoredMessage[]> {
    const bySubject = new Map<string, StoredMessage>()
    for (const message of this.#stream(name).messages) {
      if (!subjectMatches(subject, message.subject)) continue
      bySubject.delete(message.subject)
      bySubject.set(message.subject, message)
    }
    return Promise.resolve([...bySubject.values()])
  }

  range(name: string): Promise<StreamInfo> {
    return Promise.try(() => {
      const { epoch, first, messages } = this.#stream(name)
      return { stream: name, epoch, first, last: first + messages.length - 1, bytes: 0 }
    })
  }

  retain(): Promise<void> {
    return Promise.resolve()
  }

  trim(name: string): Promise<StreamInfo> {
    return this.range(name)
  }

  /** What is there from `offset` on, now. */
  from(name: string, offset: number): readonly StoredMessage[] {
    const { first, messages } = this.#stream(name)
    return messages.slice(Math.max(0, offset - first))
  }

  /** Drops everything before `offset`. */
  cut(name: string, offset: number): void {
    const stream = this.#stream(name)
    stream.messages.splice(0, offset - stream.first)
    stream.first = offset
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }

  #stream(name: string): Stream {
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new SheetflowError('bus/unknown-stream', `there is no stream ${name}`)
    return stream
  }
}
