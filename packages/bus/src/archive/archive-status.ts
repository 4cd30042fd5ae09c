import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
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

/** Looks at the archive of a stream. `verifyArchive` reads it. */
export async function archiveStatus(store: ArchiveStore, stream: string): Promise<ArchiveStatus> {
  const names = await listSegments(store, stream)
  const [oldest] = names
  const newest = names.at(-1)
  let whole = oldest === undefined ? 0 : oldest.first - 1
  for (const { first, last } of names) if (first <= whole + 1) whole = Math.max(whole, last)
  return {
    stream,
    segments: names.length,
    first: oldest?.first ?? 0,
    last: newest?.last ?? 0,
    from: oldest?.from ?? 0,
    to: newest?.to ?? 0,
    whole,
  }
}

/** Bytes of a stream's segments. */
export async function archiveBytes(store: ArchiveStore, stream: string): Promise<number> {
  let bytes = 0
  for (const name of await store.list(`${stream}/`)) bytes += await store.size(name)
  return bytes
}

/** Up to which offset the archive has the stream without a gap before it; 0: it has nothing. */
export async function archivedTo(store: ArchiveStore, stream: string): Promise<number> {
  const { whole, last } = await archiveStatus(store, stream)
  return whole === last ? last : 0
}
