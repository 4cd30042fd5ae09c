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
import { subjectMatches } from '@sheetflow/core/subject'

interface MemoryStream {
  epoch: number
  /** Offset of the first retained message. */
  first: number
  last: number
  messages: StoredMessage[]
  /** The last message of kept subjects before `first`. */
  readonly kept: Map<string, StoredMessage>
  readonly ids: Map<string, number>
  readonly readers: Map<string, number>
  waiting: (() => void)[]
}

const BATCH = 1_000
const FIRST_EPOCH = 1_795_000_000

/**
 * A `Bus` in memory, for tests of layers that may not import drivers: the guarantees of the port but for durability, and no clock
 * (`storedAt` counts messages). `trim` takes no limits into account: it drops what readers that retain anything do not need.
 */
export function memoryBus(): Bus {
  return new MemoryBus()
}

class MemoryBus implements Bus {
  readonly atomic = true
  readonly #streams = new Map<string, MemoryStream>()

  ensure(stream: string, { epoch }: StreamOptions = {}): Promise<StreamInfo> {
    const known = this.#streams.get(stream)
    if (known === undefined) {
      const made = {
        epoch: epoch ?? FIRST_EPOCH,
        first: 1,
        last: 0,
        messages: [],
        kept: new Map(),
        ids: new Map(),
        readers: new Map(),
        waiting: [],
      }
      this.#streams.set(stream, made)
    } else if (epoch !== undefined) known.epoch = Math.max(known.epoch, epoch)
    return this.range(stream)
  }

  // oxlint-disable-next-line typescript/require-await -- an asynchronous port over a map
  async append(name: string, messages: readonly BusMessage[], { expectedLast }: AppendOptions = {}): Promise<AppendResult> {
    const stream = this.#stream(name)
    if (messages.length > BATCH) throw new SheetflowError('bus/too-large', `${messages.length} messages in one append`)
    if (expectedLast !== undefined && expectedLast !== stream.last) {
      throw new SheetflowError('bus/fenced', `${name} ends at ${stream.last}, expected was ${expectedLast}`)
    }
    const offsets = messages.map((message) => this.#store(stream, message, expectedLast === undefined))
    const waiting = stream.waiting
    stream.waiting = []
    for (const wake of waiting) wake()
    return { first: offsets[0] ?? stream.last, last: offsets.at(-1) ?? stream.last }
  }

  async *read(name: string, { from, subjects, untilNow, signal }: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    const stream = this.#stream(name)
    const end = untilNow === true ? stream.last : Number.MAX_SAFE_INTEGER
    let next = from
    while (signal?.aborted !== true && next <= end) {
      if (next < stream.first) throw new SheetflowError('bus/gone', `${name} begins at ${stream.first}, asked was ${next}`)
      const batch = stream.messages.slice(next - stream.first, Math.min(next - stream.first + BATCH, end - stream.first + 1))
      next += batch.length
      const wanted =
        subjects === undefined ? batch : batch.filter((one) => subjects.some((pattern) => subjectMatches(pattern, one.subject)))
      if (wanted.length > 0) yield wanted
      if (batch.length === 0) await arrival(stream, signal)
    }
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws must become a rejection
  async last(name: string, subject: string): Promise<readonly StoredMessage[]> {
    const found = new Map<string, StoredMessage>()
    const stream = this.#stream(name)
    for (const message of [...stream.kept.values(), ...stream.messages]) {
      if (subjectMatches(subject, message.subject)) found.set(message.subject, message)
    }
    return Promise.resolve([...found.values()].sort((a, b) => a.offset - b.offset))
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws must become a rejection
  async range(name: string): Promise<StreamInfo> {
    const { epoch, first, last, messages } = this.#stream(name)
    const bytes = messages.reduce((sum, message) => sum + message.body.byteLength, 0)
    return Promise.resolve({ stream: name, epoch, first, last, bytes })
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws must become a rejection
  async retain(name: string, reader: string, offset: number): Promise<void> {
    this.#stream(name).readers.set(reader, offset)
    return Promise.resolve()
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws must become a rejection
  async trim(name: string, { keep = [] }: TrimLimits): Promise<StreamInfo> {
    const stream = this.#stream(name)
    const border = Math.min(stream.last, ...stream.readers.values())
    const dropped = stream.messages.filter((message) => message.offset <= border)
    for (const message of dropped) if (isKept(message.subject, keep)) stream.kept.set(message.subject, message)
    stream.messages = stream.messages.slice(dropped.length)
    stream.first += dropped.length
    return this.range(name)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }

  #stream(name: string): MemoryStream {
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new SheetflowError('bus/unknown-stream', `there is no stream ${name}`)
    return stream
  }

  #store(stream: MemoryStream, message: BusMessage, once: boolean): number {
    const known = once ? stream.ids.get(message.id) : undefined
    if (known !== undefined) return known
    stream.last += 1
    stream.messages.push({ ...message, offset: stream.last, storedAt: stream.last })
    stream.ids.set(message.id, stream.last)
    return stream.last
  }
}

function arrival(stream: MemoryStream, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    stream.waiting.push(resolve)
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}

function isKept(subject: string, keep: readonly string[]): boolean {
  const tokens = subject.split('.')
  return tokens.includes('_schema') || tokens.includes('_ctl') || keep.some((pattern) => subjectMatches(pattern, subject))
}
