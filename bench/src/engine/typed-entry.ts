import { must } from '@sheetflow/core/assert'
import { Decimal } from '@sheetflow/core/decimal'
import { fromJson } from '@sheetflow/core/json-codec'
import type { RowChange } from '@sheetflow/core/message'
import type { Vector } from '@sheetflow/core/position'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import type { Graph } from '@sheetflow/engine/graph/graph'
import type { ViewChanges } from '@sheetflow/engine/program/view-changes'
import type { Lane } from '@sheetflow/engine/state/lane'
import { DELETE, PUT } from '@sheetflow/engine/state/row-batch'
import type { RowBatch } from '@sheetflow/engine/state/row-batch'
import { resultRow } from './engine-case.ts'

/** Changes of one table as values in memory. Made before the clock starts. */
export interface TypedChanges {
  readonly to: TableEntry
  /** Row by row: `PUT` is a row that is put whole, `DELETE` the key of one that goes. */
  readonly ops: readonly (typeof PUT | typeof DELETE)[]
  /** All their cells, row by row. A number of a whole or decimal column is in units of its scale, as the hand-written limit has its cents. */
  readonly cells: readonly Value[]
}

/** Where changes of one table enter. */
interface TableEntry {
  /** `source!schema.table` */
  readonly table: string
  /** Used again in every step. */
  readonly batch: RowBatch
  /** By column: the scale of its numbers; −1: it has none. */
  readonly scales: readonly number[]
  readonly keyScales: readonly number[]
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
    const cells = rows.flatMap(([, key, after]): Value[] => {
      return (after === null ? keys : columns).map((type, i) => typedCell(type, (after ?? must(key))[i] ?? null))
    })
    return { to, ops: rows.map(([op]) => (op === 'd' ? DELETE : PUT)), cells }
  }

  /** Puts them into the open step. */
  enter({ to: { table, batch, scales, keyScales }, ops, cells }: TypedChanges): void {
    batch.clear()
    let next = 0
    for (const op of ops) {
      const i = batch.add(op)
      const lanes = op === DELETE ? batch.keyLanes : batch.lanes
      const own = op === DELETE ? keyScales : scales
      for (let at = 0; at < lanes.length; at++) {
        const cell = cells[next++] ?? null
        const scale = own[at] as number
        if (typeof cell === 'number' && scale >= 0) (lanes[at] as Lane).setUnits(i, cell, scale)
        else (lanes[at] as Lane).set(i, cell)
      }
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
    const batch = this.#graph.batch(id)
    const scalesOf = (lanes: readonly Lane[]): number[] => lanes.map(({ type }) => scaleOf(type))
    const made = { table: id, batch, scales: scalesOf(batch.lanes), keyScales: scalesOf(batch.keyLanes) }
    this.#tables.set(id, made)
    return made
  }
}

/** The scale of the numbers of a column whose numbers are all whole or all have one scale; −1: it is another. */
function scaleOf(type: ColumnType): number {
  if (type.type === 'int') return 0
  return type.type === 'decimal' ? (type.s ?? -1) : -1
}

/** In units of the column's scale, if it has one and the number is in it. */
function typedCell(type: ColumnType, json: JsonValue): Value {
  const value = fromJson(type, json)
  return value instanceof Decimal && value.scale === scaleOf(type) && typeof value.units === 'number' ? value.units : value
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
