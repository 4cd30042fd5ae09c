import type { ColumnType } from '@sheetflow/core/type'
import type { Column } from '../state/column.ts'
import type { Pool } from '../state/pool.ts'
import { RowStore } from '../state/row-store.ts'
import type { SlotSet } from '../state/slot-set.ts'
import type { Relation } from './relation.ts'

/**
 * Rows that an operator makes of other rows and that have keys of their own: groups, stacked tables, merged pairs. A row store of its program:
 * slots, columns and memory of before as those of a table have them. It is in no checkpoint, its operator fills it again.
 *
 * The operator sets rows while it runs and calls `finish` when the step ends; until then the dead keep their slots, so a row that goes and comes
 * in one step is one that changed, or nothing.
 */
export class DerivedRows implements Relation {
  readonly store: RowStore
  readonly columns: readonly (Column | undefined)[]

  /** `types`: of each column, null for one that nothing reads. `key`: columns that are the key. */
  constructor(types: readonly (ColumnType | null)[], key: readonly number[], pool: Pool) {
    this.store = new RowStore(
      key.map((index) => types[index] as ColumnType),
      pool,
    )
    this.columns = types.map((type) => (type === null ? undefined : this.store.addColumn(type)))
    this.store.setKeyColumns(key.map((index) => this.columns[index] as Column))
  }

  get changes(): SlotSet {
    return this.store.touched
  }

  get count(): number {
    return this.store.count
  }

  isLive(slot: number): boolean {
    return this.store.isLive(slot)
  }

  wasLive(slot: number): boolean {
    return this.store.wasLive(slot)
  }

  finish(): void {
    this.store.finishStep()
  }

  /** Forgets its texts. */
  release(): void {
    this.store.release()
  }
}
