import type { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import type { DecodePlan } from './decode-plan.ts'
import type { Lane } from './lane.ts'
import type { Records } from './records.ts'
import type { RowBatch } from './row-batch.ts'

/**
 * How rows of one batch become rows of a table: what of their cells stands in records is copied as it lies there, for all columns in one go. It is right until
 * the table keeps other columns.
 */
export class BatchCopy {
  readonly #from: Records
  readonly #to: Records
  /** As `Records.copyWords` takes them. */
  readonly #words: Int32Array
  /** Cells that do not wholly stand in records. */
  readonly #beside: readonly { readonly from: Lane; readonly to: Lane }[]
  /** Columns that the source has dropped or retyped. */
  readonly #broken: readonly { readonly to: Lane; readonly error: CellError }[]

  /** `to`: the records of the table's rows. */
  constructor(batch: RowBatch, { places }: DecodePlan, to: Records) {
    this.#from = batch.records
    this.#to = to
    const lanes = places.flatMap(({ kept, index, error }) => {
      return error === null ? [{ from: must(batch.lanes[index], 'a column of the batch'), to: kept.column.now }] : []
    })
    this.#words = Int32Array.from(lanes.flatMap((lane) => lane.from.fields.flatMap((word, i) => [word, must(lane.to.fields[i])])))
    this.#beside = lanes.filter((lane) => lane.to.copyBeside !== undefined)
    this.#broken = places.flatMap(({ kept, error }) => (error === null ? [] : [{ to: kept.column.now, error }]))
  }

  /** Row `i` of the batch is the row in that slot from now on. */
  put(i: number, slot: number): void {
    this.#to.copyWords(this.#from, i, slot, this.#words)
    for (const { from, to } of this.#beside) to.copyBeside?.(from, i, slot)
    for (const { to, error } of this.#broken) to.set(slot, error)
  }
}
