import { SheetflowError } from '@sheetflow/core/errors'
import type { AppendResult, BusMessage, ReadOptions, StoredMessage, StreamInfo, TrimLimits } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'

/** The port's limits of one append and of one batch. */
const MOST_MESSAGES = 1_000
const MOST_BYTES = 4 * 1024 * 1024

/** A reader that was silent for so long holds nothing back. */
const READER_SILENCE_MS = 24 * 3_600_000

/** One stream of the bus in memory. Everything happens at once; whoever waits is woken by the append. */
export class MemoryStream {
  readonly #name: string
  #epoch: number
  #maxBytes = Infinity
  /** Offset of the first retained message, which stands at index 0. */
  #first = 1
  #bytes = 0
  readonly #messages: StoredMessage[] = []
  /** The last message of kept subjects before `#first`. */
  readonly #kept = new Map<string, StoredMessage>()
  readonly #offsets = new Map<string, number>()
  readonly #readers = new Map<string, { readonly offset: number; readonly atMs: number }>()
  readonly #waiting = new Set<() => void>()
  /** Appends chained to one that found no room fail for its reason: what their writer expects will never be the end. */
  #refused: { next: number; readonly error: SheetflowError } | undefined

  constructor(name: string, epoch: number) {
    this.#name = name
    this.#epoch = epoch
  }

  get info(): StreamInfo {
    return { stream: this.#name, epoch: this.#epoch, first: this.#first, last: this.last, bytes: this.#bytes }
  }

  get last(): number {
    return this.#first + this.#messages.length - 1
  }

  raise(epoch: number, maxBytes: number | undefined): void {
    this.#epoch = Math.max(this.#epoch, epoch)
    this.#maxBytes = maxBytes ?? this.#maxBytes
  }

  append(messages: readonly BusMessage[], expectedLast: number | undefined, nowMs: number): AppendResult {
    const bytes = messages.reduce((sum, message) => sum + sizeOf(message), 0)
    if (messages.length > MOST_MESSAGES || bytes > MOST_BYTES) {
      throw new SheetflowError('bus/too-large', `${messages.length} messages of ${bytes} bytes in one append`)
    }
    if (expectedLast !== undefined) this.#assertEnd(expectedLast, messages.length)
    if (this.#bytes + bytes > this.#maxBytes) throw this.#refuse(messages.length)
    this.#refused = undefined
    const offsets = messages.map((message) => this.#store(message, expectedLast === undefined, nowMs))
    this.#wake()
    return { first: offsets[0] ?? this.last + 1, last: offsets.at(-1) ?? this.last }
  }

  /** The messages from an offset to `end`, as many as a batch holds. */
  batch(from: number, end: number): readonly StoredMessage[] {
    if (from < this.#first) throw new SheetflowError('bus/gone', `${this.#name} begins at ${this.#first}, asked was ${from}`)
    const start = from - this.#first
    const stop = Math.min(start + MOST_MESSAGES, end + 1 - this.#first, this.#messages.length)
    let bytes = 0
    let count = start
    while (count < stop && (bytes += sizeOf(this.#messages[count]!)) <= MOST_BYTES) count++
    return this.#messages.slice(start, count)
  }

  /** All retained messages from an offset on. */
  from(offset: number): readonly StoredMessage[] {
    return this.#messages.slice(Math.max(0, offset - this.#first))
  }

  /** Resolves at the next append, or when the signal aborts. */
  async arrival(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake)
    await promise
    this.#waiting.delete(wake)
    signal.removeEventListener('abort', wake)
  }

  lastOf(pattern: string): readonly StoredMessage[] {
    const found = new Map<string, StoredMessage>()
    for (const message of [...this.#kept.values(), ...this.#messages]) {
      if (subjectMatches(pattern, message.subject)) found.set(message.subject, message)
    }
    return [...found.values()].toSorted((a, b) => a.offset - b.offset)
  }

  retain(reader: string, offset: number, nowMs: number): void {
    this.#readers.set(reader, { offset, atMs: nowMs })
  }

  trim({ maxAgeMs = Infinity, maxBytes = Infinity, keep = [] }: TrimLimits, nowMs: number): void {
    const readers = [...this.#readers.values()].filter((reader) => nowMs - reader.atMs < READER_SILENCE_MS)
    const border = Math.min(this.last, ...readers.map((reader) => reader.offset))
    let count = 0
    for (let left = this.#bytes; this.#first + count <= border; count++) {
      const message = this.#messages[count]!
      if (left <= maxBytes && nowMs - message.storedAt < maxAgeMs) break
      left -= sizeOf(message)
    }
    if (count > 0) this.#drop(count, keep)
    // What is kept of the dropped ones counts as well.
    while (this.#bytes > maxBytes && this.#first <= border) this.#drop(1, keep)
  }

  #assertEnd(expected: number, count: number): void {
    if (expected === this.last) return
    if (expected !== this.#refused?.next)
      throw new SheetflowError('bus/fenced', `${this.#name} ends at ${this.last}, expected was ${expected}`)
    this.#refused.next += count
    throw this.#refused.error
  }

  #refuse(count: number): SheetflowError {
    const error = new SheetflowError('bus/full', `${this.#name} is full`, { retry: 'later' })
    this.#refused = { next: this.last + count, error }
    return error
  }

  #store(message: BusMessage, once: boolean, nowMs: number): number {
    const known = once ? this.#offsets.get(message.id) : undefined
    if (known !== undefined) return known
    const offset = this.last + 1
    this.#messages.push({ ...message, offset, storedAt: nowMs })
    this.#offsets.set(message.id, offset)
    this.#bytes += sizeOf(message)
    return offset
  }

  #drop(count: number, keep: readonly string[]): void {
    for (const message of this.#messages.splice(0, count)) this.#kept.set(message.subject, message)
    this.#first += count
    for (const subject of this.#kept.keys()) if (!isKept(subject, keep)) this.#kept.delete(subject)
    this.#bytes = [...this.#kept.values(), ...this.#messages].reduce((sum, message) => sum + sizeOf(message), 0)
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}

/** The messages of a batch that a reader asked for. */
export function wanted(batch: readonly StoredMessage[], subjects: ReadOptions['subjects']): readonly StoredMessage[] {
  if (subjects === undefined) return batch
  return batch.filter((message) => subjects.some((pattern) => subjectMatches(pattern, message.subject)))
}

function isKept(subject: string, keep: readonly string[]): boolean {
  const tokens = subject.split('.')
  return tokens.includes('_schema') || tokens.includes('_ctl') || keep.some((pattern) => subjectMatches(pattern, subject))
}

function sizeOf(message: BusMessage): number {
  return message.body.byteLength + message.subject.length + message.id.length
}
