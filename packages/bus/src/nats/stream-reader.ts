import { JetStreamApiError } from '@nats-io/jetstream'
import type { ReadOptions, StoredMessage } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'
import { APPEND_BYTES, APPEND_MESSAGES, messageBytes } from '../draft.ts'
import { API, busFailure, gone, missing, setBack, unknownStream } from './failure.ts'
import type { StreamDoor } from './parts.ts'
import { Pull, type Pulled } from './pull.ts'
import { drain } from './scan.ts'
import { overlap, wirePatterns } from './subjects.ts'
import { decodeMessage, isSameMessage } from './wire-message.ts'

/**
 * Reads a stream: forward from an offset, and the last message of each subject. Forward, the whole stream is read and subjects are chosen here: that the next
 * sequence number follows the last one is what shows that nothing is missing.
 */
export class StreamReader {
  readonly #door: StreamDoor
  /** The greatest `first` that was heard of. */
  #first = 1
  #unwatch: (() => void) | null = null

  constructor(door: StreamDoor) {
    this.#door = door
  }

  async *read(options: ReadOptions, signal: AbortSignal): AsyncGenerator<readonly StoredMessage[]> {
    if (signal.aborted) return
    const wanted = subjectFilter(options.subjects)
    try {
      this.#watch()
      const { last } = await this.#place(options.from)
      const end = options.untilNow === true ? last : Infinity
      for await (const run of this.#runs(Math.max(1, options.from), last, end, signal)) {
        for (const batch of batches(this.#decode(run, wanted))) {
          const { offset } = batch[0]!
          // What was fetched ahead may have been trimmed meanwhile.
          if (this.#first > offset) throw gone(this.#door.name, offset, this.#first)
          yield batch
        }
      }
    } catch (error) {
      if (!signal.aborted) throw busFailure(this.#door.name, error)
    }
  }

  /**
   * Messages without a hole from `next` on. A consumer that is lost, or leaves something out, is followed by another one, which begins with the message that was read last: only if it is the same
   * one does what follows belong to it. The stream `reaches` so far at least; reading ends behind `end`.
   */
  async *#runs(start: number, reaches: number, end: number, signal: AbortSignal): AsyncGenerator<readonly Pulled[]> {
    let next = start
    let known = reaches
    let last: Pulled | null = null
    let pull: Pull | null = null
    let isNew = false
    try {
      while (!signal.aborted && next <= end) {
        if (pull === null) {
          pull = await this.#open(last?.seq ?? next, signal)
          isNew = true
        }
        if (pull.isDrained && next <= known) await this.#assertThere(next)
        const pulled = await pull.take(signal)
        if (signal.aborted) return
        if (isNew && last !== null) this.#assertSame(last, pulled)
        const ahead: readonly Pulled[] | null = pulled?.filter(({ seq }) => seq >= next) ?? null
        const run = ahead === null ? [] : runFrom(ahead, next, end)
        if (run.length > 0) {
          next += run.length
          last = run.at(-1) ?? last
          isNew = false
          yield run
        }
        if (ahead !== null && (run.length === ahead.length || next > end)) continue
        await pull[Symbol.asyncDispose]()
        pull = null
        const place = await this.#place(next)
        if (place.last < next - 1) throw setBack(this.#door.name, next - 1)
        known = place.last
        if (ahead !== null && isNew) throw missing(this.#door.name, next)
      }
    } finally {
      await pull?.[Symbol.asyncDispose]()
    }
  }

  /** The last retained message of each subject that matches, by offset. */
  async last(pattern: string): Promise<StoredMessage[]> {
    const { name, parts } = this.#door
    const { config } = await this.#door.server()
    const found = new Map<number, StoredMessage>()
    for (const filter of wirePatterns(name, pattern)) {
      // Servers before 2.10 refuse a filter that matches none of the stream's subjects.
      if (!config.subjects.some((area) => overlap(area, filter))) continue
      for (const { message, seq } of await drain(parts.link, name, { lastOfEach: true, filter })) {
        const decoded = decodeMessage(name, message, seq)
        if (subjectMatches(pattern, decoded.subject)) found.set(seq, decoded)
      }
    }
    parts.link.closing.signal.throwIfAborted()
    return [...found.values()].toSorted((a, b) => a.offset - b.offset)
  }

  close(): void {
    this.#unwatch?.()
    this.#unwatch = null
  }

  /** Where the stream begins and ends; `bus/gone` if the offset lies before. */
  async #place(from: number): Promise<{ readonly first: number; readonly last: number }> {
    const server = await this.#door.server()
    const record = await this.#door.record(server)
    const { last_seq: last } = server.state
    this.#first = Math.max(this.#first, record.first)
    if (from < record.first) throw gone(this.#door.name, from, record.first)
    return { first: record.first, last }
  }

  /** Nothing more is delivered, though the stream goes on: the replica that delivers may be behind, or the message is lost. Who leads the stream knows. */
  async #assertThere(seq: number): Promise<void> {
    const { name, parts } = this.#door
    const found = await parts.link.patiently(() => parts.link.manager.streams.getMessage(name, { seq }))
    if (found !== null) return
    await this.#place(seq)
    throw missing(name, seq)
  }

  #assertSame(last: Pulled, pulled: readonly Pulled[] | null): void {
    const again = pulled?.find(({ seq }) => seq === last.seq)
    if (again !== undefined && !isSameMessage(again.message, last.message)) throw setBack(this.#door.name, last.seq)
  }

  async #open(from: number, signal: AbortSignal): Promise<Pull> {
    const { link } = this.#door.parts
    try {
      return await link.patiently(() => Pull.open(link, this.#door.name, { from }), signal)
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === API.noSuchStream) throw unknownStream(this.#door.name, error)
      throw error
    }
  }

  #decode(run: readonly Pulled[], wanted: (subject: string) => boolean): StoredMessage[] {
    const messages: StoredMessage[] = []
    for (const { message, seq } of run) {
      const decoded = decodeMessage(this.#door.name, message, seq)
      if (wanted(decoded.subject)) messages.push(decoded)
    }
    return messages
  }

  /** A reader that waits, or has fetched ahead, hears at once of what was trimmed. */
  #watch(): void {
    this.#unwatch ??= this.#door.parts.control.watch(this.#door.name, ({ first }) => (this.#first = Math.max(this.#first, first)))
  }
}

/** Those from `next` on without a hole, not past `end`. */
function runFrom(pulled: readonly Pulled[], next: number, end: number): readonly Pulled[] {
  const run: Pulled[] = []
  for (const each of pulled) {
    if (each.seq < next + run.length) continue
    if (each.seq > next + run.length || each.seq > end) break
    run.push(each)
  }
  return run
}

function* batches(messages: readonly StoredMessage[]): Generator<readonly StoredMessage[]> {
  let batch: StoredMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = messageBytes(message)
    if (batch.length === APPEND_MESSAGES || (batch.length > 0 && bytes + size > APPEND_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** Does a subject match one of the patterns? Each subject is matched once and remembered. */
function subjectFilter(patterns: readonly string[] | undefined): (subject: string) => boolean {
  if (patterns === undefined) return () => true
  const known = new Map<string, boolean>()
  return (subject) => {
    let wanted = known.get(subject)
    if (wanted === undefined) known.set(subject, (wanted = patterns.some((pattern) => subjectMatches(pattern, subject))))
    return wanted
  }
}
