import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import { fileError, INCOMING, openIncoming, writeDurably } from '../blob/durable-file.ts'

const NAME = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

/** An archive in a folder, which several processes may share. The folder is made if it is not there. */
export async function openFileArchive(folder: string): Promise<ArchiveStore> {
  try {
    return new FileArchiveStore(folder, await openIncoming(folder))
  } catch (error) {
    throw fileError(`the archive folder ${folder} cannot be opened`, error)
  }
}

class FileArchiveStore implements ArchiveStore {
  readonly #folder: string
  readonly #incoming: string

  constructor(folder: string, incoming: string) {
    this.#folder = folder
    this.#incoming = incoming
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const file = this.#fileOf(name)
    try {
      if (!(await isThere(file))) await writeDurably(file, bytes, { incoming: this.#incoming, root: this.#folder })
    } catch (error) {
      throw fileError(`the archive could not write ${name}`, error)
    }
  }

  async get(name: string): Promise<Uint8Array> {
    try {
      return await readFile(this.#fileOf(name))
    } catch (error) {
      throw fileError(`the archive could not read ${name}`, error)
    }
  }

  async size(name: string): Promise<number> {
    try {
      return (await stat(this.#fileOf(name))).size
    } catch (error) {
      throw fileError(`the archive could not look at ${name}`, error)
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const folder = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/')) : ''
    try {
      const entries = await readdir(join(this.#folder, folder), { recursive: true, withFileTypes: true })
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(this.#folder, '/').length).replaceAll('\\', '/'))
        .filter((name) => name.startsWith(prefix) && !name.startsWith(`${INCOMING}/`))
        .sort()
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw fileError('the archive could not be listed', error)
    }
  }

  async delete(name: string): Promise<void> {
    try {
      await rm(this.#fileOf(name), { force: true })
    } catch (error) {
      throw fileError(`the archive could not delete ${name}`, error)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }

  /** A name that leads out of the folder must not reach the file system. */
  #fileOf(name: string): string {
    if (NAME.test(name) && !name.startsWith(`${INCOMING}/`)) return join(this.#folder, name)
    throw new SheetflowError('store/unknown', `${name.slice(0, 80)} is no name of an archive`)
  }
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}
