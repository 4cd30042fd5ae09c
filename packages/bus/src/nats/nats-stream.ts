import { JetStreamApiError, type StreamConfig, type StreamInfo as ServerStream } from '@nats-io/jetstream'
import { SheetflowError } from '@sheetflow/core/errors'
import type {
  AppendOptions,
  AppendResult,
  BusMessage,
  ReadOptions,
  StoredMessage,
  StreamInfo,
  StreamOptions,
  TrimLimits,
} from '@sheetflow/core/ports/bus'
import { draft } from '../draft.ts'
import { AppendQueue } from './append-queue.ts'
import type { StreamRecord } from './control.ts'
import { API, assertStill, busFailure, notReserved, unknownStream } from './failure.ts'
import type { BusParts, StreamDoor } from './parts.ts'
import { DUPLICATES_MS } from './limits.ts'
import { StreamReader } from './stream-reader.ts'
import { areaFor, firstAreas } from './subjects.ts'
import { Trimmer } from './trimmer.ts'

/** One stream as one bus object sees it: what the server knows of it, the queue of appends and those who read. Creates nothing until `ensure`. */
export class NatsStream implements StreamDoor {
  readonly name: string
  readonly parts: BusParts
  readonly #queue: AppendQueue
  readonly #reader: StreamReader
  readonly #trimmer: Trimmer
  /** The subjects that the stream takes, as last seen, and when the server had made it. */
  #areas: readonly string[] | null = null
  #created: string | null = null

  constructor(parts: BusParts, name: string) {
    this.parts = parts
    this.name = name
    this.#queue = new AppendQueue(this)
    this.#reader = new StreamReader(this)
    this.#trimmer = new Trimmer(this)
  }

  async ensure({ epoch = 0, maxBytes }: StreamOptions): Promise<StreamInfo> {
    return await this.#guard(async () => {
      const server = await this.#configured(maxBytes)
      const record = await this.#changed(server, epoch)
      return this.#info(server, record)
    })
  }

  async append(messages: readonly BusMessage[], options: AppendOptions): Promise<AppendResult> {
    return await this.#queue.append(draft(this.name, messages, options), options.signal)
  }

  read(options: ReadOptions, signal: AbortSignal): AsyncIterable<readonly StoredMessage[]> {
    return this.#reader.read(options, signal)
  }

  async last(pattern: string): Promise<StoredMessage[]> {
    return await this.#guard(() => this.#reader.last(pattern))
  }

  async retain(reader: string, offset: number): Promise<void> {
    await this.#guard(() => this.#trimmer.retain(reader, offset))
  }

  async trim(limits: TrimLimits): Promise<StreamInfo> {
    return await this.#guard(async () => {
      await this.#trimmer.trim(limits)
      return await this.info()
    })
  }

  async info(): Promise<StreamInfo> {
    return await this.#guard(async () => {
      const server = await this.server()
      return this.#info(server, await this.record(server))
    })
  }

  /** What the server says about the stream; `bus/unknown-stream` if there is none. */
  async server(): Promise<ServerStream> {
    const server = await this.#find()
    if (server === null) throw unknownStream(this.name)
    if (server.created !== this.#created) this.#areas = null
    this.#created = server.created
    return server
  }

  /** Does something to the stream that the server made at `created`, and to no other of its name: it may have lost that one since. */
  async toThis(created: string, work: () => Promise<unknown>): Promise<void> {
    const { link } = this.parts
    await link.patiently(async () => {
      assertStill(this.name, created, (await link.manager.streams.info(this.name)).created)
      await work()
    })
  }

  /** Our record of it. One that is missing (the control stream was lost) is made anew, with a new epoch. */
  async record(server: ServerStream): Promise<StreamRecord> {
    const record = await this.parts.control.read(this.name)
    if (record !== null && record.created === server.created) return record
    return await this.#changed(server, 0)
  }

  /** Has the stream take these subjects, if it does not yet: a graph's stream takes those of each of its workbooks. */
  async cover(subjects: Iterable<string>): Promise<void> {
    const wanted = [...new Set([...subjects].map((subject) => areaFor(this.name, subject)))]
    this.#areas ??= (await this.server()).config.subjects
    if (wanted.every((area) => this.#areas?.includes(area))) return
    const { config } = await this.server()
    const all = [...new Set([...config.subjects, ...wanted])]
    if (all.length > config.subjects.length) await this.#update(config, { subjects: all })
    this.#areas = all
  }

  async close(): Promise<void> {
    await this.#queue.close()
    this.#reader.close()
  }

  #info(server: ServerStream, record: StreamRecord): StreamInfo {
    const { last_seq: last, first_seq: firstSeq, bytes, messages } = server.state
    // Of an empty stream the server says first = last + 1; kept messages stand before our first.
    const first = messages === 0 ? Math.max(record.first, last + 1) : Math.max(record.first, firstSeq)
    return { stream: this.name, epoch: record.epoch, first, last, bytes }
  }

  /** Brings the record up to date. If the stream had another history it is us who say so: nobody else has replaced the record. */
  async #changed(server: ServerStream, epoch: number): Promise<StreamRecord> {
    let old: StreamRecord | null = null
    const record = await this.parts.control.change(this.name, (before) => this.#recordOf(server, (old = before), epoch))
    const before = old as StreamRecord | null
    if (record !== before && before?.created !== server.created && (before !== null || server.state.messages > 0))
      this.parts.log?.warn('bus.stream-anew', newsOf(this.name, record, before !== null, server.state.messages))
    return record
  }

  #recordOf(server: ServerStream, before: StreamRecord | null, epoch: number): StreamRecord {
    const now = Math.floor(this.parts.now() / 1_000)
    if (before === null || before.created !== server.created) {
      // What was here before had another history, or its record is lost: then the hole before `first` is found by what is missing.
      const next = before === null ? now : Math.max(before.epoch + 1, now)
      return { epoch: Math.max(next, epoch), first: firstWithoutHole(server), created: server.created }
    }
    return epoch > before.epoch ? { ...before, epoch } : before
  }

  /** The stream, made or brought up to what this server can do. */
  async #configured(maxBytes: number | undefined): Promise<ServerStream> {
    const { atomicBatches } = this.parts.link.features
    const server = await this.#find()
    if (server === null) return await this.#create(maxBytes)
    const { config } = server
    const bytes = maxBytes === undefined || config.max_bytes === maxBytes ? {} : { max_bytes: maxBytes }
    const atomic = atomicBatches && config.allow_atomic !== true ? { allow_atomic: true } : {}
    const changes = { ...bytes, ...atomic }
    return Object.keys(changes).length === 0 ? server : await this.#update(config, changes)
  }

  async #create(maxBytes: number | undefined): Promise<ServerStream> {
    const { link, replicas } = this.parts
    const config = {
      name: this.name,
      subjects: firstAreas(this.name),
      storage: 'file' as const,
      retention: 'limits' as const,
      discard: 'new' as const,
      max_bytes: maxBytes ?? -1,
      num_replicas: replicas,
      allow_direct: true,
      duplicate_window: DUPLICATES_MS * 1_000_000,
      ...(link.features.atomicBatches ? { allow_atomic: true } : {}),
    }
    try {
      return await link.patiently(() => link.manager.streams.add(config))
    } catch (error) {
      // Two made it at once, with different limits.
      if (error instanceof JetStreamApiError && error.code === API.nameTaken) return await this.#configured(maxBytes)
      throw this.#refused(error, maxBytes)
    }
  }

  async #update(config: StreamConfig, changes: Partial<StreamConfig>): Promise<ServerStream> {
    const { link } = this.parts
    try {
      return await link.patiently(() => link.manager.streams.update(this.name, { ...config, ...changes }))
    } catch (error) {
      throw this.#refused(error, changes.max_bytes)
    }
  }

  #refused(error: unknown, maxBytes: number | undefined): unknown {
    const full = notReserved(this.name, maxBytes, error)
    if (full !== null) return full
    if (!(error instanceof JetStreamApiError) || error.code !== API.subjectsOverlap) return error
    return new SheetflowError('bus/unavailable', `subjects of stream ${this.name} belong to another stream of this account`, {
      fix: 'Take them from the other one (`nats stream edit`), or give each installation an account of its own.',
      details: { stream: this.name },
      cause: error,
    })
  }

  async #find(): Promise<ServerStream | null> {
    const { link } = this.parts
    try {
      return await link.patiently(() => link.manager.streams.info(this.name))
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === API.noSuchStream) return null
      throw error
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw busFailure(this.name, error)
    }
  }
}

/** Without a record of ours: nothing is missing if the server holds as many messages as there are numbers; else the safe answer is "nothing is left". */
function firstWithoutHole({ state }: ServerStream): number {
  return state.last_seq - state.first_seq + 1 === state.messages ? Math.max(1, state.first_seq) : state.last_seq + 1
}

/** What is to be said when a stream has another history, or its record is lost. */
function newsOf(stream: string, { epoch }: StreamRecord, wasKnown: boolean, messages: number): Readonly<Record<string, unknown>> {
  const what = wasKnown ? `the NATS server had lost the stream ${stream}` : `what the bus knew of the stream ${stream} is lost`
  const left = messages === 0 ? 'nothing of it was left' : `its ${messages} messages were found again`
  return {
    stream,
    epoch,
    messages,
    message: `${what}, as after a power failure; ${left}. It begins epoch ${epoch}: who reads it begins anew`,
    fix: 'Nothing, it goes on by itself. A server with `sync_interval: always` syncs what describes its streams, too.',
  }
}
