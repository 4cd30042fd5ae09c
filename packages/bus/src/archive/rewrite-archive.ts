import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { getSegment, listSegments, putSegment } from './segment.ts'
import { segmentName } from './segment-name.ts'

/** What `rewriteArchive` changed. */
export interface RewriteReport {
  readonly segments: number
  readonly messages: number
}

/**
 * Changes bodies of archived messages: `rewrite` gives the new body, or null where there is nothing to change. A segment that changes is written whole
 * under its new name, which tells of the old one, before the old one is deleted: a rewrite that was interrupted is done again, readers find each offset at
 * any time, and `verifyArchive` knows that nothing was lost. Who archives the stream meanwhile adds segments behind these, which are not rewritten. `dryRun` only counts.
 */
export async function rewriteArchive(
  store: ArchiveStore,
  stream: string,
  rewrite: (message: StoredMessage) => Uint8Array | null,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<RewriteReport> {
  let segments = 0
  let changed = 0
  for (const name of await listSegments(store, stream)) {
    const segment = await getSegment(store, name)
    let here = 0
    const messages = segment.messages.map((message) => {
      const body = rewrite(message)
      if (body === null) return message
      here += 1
      return { ...message, body }
    })
    if (here === 0) continue
    if (!dryRun) {
      await putSegment(store, stream, messages, { prev: segment.prev, replaces: [...segment.replaces, name.sha256] })
      await store.delete(segmentName(name))
    }
    segments += 1
    changed += here
  }
  return { segments, messages: changed }
}
