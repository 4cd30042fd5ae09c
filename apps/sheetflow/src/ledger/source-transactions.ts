import type { Vector } from '@sheetflow/core/position'
import { sourceStream } from '@sheetflow/core/subject'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'
import { readSourceHistory, type SourceEvent, type TrackedRows } from '@sheetflow/engine/ledger/source-history'
import type { SourceReads } from '@sheetflow/workbook/why/source-reads'
import type { Ledger } from './open-ledger.ts'

/** The transactions of the sources that some values follow from. */
export interface SourceTransactions {
  /** Newest first. */
  readonly events: readonly SourceEvent[]
  /** Transactions that are older than those shown. */
  readonly older: number
  /** Rows of the sources whose changes these are. */
  readonly rows: number
  /** False: there are more such rows than were followed. */
  readonly complete: boolean
  /** Where the streams begin. */
  readonly begins: readonly { readonly stream: string; readonly offset: number; readonly trimmed: boolean }[]
}

/** The changes of these source rows, up to where the graph had read its inputs; the newest `limit` of all sources together. */
export async function sourceTransactions(
  { bus, sources, signal }: Ledger,
  { rows, complete }: SourceReads,
  inputs: Vector,
  limit: number,
): Promise<SourceTransactions> {
  let events: SourceEvent[] = []
  let count = 0
  const begins: SourceTransactions['begins'][number][] = []
  for (const source of sources) {
    const tracked = trackedOf(source, rows)
    if (tracked.length === 0) continue
    const stream = sourceStream(source)
    const { first } = await rangeOf(bus, stream)
    begins.push({ stream, offset: first, trimmed: first > 1 })
    for await (const event of readSourceHistory({ bus, source, until: inputs[stream]?.offset ?? 0, signal }, tracked)) {
      count += 1
      events.push(event)
      if (events.length >= 2 * limit + 2) events = newest(events, limit)
    }
  }
  events = newest(events, limit)
  return { events, older: count - events.length, rows: rows.length, complete, begins }
}

function newest(events: readonly SourceEvent[], limit: number): SourceEvent[] {
  const order = (a: SourceEvent, b: SourceEvent): number =>
    a.stream === b.stream ? b.position.offset - a.position.offset : a.at < b.at ? 1 : a.at > b.at ? -1 : 0
  return [...events].sort(order).slice(0, limit)
}

function trackedOf(source: string, rows: SourceReads['rows']): readonly TrackedRows[] {
  const prefix = `${source}!`
  const own = rows.filter(({ relation }) => relation.startsWith(prefix))
  return [...Map.groupBy(own, ({ relation }) => relation.slice(prefix.length))].map(([table, all]) => ({ table, rows: all }))
}
