import type { Bus, StreamInfo } from '../ports/bus.ts'
import type { InboxPlace } from '../position.ts'

/** Where reading a source's inbox begins. */
export interface InboxStart {
  /** Offset of the first message that is wanted. */
  readonly from: number
  /** Everything up to here is finished. */
  readonly place: InboxPlace
  /** Why the inbox is not the one of which the stored place speaks; null if it is. All that is left of it is read again then: the source knows which of its commands are done. */
  readonly setBack: string | null
}

/**
 * Where an inbox is gone on with by what a commit, or a reader's memory, says of it. One that ends before that place, has another epoch or holds another message there was set back: restored from
 * an older copy, lost with its end, or made anew (ADR 036).
 */
export async function inboxStart(bus: Pick<Bus, 'read'>, info: StreamInfo, stored: InboxPlace, signal?: AbortSignal): Promise<InboxStart> {
  const setBack = await misfit(bus, info, stored, signal)
  const place = setBack === null ? stored : { offset: info.first - 1 }
  return { from: Math.max(info.first, place.offset + 1), place, setBack }
}

async function misfit(
  bus: Pick<Bus, 'read'>,
  { stream, epoch, first, last }: StreamInfo,
  { offset, at }: InboxPlace,
  signal?: AbortSignal,
): Promise<string | null> {
  if (offset > last) return `${stream} ends at offset ${last}, before what was read of it (${offset})`
  if (at === undefined) return null
  if (at.epoch !== epoch) return `${stream} is another than the one that was read`
  // Trimmed: nothing is left that could contradict.
  if (offset < first) return null
  for await (const [message] of bus.read(stream, { from: offset, untilNow: true, ...(signal === undefined ? {} : { signal }) }))
    return message?.offset === offset && message.id !== at.tx
      ? `${stream} holds another message at offset ${offset} than the one that was read`
      : null
  return null
}
