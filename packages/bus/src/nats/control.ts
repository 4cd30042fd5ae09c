import { JetStreamApiError, jetstream, type JetStreamClient, type JetStreamPublishOptions } from '@nats-io/jetstream'
import { subjectToken } from '@sheetflow/core/subject'
import { API, busFailure, isUnheard, isWrongLast } from './failure.ts'
import type { Link } from './link.ts'
import { CONTROL_STREAM } from './subjects.ts'

/** What the bus knows about a stream beside what the server does. */
export interface StreamRecord {
  readonly epoch: number
  /** The first offset from which on nothing is missing. Raised before anything is dropped, so that a reader never sees a hole. */
  readonly first: number
  /** When the server made the stream: another one of the same name has another history. */
  readonly created: string
}

/** How far somebody has read. */
export interface ReaderRecord {
  readonly reader: string
  readonly offset: number
  readonly at: number
}

interface Versioned {
  readonly record: StreamRecord
  /** Its place in the control stream: the next version names it. */
  readonly seq: number
}

/**
 * The stream `SF_BUS`: one record a stream and one a reader, each the last message of its subject (`sf.bus.<stream>.meta`, `sf.bus.<stream>.reader.<reader>`).
 * A record is replaced by whoever saw its last version, by nobody else.
 */
export class Control {
  readonly #link: Link
  readonly #js: JetStreamClient
  readonly #replicas: number
  #ready: Promise<void> | null = null

  constructor(link: Link, replicas: number) {
    this.#link = link
    this.#replicas = replicas
    this.#js = jetstream(link.nc)
  }

  /** The record, or null if the stream never had one. */
  async read(stream: string): Promise<StreamRecord | null> {
    return (await this.#versioned(stream))?.record ?? null
  }

  /** Replaces the record by what `change` makes of it, again and again until nobody comes between; no write if it returns the same. */
  async change(stream: string, change: (record: StreamRecord | null) => StreamRecord): Promise<StreamRecord> {
    for (;;) {
      const before = await this.#versioned(stream)
      const record = change(before?.record ?? null)
      if (record === before?.record) return record
      if (await this.#replace(metaSubject(stream), record, before?.seq ?? 0)) return record
    }
  }

  async writeReader(stream: string, record: ReaderRecord): Promise<void> {
    const subject = `sf.bus.${stream}.reader.${subjectToken(record.reader)}`
    await this.#link.patiently(() => this.#publish(subject, record))
  }

  /** Calls back with each new record of the stream. Returns what ends that. */
  watch(stream: string, changed: (record: StreamRecord) => void): () => void {
    const subscription = this.#link.nc.subscribe(metaSubject(stream), {
      callback: (error, message) => {
        if (error === null) changed(message.json<StreamRecord>())
      },
    })
    return () => subscription.unsubscribe()
  }

  /** False: somebody else was quicker. */
  async #replace(subject: string, record: StreamRecord, lastSubjectSequence: number): Promise<boolean> {
    try {
      await this.#link.patiently(() => this.#publish(subject, record, { expect: { lastSubjectSequence } }))
      return true
    } catch (error) {
      if (error instanceof JetStreamApiError && isWrongLast(error.code)) return false
      throw busFailure(CONTROL_STREAM, error)
    }
  }

  /** A server that has lost the stream (nobody answers) gets it again at the next try. */
  async #publish(subject: string, record: StreamRecord | ReaderRecord, options: Partial<JetStreamPublishOptions> = {}): Promise<void> {
    await this.#ensure()
    try {
      await this.#js.publish(subject, JSON.stringify(record), options)
    } catch (error) {
      if (isUnheard(error)) this.#ready = null
      throw error
    }
  }

  /** Asked of the leader: a copy of it may be late. */
  async #versioned(stream: string): Promise<Versioned | null> {
    try {
      const subject = metaSubject(stream)
      const found = await this.#link.patiently(() => this.#link.manager.streams.getMessage(CONTROL_STREAM, { last_by_subj: subject }))
      return found === null ? null : { record: found.json<StreamRecord>(), seq: found.seq }
    } catch (error) {
      if (error instanceof JetStreamApiError && [API.noSuchStream, API.messageNotFound].includes(error.code as never)) return null
      throw busFailure(CONTROL_STREAM, error)
    }
  }

  #ensure(): Promise<void> {
    this.#ready ??= this.#create().catch((error: unknown) => {
      this.#ready = null
      throw busFailure(CONTROL_STREAM, error)
    })
    return this.#ready
  }

  async #create(): Promise<void> {
    const config = {
      name: CONTROL_STREAM,
      subjects: ['sf.bus.>'],
      description: 'Sheetflow: epochs, first offsets and readers of its streams',
      max_msgs_per_subject: 1,
      num_replicas: this.#replicas,
      max_bytes: 64 * 1024 * 1024,
    }
    try {
      await this.#link.patiently(() => this.#link.manager.streams.add(config))
    } catch (error) {
      // Made already, with other settings: those of an operator, or of another number of replicas.
      if (!(error instanceof JetStreamApiError && error.code === API.nameTaken)) throw error
    }
  }
}

function metaSubject(stream: string): string {
  return `sf.bus.${stream}.meta`
}
