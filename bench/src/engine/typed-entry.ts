import type { RowChange } from '@sheetflow/core/message'
import type { Graph } from '@sheetflow/engine/graph/graph'

/**
 * How typed changes enter the engine, without messages: as `RowChange` objects that were parsed before. The one file to change when the engine takes
 * them in another form.
 */

/** Changes of one table, in the form in which the engine takes them. Made before the clock starts. */
export interface TypedChanges {
  readonly source: string
  readonly table: string
  readonly rows: readonly RowChange[]
}

/** @param id `source!schema.table` */
export function typedChanges(id: string, rows: readonly RowChange[]): TypedChanges {
  const at = id.indexOf('!')
  return { source: id.slice(0, at), table: id.slice(at + 1), rows }
}

/** Puts them into the open step. */
export function enterTyped(graph: Graph, { source, table, rows }: TypedChanges): void {
  graph.source(source, { kind: 'rows', offset: 0, message: { v: 1, tx: 't', first: 0, table, schema: 1, rows } })
}
