import type { AggregateIndex } from './aggregate-index.ts'
import type { MatchKey } from '@sheetflow/formula/criteria'
import type { RowStore } from '../state/row-store.ts'
import type { MapNode, Trigger } from './row-map.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/** What a row asks of an aggregate index: one group, or all rows because one of its criteria is no equality (`">5"` in a cell), or nothing. */
export type Question = { readonly kind: 'group'; readonly key: MatchKey } | { readonly kind: 'scan' } | { readonly kind: 'none' }

/** In place of an entry: the row has to look at all rows itself. */
export const SCANS = -2

/** A node that knows what each row asks of an index, and calls rows when that changes. */
export interface Callers extends MapNode, Trigger {
  /** The entry that a row asks for; −1: it asks for no group; `SCANS`. */
  asked(slot: number): number
}

/** Which group of an aggregate index each row asks for. */
export class CriteriaCallers implements Callers {
  readonly #index: AggregateIndex
  readonly #question: (slot: number) => Question
  readonly #lists: SlotLists
  readonly #scanning = new Set<number>()

  /** `store`: that of the rows. */
  constructor(index: AggregateIndex, store: RowStore, question: (slot: number) => Question) {
    this.#index = index
    this.#lists = new SlotLists(index.entries.records, store)
    this.#question = question
  }

  asked(slot: number): number {
    return this.#scanning.size > 0 && this.#scanning.has(slot) ? SCANS : this.#lists.entry(slot)
  }

  run(slot: number): boolean {
    const question = this.#question(slot)
    const entry = question.kind === 'group' ? this.#index.entries.hold(question.key) : -1
    const scanned = this.#scanning.size > 0 && this.#scanning.delete(slot)
    if (question.kind === 'scan') this.#scanning.add(slot)
    // Two scans may ask for different rows: the formula has to look again.
    return this.#ask(slot, entry) || scanned || question.kind === 'scan'
  }

  leave(slot: number): void {
    this.#scanning.delete(slot)
    this.#ask(slot, -1)
  }

  leaveAll(size: number): void {
    for (let slot = 0; slot < size; slot++) if (this.#lists.entry(slot) >= 0) this.leave(slot)
  }

  release(): void {
    this.#lists.release()
  }

  collect(mark: (slot: number) => void): 'listed' {
    const { dirty } = this.#index.entries
    for (let i = 0; i < dirty.size; i++) {
      const end = dirty.blockAt(i)
      if (end > 0) this.#lists.warm(dirty, i, end)
      const entry = dirty.at(i)
      this.#index.entries.called(entry, this.#lists.forEach(entry, mark))
    }
    if (this.#index.changedAny) for (const slot of this.#scanning) mark(slot)
    return 'listed'
  }

  #ask(slot: number, entry: number): boolean {
    const old = this.#lists.entry(slot)
    if (old >= 0) this.#index.entries.release(old)
    this.#lists.move(slot, entry)
    return old !== entry
  }
}
