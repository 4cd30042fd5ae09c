import { resultRow } from '../engine-case.ts'
import type { Engine } from '../engine-case.ts'
import { loading } from '../memory.ts'
import { stepping } from '../stepping.ts'
import type { Workload } from '../stepping.ts'

/**
 * A limit: the same results by code that was written for this one query, over typed arrays. It has no types to keep, no row before to give, no
 * order of output, and takes sums in cents.
 */
export interface HandWritten<Transaction> {
  /** Everything that the transaction changed. */
  step(transaction: Transaction): readonly OutRow[]
}

/** A changed row of a view. */
export interface OutRow {
  readonly view: string
  readonly key: number | string
  /** Null: it is gone. */
  readonly cells: readonly (number | string)[] | null
}

/** A limit with its state loaded. `texts`: by view, the cells as the product gives them, where they are other. */
export async function handWritten<T>(
  rows: number,
  make: () => HandWritten<T>,
  workload: Workload<T>,
  texts: Readonly<Record<string, (cells: readonly (number | string)[]) => readonly unknown[]>> = {},
): Promise<Engine> {
  let limit: HandWritten<T> | undefined
  const loaded = await loading(rows, () => {
    limit = make()
  })
  const made = limit
  if (made === undefined) throw new Error('nothing was loaded')
  return stepping<T, T>(loaded, workload, {
    prepare: (transaction) => transaction,
    step: (transaction) => made.step(transaction).length,
    read: (transaction, results) => {
      for (const { view, key, cells } of made.step(transaction)) {
        results[`${view}/${key}`] = cells === null ? 'gone' : resultRow(texts[view]?.(cells) ?? cells)
      }
    },
  })
}
