import { JetStreamApiError, jetstream, type JetStreamClient } from '@nats-io/jetstream'
import { SheetflowError } from '@sheetflow/core/errors'
import { API, busFailure, isUnheard, isWrongLast } from './failure.ts'
import type { Link } from './link.ts'
import { REQUEST_MS } from './limits.ts'

/** How a bucket is made. */
export interface BucketOptions {
  readonly name: string
  readonly description: string
  readonly storage: 'file' | 'memory'
  readonly replicas: number
  readonly maxBytes: number
  /** Values that nobody renewed for so long are gone. Absent: they stay. */
  readonly maxAgeMs?: number
  /** A question may take so long. */
  readonly timeoutMs?: number
}

/** A value and the revision of its key. */
export interface BucketEntry {
  readonly key: string
  readonly text: string
  readonly revision: number
}

/**
 * A bucket of JetStream's key-value store, as its tools see one (`nats kv`): the stream `KV_<name>`, the last message of `$KV.<name>.<key>` is the value.
 * Nothing here waits for a server that is away: who asks decides how long that matters.
 */
export class Bucket {
  readonly #link: Link
  readonly #js: JetStreamClient
  readonly #options: BucketOptions
  #ready: Promise<void> | null = null

  constructor(link: Link, options: BucketOptions) {
    this.#link = link
    this.#options = options
    this.#js = jetstream(link.nc, { timeout: options.timeoutMs ?? REQUEST_MS })
  }

  /** Asked of the leader: a copy of it may be late. */
  async get(key: string): Promise<BucketEntry | null> {
    await this.#ensure()
    return await this.#last(key)
  }

  /** The new revision; null if the key's is not `revision` (0: it has no value). Without `revision` it is replaced in any case. */
  async put(key: string, text: string, revision?: number): Promise<number | null> {
    await this.#ensure()
    try {
      const expect = revision === undefined ? {} : { expect: { lastSubjectSequence: revision } }
      return (await this.#js.publish(this.#subject(key), text, { ...expect, timeout: this.#options.timeoutMs ?? REQUEST_MS })).seq
    } catch (error) {
      if (error instanceof JetStreamApiError && isWrongLast(error.code)) return null
      // A bucket in memory goes with its server's process; the next time it is made again.
      if (isUnheard(error)) this.#ready = null
      throw busFailure(this.#stream, error)
    }
  }

  /** All values, in order of keys. A bucket that nobody made is empty. */
  async list(): Promise<BucketEntry[]> {
    const { streams } = this.#link.manager
    try {
      const { state } = await streams.info(this.#stream, { subjects_filter: '>' })
      const prefix = this.#subject('').length
      const keys = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix))
      const entries = await Promise.all(keys.sort().map((key) => this.#last(key)))
      return entries.filter((entry) => entry !== null)
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === API.noSuchStream) return []
      throw busFailure(this.#stream, error)
    }
  }

  /** Calls back with each change of the key that this connection hears of. Returns what ends that. */
  watch(key: string, changed: () => void): () => void {
    const subscription = this.#link.nc.subscribe(this.#subject(key), { callback: (error) => void (error === null && changed()) })
    return () => subscription.unsubscribe()
  }

  get #stream(): string {
    return `KV_${this.#options.name}`
  }

  #subject(key: string): string {
    return `$KV.${this.#options.name}.${key}`
  }

  async #last(key: string): Promise<BucketEntry | null> {
    try {
      const found = await this.#link.manager.streams.getMessage(this.#stream, { last_by_subj: this.#subject(key) })
      return found === null ? null : { key, text: found.string(), revision: found.seq }
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === API.messageNotFound) return null
      if (error instanceof JetStreamApiError && error.code === API.noSuchStream) this.#ready = null
      throw busFailure(this.#stream, error)
    }
  }

  #ensure(): Promise<void> {
    this.#ready ??= this.#create().catch((error: unknown) => {
      this.#ready = null
      throw busFailure(this.#stream, error)
    })
    return this.#ready
  }

  async #create(): Promise<void> {
    const { description, storage, replicas, maxBytes, maxAgeMs } = this.#options
    try {
      await this.#link.manager.streams.add({
        name: this.#stream,
        subjects: [this.#subject('>')],
        description,
        storage,
        num_replicas: replicas,
        max_msgs_per_subject: 1,
        max_bytes: maxBytes,
        max_age: (maxAgeMs ?? 0) * 1_000_000,
        discard: 'new',
        allow_direct: true,
        allow_rollup_hdrs: true,
        deny_delete: true,
      })
    } catch (error) {
      // Made already, with other settings: those of an operator, or of another number of replicas.
      if (error instanceof JetStreamApiError && error.code === API.nameTaken) return
      if (!(await this.#isThere())) throw this.#notMade(error)
    }
  }

  /** Whoever may not make it may still use one that an operator has made. */
  async #isThere(): Promise<boolean> {
    return await this.#link.manager.streams.info(this.#stream).then(
      () => true,
      () => false,
    )
  }

  #notMade(cause: unknown): SheetflowError {
    const { code, message, fix } = busFailure(this.#stream, cause)
    const { name, storage, replicas, maxBytes } = this.#options
    const byHand = `nats kv add ${name} --history=1 --storage=${storage} --replicas=${replicas} --max-bucket-size=${maxBytes}`
    return new SheetflowError(code, `the key-value bucket ${name} cannot be made: ${message}`, {
      retry: 'later',
      fix: `${fix ?? ''} Or make it for us: \`${byHand}\`. It is tried again by itself.`.trimStart(),
      details: { bucket: name },
      cause,
    })
  }
}
