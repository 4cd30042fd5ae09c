import { TransactionCollector } from '@sheetflow/core/framing/collector'
import type { WholeTransaction } from '@sheetflow/core/framing/collector'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import type { StoredPosition } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import { viewSubjects } from '@sheetflow/core/framing/subjects'
import { ALL_SHEET_SCHEMAS, graphStream } from '@sheetflow/core/subject'
import { rangeOf } from './reading-bus.ts'
import type { ReadableBus } from './reading-bus.ts'

/** A whole transaction that was committed. */
export type Committed = WholeTransaction & { readonly position: StoredPosition; readonly commit: NonNullable<WholeTransaction['commit']> }

/** A stretch of a graph's own stream. */
export interface OutputRange {
  readonly bus: ReadableBus
  readonly graph: string
  /** The transactions that end at or before this offset; absent: all that there are now. */
  readonly until?: number
  readonly signal: AbortSignal
}

/** The output transactions of one view, from the oldest that is retained. Of others what stands in a transaction of its own is left out. */
export async function* readView({ bus, graph, until, signal }: OutputRange, view: string): AsyncGenerator<Committed> {
  const stream = graphStream(graph)
  const { epoch, first, last } = await rangeOf(bus, stream)
  if (last < first) return
  const subjects = viewSubjects(graph, view)
  const collector = new TransactionCollector({ rule: 'graph', epoch })
  for await (const messages of bus.read(stream, { from: first, subjects, untilNow: true, signal })) {
    for (const transaction of collector.push(messages)) {
      const { position, commit } = transaction
      if (position === null || commit === null) continue
      if (until !== undefined && position.offset > until) return
      yield { ...transaction, position, commit }
    }
  }
}

/** The last schema of each view of that graph, by view: what readers know. */
export async function viewSchemas(bus: ReadableBus, graph: string): Promise<ReadonlyMap<string, SheetSchema>> {
  const schemas = new Map<string, SheetSchema>()
  if ((await rangeOf(bus, graphStream(graph))).last === 0) return schemas
  for (const message of await bus.last(graphStream(graph), ALL_SHEET_SCHEMAS)) {
    const decoded = decodeMessage(message)
    if (decoded.kind === 'schema' && 'generation' in decoded.message) schemas.set(decoded.message.table, decoded.message)
  }
  return schemas
}
