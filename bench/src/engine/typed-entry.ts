import { must } from '@sheetflow/core/assert'
import { fromJson } from '@sheetflow/core/json-codec'
import type { RowChange } from '@sheetflow/core/message'
import type { Vector } from '@sheetflow/core/position'
import type { Value } from '@sheetflow/core/value'
import type { Graph } from '@sheetflow/engine/graph/graph'
import type { ViewChanges } from '@sheetflow/engine/program/view-changes'
import { DELETE, PUT } from '@sheetflow/engine/state/row-batch'
import type { RowBatch } from '@sheetflow/engine/state/row-batch'
import { resultRow } from './engine-case.ts'

/** Changes of one table as values in memory. Made before the clock starts. */
export interface TypedChanges {
  readonly to: TableEntry
  readonly rows: readonly TypedRow[]
}

/** Where changes of one table enter. */
interface TableEntry {
  /** `source!schema.table` */
  readonly table: string
  /** Used again in every step. */
  readonly batch: RowBatch
}

/** One row that is put whole, or the key of one that is deleted. */
interface TypedRow {
  readonly op: typeof PUT | typeof DELETE
  readonly cells: readonly Value[]
}

/**
 * How typed changes enter and leave a graph, without messages: values go into the cells of a batch, and out of the cells of the views. The one file to
 * change when the engine takes and gives them in another form.
 */
export class TypedEntry {
  readonly #graph: Graph
  readonly #tables = new Map<string, TableEntry>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /** @param id `source!schema.table` */
  changes(id: string, rows: readonly RowChange[]): TypedChanges {
    const to = this.#table(id)
    const { columns, key: names } = to.batch.schema
    const keys = names.map((name) => must(columns.find((column) => column.name === name)))
    const typed = rows.map(([op, key, after]): TypedRow => {
      const cells = after ?? must(key)
      const types = after === null ? keys : columns
      return { op: op === 'd' ? DELETE : PUT, cells: types.map((type, i) => fromJson(type, cells[i] ?? null)) }
    })
    return { to, rows: typed }
  }

  /** Puts them into the open step. */
  enter({ to: { table, batch }, rows }: TypedChanges): void {
    batch.clear()
    for (const { op, cells } of rows) {
      const i = batch.add(op)
      const lanes = op === DELETE ? batch.keyLanes : batch.lanes
      for (let at = 0; at < cells.length; at++) must(lanes[at]).set(i, cells[at] ?? null)
    }
    this.#graph.rows(table, batch)
  }

  /** Ends the step and takes its changes; gives how many rows of views there are. */
  commit(at: string, inputs: Vector): number {
    let count = 0
    for (const { rows } of this.#graph.commitAs(at, [], inputs, takeCells).views) count += rows
    return count
  }

  /** Ends the step and writes its changes into results: `view/key` → the row as text, or `gone`. */
  tell(at: string, inputs: Vector, results: Record<string, string>): void {
    for (const { view, rows } of this.#graph.commit(at, [], inputs).views) readRows(view, rows, results)
  }

  #table(id: string): TableEntry {
    const known = this.#tables.get(id)
    if (known !== undefined) return known
    const made = { table: id, batch: this.#graph.batch(id) }
    this.#tables.set(id, made)
    return made
  }
}

/** Reads every cell of the changed rows, as it is now. */
function takeCells({ size, lanes }: ViewChanges): number {
  if (lanes === null) return size
  for (let i = 0; i < size; i++) {
    const slot = lanes.slot(i)
    for (const { now } of lanes.columns) if (Number.isNaN(now.units(slot))) now.value(slot)
  }
  return size
}

/** Changed rows of a view, as they stand in messages. */
export function readRows(view: string, rows: Iterable<RowChange>, results: Record<string, string>): void {
  for (const [, key, after] of rows) results[`${view}/${resultRow(key ?? [])}`] = after === null ? 'gone' : resultRow(after)
}
