import { graphInbox, graphStream, sourceInbox, sourceStream } from '@sheetflow/core/subject'
import { compileDeployment } from '../deploy/compile-deployment.ts'
import { lastDeployment } from '../deploy/last-deployment.ts'
import { readAllTableSchemas } from '../deploy/table-schemas.ts'
import { finishedInInbox } from '../ops/last-command-done.ts'
import type { Ledger } from '../ledger/open-ledger.ts'
import { findRow } from './find-row.ts'
import { lineageOf, type IsOfRow } from './lineage.ts'
import { inspect, type GraphPlace, type Inspection } from './obstacles.ts'
import { isRow, traceRow, type RowTrace, type SourceRow } from './row-trace.ts'
import { commandRule, graphRule, receiptRule, sourceRule, type Rule } from './stream-rules.ts'
import { Telling } from './telling.ts'

/** One stream and what is to be forgotten in it. */
export interface StreamErasure {
  readonly stream: string
  readonly rule: Rule
  /** Is it an inbox? The archive has none of a source. */
  readonly archived: boolean
}

/** A row that shall be forgotten, and all that is known of where it stands. */
export interface Erasure {
  readonly row: SourceRow
  readonly trace: RowTrace
  readonly telling: Telling
  readonly inspection: Inspection
  /** In the order in which they have to be rewritten: the source's own comes last, since it says what to look for in the others. */
  readonly streams: readonly StreamErasure[]
  /** Graphs whose sheets are not known: rows of theirs are found by their values alone. */
  readonly unknownLineage: readonly string[]
}

/** Finds out what there is to be erased of a row. Reads everything, changes nothing; it may be done beside whoever runs. */
export async function prepareErasure(ledger: Ledger, named: Parameters<typeof findRow>[2]): Promise<Erasure> {
  const { bus, sources } = ledger
  const row = await findRow(bus, sources, named)
  const trace = await traceRow(bus, row)
  const telling = new Telling(trace.values)
  const inspection = await inspect(ledger, row, trace)
  const streams: StreamErasure[] = []
  const unknownLineage: string[] = []
  for (const place of inspection.graphs) {
    const isOfRow = await graphLineage(ledger, place, row)
    if (isOfRow === null && place.upTo > 0) unknownLineage.push(place.graph)
    streams.push({ stream: graphStream(place.graph), rule: graphRule(place.upTo, isOfRow ?? (() => false), telling), archived: true })
    const { last } = await bus.range(graphInbox(place.graph)).catch(() => ({ last: 0 }))
    streams.push({ stream: graphInbox(place.graph), rule: receiptRule(last, telling), archived: true })
  }
  for (const source of sources) {
    streams.push({ stream: sourceInbox(source), rule: commandRule(await finishedInInbox(bus, source), telling), archived: false })
  }
  streams.push({ stream: sourceStream(row.source), rule: sourceRule(row), archived: true })
  return { row, trace, telling, inspection, streams, unknownLineage }
}

/** Which rows of a graph's sheets are the row's, by its last deployment; null: there is none any more, or it does not compile. */
async function graphLineage({ bus, sources }: Ledger, { graph }: GraphPlace, row: SourceRow): Promise<IsOfRow | null> {
  const deployment = await lastDeployment(bus, graph)
  if (deployment === null) return null
  const compiled = compileDeployment(deployment, await readAllTableSchemas(bus, sources))
  if (compiled.graph === null) return null
  const isOurs = isRow(row)
  const prefix = `${row.source}!`
  return lineageOf(compiled.graph, (relation, key) => relation.startsWith(prefix) && isOurs(relation.slice(prefix.length), key))
}
