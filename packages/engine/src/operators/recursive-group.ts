import type { MatchKey } from '@sheetflow/formula/criteria'
import type { Column } from '../state/column.ts'
import { grownInt32, roomFor } from '../state/lane.ts'
import { ColumnMeasure } from '../structures/column-measure.ts'
import type { Question } from './criteria-callers.ts'
import { Entries } from '../structures/entries.ts'
import type { RecursiveRead } from './recursion.ts'
import type { Relation } from './relation.ts'
import type { MapNode, Trigger } from './row-map.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/** What a recursive aggregate is made of. */
export interface GroupOptions {
  readonly by: number
  readonly of: number
  readonly relation: Relation
  readonly column: Column
  /** Is the row let in by the criteria that are the same for all? */
  readonly passes: (slot: number) => boolean
  /** The group that a row is in; null: in none. */
  readonly groupOf: (slot: number) => MatchKey | null
  /** The group that a row asks for. */
  readonly asked: (slot: number) => Question
  /** For a row that has to look at all rows itself: does it mean this one? */
  readonly means: (slot: number) => (other: number) => boolean
}

/**
 * SUMIFS and its like over a column of a recursion: groups of rows by equality, the exact sum of what is known in each, and who asks for which
 * group. Cells that are open in a step are not in the sums; each goes in as it settles, and whoever asks runs behind all of its group.
 */
export class RecursiveGroup implements RecursiveRead {
  readonly by: number
  readonly of: number
  readonly measure: ColumnMeasure
  /** Where each row is: a node of the map. */
  readonly members: MapNode
  /** What each row asks for: a node of the map, behind the members. */
  readonly callers: MapNode
  /** Rows whose group lost or gained a row. */
  readonly trigger: Trigger
  readonly #options: GroupOptions
  readonly #entries = new Entries()
  readonly #members = new SlotLists()
  readonly #callers = new SlotLists()
  readonly #scanning = new Set<number>()
  #changedAny = false
  /** The entry in whose sums a row's cell is, plus one; 0: in none. */
  #summed: Int32Array<ArrayBuffer> = new Int32Array(64)
  #rows: Int32Array<ArrayBuffer> = new Int32Array(64)

  constructor(options: GroupOptions) {
    this.#options = options
    this.by = options.by
    this.of = options.of
    this.measure = new ColumnMeasure(options.column, options.relation.store, this.#entries.records)
    this.members = { run: (slot) => this.#join(slot, this.#target(slot)), leave: (slot) => void this.#join(slot, -1) }
    this.callers = { run: (slot) => this.#ask(slot), leave: (slot) => this.#dismiss(slot) }
    this.trigger = { collect: (mark) => this.#collect(mark) }
  }

  /** The group that a row asks for; −1: none; `SCAN`: it looks at all rows itself. */
  asked(slot: number): number {
    return this.#scanning.has(slot) ? SCAN : this.#callers.entry(slot)
  }

  /** Rows of a group whose cells are known. */
  rows(entry: number): number {
    return entry < this.#rows.length ? (this.#rows[entry] as number) : 0
  }

  /** Is the row in the group that it asks for itself? */
  asksForItself(slot: number): boolean {
    const entry = this.#callers.entry(slot)
    return entry >= 0 && entry === this.#members.entry(slot)
  }

  forEachRead(slot: number, each: (slot: number) => void): void {
    if (this.#scanning.has(slot)) {
      const { relation, passes } = this.#options
      const means = this.#options.means(slot)
      for (let other = 0; other < relation.store.size; other++) if (relation.isLive(other) && passes(other) && means(other)) each(other)
      return
    }
    const entry = this.#callers.entry(slot)
    if (entry < 0) return
    for (let other = this.#members.first(entry); other >= 0; other = this.#members.next(other)) each(other)
  }

  forEachReader(slot: number, each: (slot: number) => void): void {
    const entry = this.#members.entry(slot)
    if (entry >= 0) for (let reader = this.#callers.first(entry); reader >= 0; reader = this.#callers.next(reader)) each(reader)
    // More than those that mean the row: they look themselves.
    if (this.#scanning.size > 0 && this.#options.passes(slot)) for (const reader of this.#scanning) each(reader)
  }

  opened(slot: number): void {
    const entry = slot < this.#summed.length ? (this.#summed[slot] as number) - 1 : -1
    if (entry < 0) return
    this.measure.retract(entry, slot)
    this.#summed[slot] = 0
    this.#rows[entry] = (this.#rows[entry] as number) - 1
  }

  settled(slot: number): void {
    const entry = this.#members.entry(slot)
    if (entry < 0) return
    if (slot >= this.#summed.length) this.#summed = grownInt32(this.#summed, roomFor(this.#summed.length, slot + 1))
    if (entry >= this.#rows.length) this.#rows = grownInt32(this.#rows, roomFor(this.#rows.length, entry + 1))
    this.measure.insert(entry, slot)
    this.#summed[slot] = entry + 1
    this.#rows[entry] = (this.#rows[entry] as number) + 1
  }

  finish(): void {
    this.#changedAny = false
    this.#entries.finish((entry) => this.measure.forget(entry))
  }

  /** The entry of the row's group, held for it; −1: in none. */
  #target(slot: number): number {
    const key = this.#options.passes(slot) ? this.#options.groupOf(slot) : null
    return key === null ? -1 : this.#entries.hold(key)
  }

  /** `entry` is held for this row. */
  #join(slot: number, entry: number): boolean {
    const old = this.#members.entry(slot)
    if (old >= 0) this.#entries.release(old)
    // In the same group, its cells may still be others to who looks at them himself: an empty text and Blank are one to an equality, not to a pattern.
    this.#changedAny = true
    if (old === entry) return false
    this.#members.move(slot, entry)
    for (const one of [old, entry]) if (one >= 0) this.#entries.dirty.add(one)
    return true
  }

  #ask(slot: number): boolean {
    const question = this.#options.asked(slot)
    const entry = question.kind === 'group' ? this.#entries.hold(question.key) : -1
    const scanned = this.#scanning.delete(slot)
    if (question.kind === 'scan') this.#scanning.add(slot)
    const old = this.#callers.entry(slot)
    if (old >= 0) this.#entries.release(old)
    this.#callers.move(slot, entry)
    // Two scans may mean different rows: the formula has to look again.
    return old !== entry || scanned || question.kind === 'scan'
  }

  #dismiss(slot: number): void {
    this.#scanning.delete(slot)
    const old = this.#callers.entry(slot)
    if (old >= 0) this.#entries.release(old)
    this.#callers.move(slot, -1)
  }

  #collect(mark: (slot: number) => void): 'listed' {
    const { dirty } = this.#entries
    for (let i = 0; i < dirty.size; i++) {
      for (let slot = this.#callers.first(dirty.at(i)); slot >= 0; slot = this.#callers.next(slot)) mark(slot)
    }
    if (this.#changedAny) for (const slot of this.#scanning) mark(slot)
    return 'listed'
  }
}

/** What a row asks for that has to look at all rows itself. */
export const SCAN = -2
