import { decodeMessage } from '@sheetflow/core/framing/codec'
import type { Bus, StoredMessage, StreamInfo } from '@sheetflow/core/ports/bus'
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
  if (stored !== null && (await isOf(bus, info, stored))) return { kind: 'resume', after: stored }
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

/** An offset past the end, a later epoch or another transaction at its place is another history (FORMATS 3). */
async function isOf(bus: Bus, info: StreamInfo, stored: StoredPosition): Promise<boolean> {
  if (stored.epoch > info.epoch || stored.offset > info.last || stored.offset + 1 < info.first) return false
  // Trimmed right up to the stored commit: nothing is left that could contradict.
  if (stored.offset < info.first) return true
  const message = await messageAt(bus, info.stream, stored.offset)
  return message !== null && decodeMessage(message).message.tx === stored.tx
}

async function messageAt(bus: Bus, stream: string, offset: number): Promise<StoredMessage | null> {
  for await (const [message] of bus.read(stream, { from: offset, untilNow: true })) return message?.offset === offset ? message : null
  return null
}
