import type { TableSchema } from '@sheetflow/core/schema'
import { keySchemas } from './decode-plan.ts'
import { roomFor } from './lane.ts'
import type { Lane } from './lane.ts'
import { makeLane } from './make-lane.ts'
import type { Pool } from './pool.ts'
import { Records } from './records.ts'

/** Operations of a batch; `PUT` creates the row or replaces it whole. */
export const PUT = 0
export const DELETE = 1

/**
 * Changes of one source table as cells instead of JSON, in order: whoever has typed values hands them to the graph without a text or an object
 * per row. Fill it (`add`, then the cells of the row it names by `lanes[column].set…`), give it to `Graph.rows`, `clear` it, fill it again.
 *
 * A `PUT` needs all cells, a `DELETE` those of the key. Rows have one schema; a changed key is `DELETE` and `PUT`.
 */
export class RowBatch {
  readonly schema: TableSchema
  /** By column of the schema. Cells that are not set are whatever stood there. */
  readonly lanes: readonly Lane[]
  /** Those of the key, in its order. */
  readonly keyLanes: readonly Lane[]
  /** One for each row: the fields of the lanes, at the same places in all batches of a schema. */
  readonly records: Records = new Records()
  #ops: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #size = 0

  /** Of the pool of the graph that it goes to. */
  constructor(schema: TableSchema, pool: Pool) {
    this.schema = schema
    this.lanes = schema.columns.map((column) => makeLane(column, pool, this.records))
    this.keyLanes = keySchemas(schema).map((column) => this.lanes[schema.columns.indexOf(column)] as Lane)
    this.#grow(64)
  }

  /** Rows in it. */
  get size(): number {
    return this.#size
  }

  op(i: number): number {
    return this.#ops[i] as number
  }

  /** Adds a row and answers its place. */
  add(op: typeof PUT | typeof DELETE): number {
    if (this.#size === this.#ops.length) this.#grow(this.#size + 1)
    this.#ops[this.#size] = op
    this.#size += 1
    return this.#size - 1
  }

  clear(): void {
    this.#size = 0
  }

  /** Gives its texts back. It is not used again. */
  release(): void {
    for (const lane of this.lanes) lane.free()
  }

  #grow(wanted: number): void {
    const capacity = roomFor(this.#ops.length, wanted)
    const ops = new Uint8Array(capacity)
    ops.set(this.#ops)
    this.#ops = ops
    for (const lane of this.lanes) lane.grow(capacity)
  }
}
