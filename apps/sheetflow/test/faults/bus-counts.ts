import { TransactionCollector } from '@sheetflow/core/framing/collector'
import type { Bus } from '@sheetflow/core/ports/bus'
import { sourceStream } from '@sheetflow/core/subject'

/** What a source's stream holds of a chain. */
export interface BusCounts {
  /** Rows that its readers take in, each counted once. */
  readonly inBus: number
  /** Rows that its readers would take in twice, though they are framed as FORMATS 4 says. */
  readonly deliveredTwice: number
  /** Bytes of the body of the largest message. */
  readonly largestBytes: number
}

/** Reads the stream of the source `shop` as any consumer does, from its beginning to its end of now. */
export async function busCounts(bus: Bus): Promise<BusCounts> {
  const stream = sourceStream('shop')
  const { epoch, first } = await bus.range(stream)
  const collector = new TransactionCollector({ rule: 'source', epoch })
  const seen = new Set<string>()
  let deliveredTwice = 0
  let largestBytes = 0
  for await (const batch of bus.read(stream, { from: first, untilNow: true })) {
    largestBytes = batch.reduce((largest, { body }) => Math.max(largest, body.length), largestBytes)
    for (const { pieces } of collector.push(batch)) {
      for (const piece of pieces) {
        if (piece.kind !== 'rows' || piece.message.table !== 'public.links') continue
        for (const [op, key] of piece.message.rows) {
          const name = JSON.stringify(key)
          // Rows of the first contents may be told again as changes.
          if (op === 'c' && seen.has(name)) deliveredTwice += 1
          if (op === 'c' || op === 'r') seen.add(name)
        }
      }
    }
  }
  return { inBus: seen.size, deliveredTwice, largestBytes }
}
