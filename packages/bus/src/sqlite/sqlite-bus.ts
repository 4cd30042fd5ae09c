import { mkdirSync } from 'node:fs'
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
import type { Clock } from '@sheetflow/core/ports/host'
import { RESERVE_BYTES } from './limits.ts'
import { SqliteStream } from './sqlite-stream.ts'

/** How to open the embedded bus. */
export interface SqliteBusOptions {
  /** The folder with one file per stream; made if it is not there. On a local disk: SQLite's locks do not hold on network file systems. */
  readonly dir: string
  /** Appends are `bus/full` when less than this is free on the disk, so that there is room to trim. Default 64 MiB; 0 turns it off. */
  readonly reserveBytes?: number
  /** For `storedAt`, epochs and retention. Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>
}

/**
 * Opens the embedded bus. Any number of threads and processes may open the same folder; each stream should have one fenced writer, inboxes have many.
 * Errors: those of the port; `bus/unavailable` if the folder cannot be made.
 */
export function openSqliteBus(options: SqliteBusOptions): Promise<Bus> {
  try {
    mkdirSync(options.dir, { recursive: true })
    return Promise.resolve(new SqliteBus(options.dir, options.reserveBytes ?? RESERVE_BYTES, () => options.clock?.now() ?? Date.now()))
  } catch (error) {
    const fix = 'Name another folder in `bus.dir`, or give the process write access to it.'
    const message = `the folder of the bus cannot be made: ${error instanceof Error ? error.message : String(error)}`
    return Promise.reject(new SheetflowError('bus/unavailable', message, { fix, cause: error }))
  }
}

class SqliteBus implements Bus {
  readonly atomic = true
  readonly durableAfterMs = 0
  readonly #dir: string
  readonly #reserveBytes: number
  readonly #now: () => number
  readonly #streams = new Map<string, SqliteStream>()
  readonly #closing = new AbortController()

  constructor(dir: string, reserveBytes: number, now: () => number) {
    this.#dir = dir
    this.#reserveBytes = reserveBytes
    this.#now = now
  }

  async ensure(stream: string, options: StreamOptions = {}): Promise<StreamInfo> {
    return this.#stream(stream).ensure(options)
  }

  async append(stream: string, messages: readonly BusMessage[], options: AppendOptions = {}): Promise<AppendResult> {
    return this.#stream(stream).append(messages, options)
  }

  async *read(stream: string, options: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
    const { signal } = options
    yield* this.#stream(stream).read(options, signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]))
  }

  async last(stream: string, subject: string): Promise<readonly StoredMessage[]> {
    return this.#stream(stream).last(subject)
  }

  async range(stream: string): Promise<StreamInfo> {
    return this.#stream(stream).info()
  }

  async retain(stream: string, reader: string, offset: number): Promise<void> {
    this.#stream(stream).retain(reader, offset)
  }

  async trim(stream: string, limits: TrimLimits): Promise<StreamInfo> {
    return this.#stream(stream).trim(limits)
  }

  /** Commits what was appended, ends the readers, closes the files. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    for (const stream of this.#streams.values()) stream.close()
  }

  #stream(name: string): SqliteStream {
    if (this.#closing.signal.aborted) throw new SheetflowError('bus/unavailable', 'the bus is closed')
    let stream = this.#streams.get(name)
    if (stream === undefined) {
      stream = new SqliteStream(this.#dir, name, this.#reserveBytes, this.#now)
      this.#streams.set(name, stream)
    }
    return stream
  }
}
