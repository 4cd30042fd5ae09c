import { isSheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import { segmentName, type SegmentName } from './segment-name.ts'
import { listSegments } from './segment.ts'

/** What the archive has of a stream, told by the names of its segments alone. */
export interface ArchiveStatus {
  readonly stream: string
  readonly segments: number
  /** Offsets of its first and last message; 0 and 0 if it is empty. */
  readonly first: number
  readonly last: number
  /** When they were stored, milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Up to here nothing is missing behind `first`. */
  readonly whole: number
}

const NOTHING: Pick<SegmentName, 'last' | 'to'> = { last: 0, to: 0 }

/** Looks at the archive of a stream. `verifyArchive` reads it. */
export async function archiveStatus(store: ArchiveStore, stream: string): Promise<ArchiveStatus> {
  const names = await listSegments(store, stream)
  const [oldest] = names
  // Not of the last segment by name: one that begins before it may end behind it, if two archivers wrote at one moment.
  const newest = names.reduce((end: typeof NOTHING, name) => (name.last > end.last ? name : end), NOTHING)
  let whole = oldest === undefined ? 0 : oldest.first - 1
  for (const { first, last } of names) if (first <= whole + 1) whole = Math.max(whole, last)
  return {
    stream,
    segments: names.length,
    first: oldest?.first ?? 0,
    last: newest.last,
    from: oldest?.from ?? 0,
    to: newest.to,
    whole,
  }
}

/** Bytes of a stream's segments. One that is rewritten meanwhile (an erasure) counts once, as what it was or as what it is. */
export async function archiveBytes(store: ArchiveStore, stream: string): Promise<number> {
  const sizes = new Map<string, number>()
  for (let listed = await listSegments(store, stream); ;) {
    let isWhole = true
    for (const name of listed) {
      const messages = `${name.first}-${name.last}`
      if (sizes.has(messages)) continue
      const size = await sizeOf(store, segmentName(name))
      if (size === null) isWhole = false
      else sizes.set(messages, size)
    }
    if (isWhole) return [...sizes.values()].reduce((sum, size) => sum + size, 0)
    listed = await listSegments(store, stream)
  }
}

/** Null: it is gone since it was listed. */
async function sizeOf(store: ArchiveStore, name: string): Promise<number | null> {
  try {
    return await store.size(name)
  } catch (error) {
    if (isSheetflowError(error, 'store/unknown')) return null
    throw error
  }
}

/** Up to which offset the archive has the stream without a gap before it; 0: it has nothing. */
export async function archivedTo(store: ArchiveStore, stream: string): Promise<number> {
  const { whole, last } = await archiveStatus(store, stream)
  return whole === last ? last : 0
}
