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
 */
export class BlobCollector {
  readonly #store: BlobStore
  #waiting: Buffer[] = []
  #bytes = 0

  constructor(store: BlobStore) {
    this.#store = store
  }

  /** Is there content that is not stored yet? */
  get pending(): boolean {
    return this.#waiting.length > 0
  }

  /** Bytes of what is not stored yet: above some of them reading should pause. */
  get full(): boolean {
    return this.#bytes > WAITING_BYTES
  }

  /** JSON of the reference. The bytes are copied. */
  add(bytes: Buffer): string {
    this.#waiting.push(Buffer.from(bytes))
    this.#bytes += bytes.length
    return JSON.stringify({ b: createHash('sha256').update(bytes).digest('hex'), n: bytes.length })
  }

  async flush(signal: AbortSignal): Promise<void> {
    const taken = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    for (const bytes of taken) await this.#store.put(bytes, signal)
  }
}

const WAITING_BYTES = 64 * 1024 * 1024
