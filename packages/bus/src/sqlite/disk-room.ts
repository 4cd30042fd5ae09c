import { statfsSync } from 'node:fs'
import type { StreamFile } from './stream-file.ts'

/**
 * Keeps appends from filling the disk to the last byte. SQLite needs room to drop messages too (its log comes first), so a disk that is really full
 * could not even be trimmed. Below the reserve an append is taken only into pages that a trim has freed inside the file.
 */
export class DiskRoom {
  readonly #dir: string
  readonly #reserveBytes: number

  constructor(dir: string, reserveBytes: number) {
    this.#dir = dir
    this.#reserveBytes = reserveBytes
  }

  /** Why so many bytes more must not be written; null if they may. */
  refusal(file: StreamFile, bytes: number): string | null {
    if (this.#reserveBytes === 0) return null
    const { bavail, bsize } = statfsSync(this.#dir)
    const free = bavail * bsize - this.#reserveBytes
    if (free > bytes || freeInside(file) > bytes) return null
    return `less than ${Math.round(this.#reserveBytes / 1024 / 1024)} MiB are free on its disk`
  }
}

/** Bytes that new messages may take without the file growing. */
function freeInside(file: StreamFile): number {
  const pages = file.statement('PRAGMA freelist_count').get()?.['freelist_count']
  const size = file.statement('PRAGMA page_size').get()?.['page_size']
  return Number(pages) * Number(size)
}
