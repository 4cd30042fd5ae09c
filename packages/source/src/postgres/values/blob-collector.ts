import { createHash } from 'node:crypto'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'

/** Bytes of one value above which it leaves the row (FORMATS 1). */
export const BIG_VALUE_BYTES: number = 256 * 1024
/** Bytes of one row above which its largest values leave it. */
export const BIG_ROW_BYTES: number = 512 * 1024
/** Bytes above which a value is `#VALUE!`. */
export const HUGE_VALUE_BYTES: number = 64 * 1024 * 1024

/**
 * Takes the content of big values out of rows. The reference is made at once (the name of a blob is its hash), the content is stored by `flush`,
 * which is awaited before a row with that reference is handed on: whoever sees the reference finds the blob.
 *
 * The log and the reads of a snapshot share one, and each flushes what both have added: so what is `pending` stays so until it is stored, whoever stores it.
 */
export class BlobCollector {
  readonly #store: BlobStore
  /** By name: what is read again after a failure is there once. */
  readonly #waiting = new Map<string, Buffer>()
  #bytes = 0
  #flushing: Promise<void> = Promise.resolve()

  constructor(store: BlobStore) {
    this.#store = store
  }

  /** Is there content that is not stored yet? */
  get pending(): boolean {
    return this.#waiting.size > 0
  }

  /** Bytes of what is not stored yet: above some of them reading should pause. */
  get full(): boolean {
    return this.#bytes > WAITING_BYTES
  }

  /** JSON of the reference. The bytes are copied. */
  add(bytes: Buffer): string {
    const hash = createHash('sha256').update(bytes).digest('hex')
    if (!this.#waiting.has(hash)) {
      this.#waiting.set(hash, Buffer.from(bytes))
      this.#bytes += bytes.length
    }
    return JSON.stringify({ b: hash, n: bytes.length })
  }

  /** Resolves when everything is stored that was added before. One flush after the other; what one could not store waits for the next. */
  async flush(signal: AbortSignal): Promise<void> {
    const flush = this.#flushing.then(() => this.#put(signal))
    this.#flushing = flush.catch(() => undefined)
    await flush
  }

  async #put(signal: AbortSignal): Promise<void> {
    const added = [...this.#waiting]
    for (const [hash, bytes] of added) {
      await this.#store.put(bytes, signal)
      this.#waiting.delete(hash)
      this.#bytes -= bytes.length
    }
  }
}

const WAITING_BYTES = 64 * 1024 * 1024
