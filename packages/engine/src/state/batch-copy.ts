import type { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import type { DecodePlan } from './decode-plan.ts'
import type { Lane } from './lane.ts'
import type { Records } from './records.ts'
import type { RowBatch } from './row-batch.ts'

/**
 * How rows of batches of one schema become rows of a table: what of their cells stands in records is copied as it lies there, for all columns in one go. It is
 * right until the table keeps other columns.
 */
export class BatchCopy {
  readonly #to: Records
  /** As `Records.copyWords` takes them. */
  readonly #words: Int32Array
  /** Columns, by place in the schema, whose cells do not wholly stand in records. */
  readonly #beside: readonly { readonly index: number; readonly to: Lane }[]
  /** Columns that the source has dropped or retyped. */
  readonly #broken: readonly { readonly to: Lane; readonly error: CellError }[]

  /** `like`: any batch of the schema that `places` are of. `to`: the records of the table's rows. */
  constructor(like: RowBatch, { places }: DecodePlan, to: Records) {
    this.#to = to
    const read = places.flatMap(({ kept, index, error }) => (error === null ? [{ index, to: kept.column.now }] : []))
    const wordsOf = (index: number): readonly number[] => must(like.lanes[index], 'a column of the batch').fields
    this.#words = Int32Array.from(read.flatMap((one) => wordsOf(one.index).flatMap((word, i) => [word, must(one.to.fields[i])])))
    this.#beside = read.filter((one) => one.to.copyBeside !== undefined)
    this.#broken = places.flatMap(({ kept, error }) => (error === null ? [] : [{ to: kept.column.now, error }]))
  }

  /** Row `i` of a batch is the row in that slot from now on. */
  put(batch: RowBatch, i: number, slot: number): void {
    this.#to.copyWords(batch.records, i, slot, this.#words)
    for (const { index, to } of this.#beside) to.copyBeside?.(batch.lanes[index] as Lane, i, slot)
    for (const { to, error } of this.#broken) to.set(slot, error)
  }
}
