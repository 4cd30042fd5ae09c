import { createHash } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'

/** Blobs in a map. */
export class MemoryBlobs implements BlobStore {
  readonly blobs: Map<string, Uint8Array> = new Map()

  put(bytes: Uint8Array): Promise<string> {
    const hash = createHash('sha256').update(bytes).digest('hex')
    this.blobs.set(hash, bytes.slice())
    return Promise.resolve(hash)
  }

  get(hash: string): Promise<Uint8Array> {
    const bytes = this.blobs.get(hash)
    return bytes === undefined ? Promise.reject(new SheetflowError('store/unknown', hash)) : Promise.resolve(bytes)
  }

  delete(hash: string): Promise<void> {
    this.blobs.delete(hash)
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}
