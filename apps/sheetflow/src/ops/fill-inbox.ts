import { encodeBody } from '@sheetflow/core/framing/codec'
import type { Bus } from '@sheetflow/core/ports/bus'
import { sourceInbox, sourceInboxSubject } from '@sheetflow/core/subject'

const AT_ONCE = 1_000

/**
 * Brings the inbox of a source to at least that offset with messages that ask for nothing. The archive has no inboxes of sources, but the streams of sources say up to which offset of
 * theirs all commands are finished. Commits of earlier versions do not say what stood there (ADR 036): as soon as an inbox that began at 1 again has grown beyond that offset, so many commands would
 * be taken for finished ones. Gives how many were added.
 */
export async function fillInbox(bus: Bus, source: string, upTo: number): Promise<number> {
  const stream = sourceInbox(source)
  const { last: before } = await bus.ensure(stream)
  const body = encodeBody({ v: 1, kind: 'resnapshot', tables: [] })
  const subject = sourceInboxSubject(source, 'resnapshot')
  for (let last = before; last < upTo;) {
    const count = Math.min(AT_ONCE, upTo - last)
    const messages = Array.from({ length: count }, (_, i) => ({ subject, id: `restored/${last + i + 1}`, body }))
    ;({ last } = await bus.append(stream, messages, { expectedLast: last }))
  }
  return Math.max(0, upTo - before)
}
