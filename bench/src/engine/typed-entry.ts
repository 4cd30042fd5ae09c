import type { RowChange } from '@sheetflow/core/message'
import type { Vector } from '@sheetflow/core/position'
import type { Graph } from '@sheetflow/engine/graph/graph'
import { resultRow } from './engine-case.ts'

/** Changes of one table, in the form in which the engine takes them. Made before the clock starts. */
export interface TypedChanges {
  readonly source: string
  readonly table: string
  readonly rows: readonly RowChange[]
}

/**
 * How typed changes enter and leave a graph, without messages: as `RowChange` objects that were parsed before. The one file to change when the
 * engine takes and gives them in another form.
 */
export class TypedEntry {
  readonly #graph: Graph

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /** @param id `source!schema.table` */
  changes(id: string, rows: readonly RowChange[]): TypedChanges {
    const at = id.indexOf('!')
    return { source: id.slice(0, at), table: id.slice(at + 1), rows }
  }

  /** Puts them into the open step. */
  enter({ source, table, rows }: TypedChanges): void {
    this.#graph.source(source, { kind: 'rows', offset: 0, message: { v: 1, tx: 't', first: 0, table, schema: 1, rows } })
  }

  /** Ends the step and takes its changes; gives how many rows of views there are. */
  commit(at: string, inputs: Vector): number {
    let count = 0
    for (const { rows } of this.#graph.commit(at, [], inputs).views) for (const _ of rows) count += 1
    return count
  }

  /** Ends the step and writes its changes into results: `view/key` → the row as text, or `gone`. */
  tell(at: string, inputs: Vector, results: Record<string, string>): void {
    for (const { view, rows } of this.#graph.commit(at, [], inputs).views) readRows(view, rows, results)
  }
}

/** Changed rows of a view, as they stand in messages. */
export function readRows(view: string, rows: Iterable<RowChange>, results: Record<string, string>): void {
  for (const [, key, after] of rows) results[`${view}/${resultRow(key ?? [])}`] = after === null ? 'gone' : resultRow(after)
}
