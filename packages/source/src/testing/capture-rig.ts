import { setTimeout as pause } from 'node:timers/promises'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import { sourceStream } from '@sheetflow/core/subject'
import { CaptureRole } from '../capture/capture-role.ts'
import type { CaptureOptions } from '../capture/capture-role.ts'
import { PostgresSource } from '../postgres/postgres-source.ts'
import type { PostgresSettings } from '../postgres/settings.ts'
import { FaultyBus } from './faulty-bus.ts'
import { MemoryBlobs } from './memory-blobs.ts'
import { Replica } from './replica.ts'

const DEADLINE_MS = 60_000

/** The system's clock. */
export const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => await pause(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {}),
}

/** What the log said, for tests that look. */
export class LogLines implements Log {
  readonly lines: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] = []
  debug(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ event, fields })
  }
  info(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.debug(event, fields)
  }
  warn(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.debug(event, fields)
  }
  error(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.debug(event, fields)
  }
}

/** A capture role over a real Postgres and a bus in memory, that can be stopped and started at any moment. */
export class CaptureRig implements AsyncDisposable {
  readonly bus: FaultyBus = new FaultyBus()
  readonly blobs: MemoryBlobs = new MemoryBlobs()
  readonly log: LogLines = new LogLines()
  readonly #settings: Partial<PostgresSettings>
  readonly #options: Partial<CaptureOptions>
  readonly #url: string
  role: CaptureRole | null = null
  source: PostgresSource | null = null
  #abort = new AbortController()
  #running: Promise<unknown> = Promise.resolve()

  constructor(url: string, settings: Partial<PostgresSettings> = {}, options: Partial<CaptureOptions> = {}) {
    this.#url = url
    this.#settings = settings
    this.#options = options
  }

  get stream(): string {
    return sourceStream('shop')
  }

  /** Names of slots are the server's, and a test has a database of its own. */
  get slot(): string {
    return this.#settings.slot ?? `sheetflow_${new URL(this.#url).pathname.slice(1)}`
  }

  start(): this {
    this.#abort = new AbortController()
    const { bus, blobs, log } = this
    const source = new PostgresSource({
      name: 'shop',
      url: this.#url,
      tables: ['public.*'],
      blobs,
      log,
      heartbeatMs: 100,
      ...this.#settings,
      slot: this.slot,
    })
    this.source = source
    this.role = new CaptureRole({ name: 'shop', source, bus, clock: CLOCK, log, ...this.#options })
    this.#running = this.role.run(this.#abort.signal).catch((error: unknown) => error)
    return this
  }

  /** Stops the role as a killed thread would: nothing is drained. Resolves with the error it had ended with, if it had. */
  async stop(): Promise<unknown> {
    this.#abort.abort()
    return await this.#running
  }

  /** The outcome of the role, when it ends by itself. */
  async outcome(): Promise<unknown> {
    return await this.#running
  }

  replica(): Replica {
    const replica = new Replica(1_000)
    replica.push(this.bus.messages(this.stream))
    return replica
  }

  /** Waits until the stream, as a consumer reads it, is as `condition` says. */
  async until(condition: (replica: Replica) => boolean | Promise<boolean>, what: string): Promise<Replica> {
    const replica = new Replica(1_000)
    let read = 0
    for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline;) {
      const messages = this.bus.messages(this.stream)
      replica.push(messages.slice(read))
      read = messages.length
      if (await condition(replica)) return replica
      await pause(10)
    }
    throw new Error(`never: ${what}; last log lines ${JSON.stringify(this.log.lines.slice(-5))}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
