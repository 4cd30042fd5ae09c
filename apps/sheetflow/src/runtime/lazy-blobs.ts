import type { BlobStore } from '@sheetflow/core/ports/blob-store'

/** A blob store that is opened when the first blob is put or asked for. */
export class LazyBlobs implements BlobStore {
  readonly #open: () => Promise<BlobStore>
  #opened: Promise<BlobStore> | null = null

  constructor(open: () => Promise<BlobStore>) {
    this.#open = open
  }

  async put(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
    return await (await this.#store()).put(bytes, signal)
  }

  async get(hash: string, signal?: AbortSignal): Promise<Uint8Array> {
    return await (await this.#store()).get(hash, signal)
  }

  async delete(hash: string): Promise<void> {
    await (await this.#store()).delete(hash)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opened)?.[Symbol.asyncDispose]()
  }

  #store(): Promise<BlobStore> {
    this.#opened ??= this.#open()
    return this.#opened
  }
}
