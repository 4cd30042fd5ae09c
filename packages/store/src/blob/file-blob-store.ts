import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import { createHash } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError, openIncoming, writeDurably } from './durable-file.ts'

const HASH = /^[0-9a-f]{64}$/

/**
 * Blobs as files `<folder>/ab/cd/<sha256>`. A file gets its name when its bytes are on the disk, so what has a name is whole; several
 * processes may share the folder.
 */
export async function openFileBlobs(folder: string): Promise<BlobStore> {
  const incoming = await coded('create its folder', () => openIncoming(folder))
  return new FileBlobStore(folder, incoming)
}

class FileBlobStore implements BlobStore {
  readonly #folder: string
  readonly #incoming: string

  constructor(folder: string, incoming: string) {
    this.#folder = folder
    this.#incoming = incoming
  }

  async put(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
    const hash = sha256(bytes)
    const file = this.#fileOf(hash)
    if ((await sizeOf(file)) === bytes.length) return hash
    signal?.throwIfAborted()
    await coded('write a blob', () => writeDurably(file, bytes, { incoming: this.#incoming, root: this.#folder }))
    return hash
  }

  async get(hash: string, signal?: AbortSignal): Promise<Uint8Array> {
    const file = this.#fileOf(hash)
    const bytes = await coded('read a blob', () => readFile(file, signal === undefined ? {} : { signal }))
    if (sha256(bytes) === hash) return bytes
    throw new SheetflowError('bus/corrupt', `blob ${hash} has another content than its name says`, {
      fix: 'Delete the file; the value is fetched from its source again.',
      details: { hash, size: bytes.length },
    })
  }

  async delete(hash: string): Promise<void> {
    await coded('delete a blob', () => rm(this.#fileOf(hash), { force: true }))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }

  /** A name that is no hash is a blob that nobody stored: it must not reach the file system. */
  #fileOf(hash: string): string {
    if (!HASH.test(hash)) throw unknownBlob(hash.slice(0, 80))
    return join(this.#folder, hash.slice(0, 2), hash.slice(2, 4), hash)
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size
  } catch {
    return null
  }
}

async function coded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw codedError(what, error)
  }
}

function codedError(what: string, error: unknown): unknown {
  const coded = fileError(`the blob store could not ${what}`, error)
  return isSheetflowError(coded, 'store/unknown') ? unknownBlob('asked for', error) : coded
}

function unknownBlob(name: string, cause?: unknown): SheetflowError {
  return new SheetflowError('store/unknown', `the blob ${name} is not there`, {
    fix: 'Ask for the row again: it names the blobs that it needs.',
    cause,
  })
}
