import { isPlaceIn } from '@sheetflow/core/framing/place'
import type { Bus, StreamInfo } from '@sheetflow/core/ports/bus'
import type { StoredPosition } from '@sheetflow/core/position'

/**
 * Where reading begins.
 * - `resume`: the store's position is a commit of this stream, and everything behind it is there;
 * - `whole`: the store has nothing of this history, and the history is there from its first message;
 * - `lost`: the store has nothing of this history, or a gap; what is missing must be filled anew.
 */
export type Begin = { readonly kind: 'resume'; readonly after: StoredPosition } | { readonly kind: 'whole' | 'lost' }

/** Compares the stored position with what the stream holds now. */
export async function beginOf(bus: Bus, info: StreamInfo, stored: StoredPosition | null): Promise<Begin> {
  if (stored !== null && (await isPlaceIn(bus, info, stored))) return { kind: 'resume', after: stored }
  return { kind: info.first === 1 ? 'whole' : 'lost' }
}

/** Offset of the first message to read. */
export function firstOffset(begin: Begin, info: StreamInfo): number {
  switch (begin.kind) {
    case 'resume':
      return begin.after.offset + 1
    case 'whole':
      return info.first
    // What is filled anew comes behind the request for it; what stands before would be read in vain.
    case 'lost':
      return info.last + 1
  }
}
