import { TransactionReader } from '@sheetflow/core/framing/assembler'
import type { Bus } from '@sheetflow/core/ports/bus'
import { sourceStream } from '@sheetflow/core/subject'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'

/** Messages that are looked at before the end of a stream for its last commit. */
const LOOK_BACK = 256

/** Up to which offset of the source's inbox all commands are finished, by the last commit of its stream; 0: none is. */
export async function lastCommandDone(bus: Bus, source: string): Promise<number> {
  const stream = sourceStream(source)
  const { epoch, first, last } = await rangeOf(bus, stream)
  for (let back = LOOK_BACK; ; back *= 4) {
    const from = Math.max(first, last - back)
    let done = 0
    const reader = new TransactionReader({ rule: 'source', epoch })
    if (from <= last) {
      for await (const messages of bus.read(stream, { from, untilNow: true })) {
        for (const event of reader.push(messages)) if (event.kind === 'commit') done = event.commit.inbox ?? done
      }
    }
    if (done > 0 || from <= first) return done
  }
}
