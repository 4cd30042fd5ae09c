import { decodeSourceInbox } from '@sheetflow/core/framing/inbox'
import type { Bus } from '@sheetflow/core/ports/bus'
import { sourceInbox, sourceInboxSubject } from '@sheetflow/core/subject'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'

/** What the commands with these ids are called, as far as the sources' inboxes still hold them. */
export async function commandNames(bus: Bus, sources: readonly string[], ids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (const source of ids.size === 0 ? [] : sources) {
    const stream = sourceInbox(source)
    const { first, last } = await rangeOf(bus, stream)
    if (last < first) continue
    const subjects = [sourceInboxSubject(source, 'command')]
    for await (const messages of bus.read(stream, { from: first, subjects, untilNow: true })) {
      for (const stored of messages) {
        const message = decodeSourceInbox(stored)
        if (message.kind === 'command' && ids.has(message.id)) names.set(message.id, message.name)
      }
    }
  }
  return names
}
