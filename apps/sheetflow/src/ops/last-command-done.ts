import { TransactionReader } from '@sheetflow/core/framing/assembler'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import { inboxIn } from '@sheetflow/core/framing/commit-body'
import { inboxStart } from '@sheetflow/core/framing/inbox-place'
import type { CommitMessage } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { InboxPlace } from '@sheetflow/core/position'
import { sourceInbox, sourceStream, sourceSubject } from '@sheetflow/core/subject'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'

/** Messages that are looked at before the end of a stream for its last commit. */
const LOOK_BACK = 256

/** Up to where the source's inbox is finished, by the commits of its stream; offset 0: none says so. */
export async function lastCommandDone(bus: Bus, source: string): Promise<InboxPlace> {
  const stream = sourceStream(source)
  const { epoch, first, last } = await rangeOf(bus, stream)
  if (last < first) return { offset: 0 }
  const [commit] = await bus.last(stream, sourceSubject(source, '_commit'))
  const said = commit === undefined ? null : inboxIn(decodeMessage(commit).message as CommitMessage)
  if (said !== null) return said
  for (let back = LOOK_BACK; ; back *= 4) {
    const from = Math.max(first, last - back)
    let done = 0
    const reader = new TransactionReader({ rule: 'source', epoch })
    for await (const messages of bus.read(stream, { from, untilNow: true })) {
      for (const event of reader.push(messages)) if (event.kind === 'commit') done = event.commit.inbox ?? done
    }
    if (done > 0 || from <= first) return { offset: done }
  }
}

/** Up to which offset the source's inbox, as it is now, is finished: nothing of one that was set back is known to be. */
export async function finishedInInbox(bus: Bus, source: string): Promise<number> {
  const { place } = await inboxStart(bus, await rangeOf(bus, sourceInbox(source)), await lastCommandDone(bus, source))
  return place.offset
}
