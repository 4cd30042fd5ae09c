import type { Column } from './column.ts'
import type { SlotSet } from './slot-set.ts'

/** Columns of the same rows: where the cell of before stands is looked up once for all of them. */
interface Siblings {
  readonly touched: SlotSet
  readonly columns: readonly Column[]
}

/** Some columns, asked together: has any of them changed? */
export class ColumnChanges {
  readonly #siblings: readonly Siblings[]

  constructor(columns: Iterable<Column>) {
    const byRows = new Map<SlotSet, Column[]>()
    for (const column of new Set(columns)) {
      const known = byRows.get(column.touched)
      if (known === undefined) byRows.set(column.touched, [column])
      else known.push(column)
    }
    this.#siblings = [...byRows].map(([touched, siblings]) => ({ touched, columns: siblings }))
  }

  /** Is a cell of this row another than before the step? */
  any(slot: number): boolean {
    for (const { touched, columns } of this.#siblings) {
      const ordinal = touched.ordinal(slot)
      if (ordinal < 0) continue
      for (const { now, before } of columns) if (!now.same(slot, before, ordinal)) return true
    }
    return false
  }
}
