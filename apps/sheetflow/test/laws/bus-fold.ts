import { TransactionCollector } from '@sheetflow/core/framing/collector'
import type { RowJson } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { JsonValue } from '@sheetflow/core/value'
import { graphStream } from '@sheetflow/core/subject'

type Columns = readonly string[]

/** The rows of one view at one moment: key text → values by column. */
export type FoldedView = ReadonlyMap<string, Readonly<Record<string, JsonValue>>>

/**
 * What the views of a graph were at a commit, from the graph's stream alone: the changes put one on another. It knows nothing of engine, store
 * or serve.
 */
export async function foldUpTo(bus: Bus, graph: string, offset: number): Promise<ReadonlyMap<string, FoldedView>> {
  const stream = graphStream(graph)
  const { epoch, first } = await bus.range(stream)
  const collector = new TransactionCollector({ rule: 'graph', epoch })
  const columns = new Map<string, Columns>()
  const rows = new Map<string, Map<string, RowJson>>()
  for await (const messages of bus.read(stream, { from: first, untilNow: true })) {
    for (const { position, pieces } of collector.push(messages)) {
      if (position === null || position.offset > offset) continue
      for (const piece of pieces) {
        if (piece.kind === 'dead') throw piece.error
        const { kind, message } = piece
        if (kind === 'schema')
          columns.set(
            message.table,
            message.columns.map((column) => column.name),
          )
        else if (kind === 'control' && message.kind === 'view') rows.set(message.view, new Map())
        else if (kind === 'rows') put(rows, message.table, message.rows)
      }
    }
  }
  return new Map([...rows].map(([view, all]) => [view, named(all, columns.get(view) ?? [])]))
}

type Rows = Map<string, Map<string, RowJson>>

function put(rows: Rows, view: string, changes: readonly (readonly [string, readonly unknown[] | null, RowJson | null, unknown])[]): void {
  const all = rows.get(view) ?? new Map<string, RowJson>()
  rows.set(view, all)
  for (const [op, key, after] of changes) {
    if (op === 't') all.clear()
    else if (op === 'd' || after === null) all.delete(JSON.stringify(key))
    else all.set(JSON.stringify(key), after)
  }
}

function named(rows: ReadonlyMap<string, RowJson>, columns: Columns): FoldedView {
  return new Map([...rows].map(([key, row]) => [key, Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null]))]))
}
