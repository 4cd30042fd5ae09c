import type { Column } from '../state/column.ts'
import type { RowStore } from '../state/row-store.ts'
import { SlotSet } from '../state/slot-set.ts'
import type { Relation } from './relation.ts'

/** A row store as an input of a program. Filling a new program shows it every row as one that just came. */
export class StoreRelation implements Relation {
  readonly store: RowStore
  readonly columns: readonly (Column | undefined)[]
  #filling: SlotSet | null = null

  constructor(store: RowStore, columns: readonly (Column | undefined)[]) {
    this.store = store
    this.columns = columns
  }

  get changes(): SlotSet {
    return this.#filling ?? this.store.touched
  }

  get count(): number {
    return this.store.count
  }

  isLive(slot: number): boolean {
    return this.store.isLive(slot)
  }

  wasLive(slot: number): boolean {
    return this.#filling === null && this.store.wasLive(slot)
  }

  /** From now on all live rows are new. */
  beginFill(): void {
    this.#filling = new SlotSet()
    for (let slot = 0; slot < this.store.size; slot++) if (this.store.isLive(slot)) this.#filling.add(slot)
  }

  endFill(): void {
    this.#filling = null
  }
}
