import type { Bus, StreamInfo } from '../ports/bus.ts'
import type { StoredPosition } from '../position.ts'
import { decodeMessage } from './codec.ts'

/**
 * Is a stored position a place in the stream as it is now, with everything behind it there? An offset past the end, an epoch that is still to come or another transaction at its place is another
 * history (FORMATS 3). One of an earlier epoch is a place as long as its transaction stands there: what follows belongs to it up to where the later epoch begins.
 */
export async function isPlaceIn(bus: Bus, { stream, epoch, first, last }: StreamInfo, stored: StoredPosition): Promise<boolean> {
  if (stored.epoch > epoch || stored.offset > last || stored.offset + 1 < first) return false
  // Trimmed right up to the stored commit: nothing is left that could contradict.
  if (stored.offset < first) return true
  for await (const [message] of bus.read(stream, { from: stored.offset, untilNow: true }))
    return message?.offset === stored.offset && decodeMessage(message).message.tx === stored.tx
  return false
}
