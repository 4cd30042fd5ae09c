import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { Column } from '../state/column.ts'
import type { Lane } from '../state/lane.ts'
import { makeLane } from '../state/make-lane.ts'
import { BLOCK, READ } from '../state/read-ahead.ts'
import type { RowStore } from '../state/row-store.ts'
import type { Entries } from '../structures/entries.ts'
import type { MatchKey } from '@sheetflow/formula/criteria'
import type { MapNode, Trigger } from './row-map.ts'
import type { Sheet } from './sheet.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/** A formula ready to run: the value for the row in this slot. */
export type Thunk = (slot: number) => Value

/**
 * Writes what a formula gives for the row in `slot` into cell 0 of a lane, in the form that a computed column keeps. False: it must be computed
 * (errors, values too wide for the lane's numbers, whatever is rare).
 */
export type DirectWrite = (slot: number, to: Lane) => boolean

/** The formula of one computed column. */
export class ColumnNode implements MapNode {
  readonly isResult = true
  readonly #sheet: Sheet
  readonly #column: Column
  readonly #formula: Thunk
  readonly #direct: DirectWrite | null
  readonly #result: Lane

  constructor(sheet: Sheet, column: Column, formula: Thunk, direct: DirectWrite | null = null) {
    this.#sheet = sheet
    this.#column = column
    this.#formula = formula
    this.#direct = direct
    this.#result = makeLane(column.type, sheet.store.pool)
    this.#result.grow(1)
  }

  run(slot: number): boolean {
    const direct = this.#direct
    if (direct === null || !direct(slot, this.#result)) this.#compute(slot)
    if (this.#column.now.same(slot, this.#result, 0)) return false
    this.#sheet.touch(slot)
    this.#column.now.copy(this.#result, 0, slot)
    return true
  }

  #compute(slot: number): void {
    const value = this.#formula(slot)
    // A computed decimal has no trailing zeros (FORMATS 1).
    this.#result.set(0, value instanceof Decimal ? value.normalize() : value)
  }

  leave(): void {
    // The cell stays: it shows what the row was.
  }

  /** Forgets the text that it computed last. */
  release(): void {
    this.#result.free()
  }
}

/** The condition of a filtered sheet: a row is a member where it is TRUE. */
export class WhereNode implements MapNode {
  readonly isResult = true
  readonly #sheet: Sheet
  readonly #where: Thunk

  constructor(sheet: Sheet, where: Thunk) {
    this.#sheet = sheet
    this.#where = where
  }

  run(slot: number): boolean {
    return this.#sheet.setMember(slot, this.#where(slot) === true)
  }

  leave(slot: number): void {
    this.#sheet.setMember(slot, false)
  }
}

/** How a row asks an index. */
export interface Search {
  /** The key that the row in a slot asks for; null: none. */
  readonly key: (slot: number) => MatchKey | null
  /** Can the key be read at any time, since it is the cell of a column and no formula? Then what it stands for is read ahead. */
  readonly isPlain: boolean
  /** Reads ahead what will be read of an entry that is asked for (`Records.peek`). */
  readonly peek: (entry: number) => number
}

/** Entries of one block. */
const FOUND = new Int32Array(BLOCK)

/** Which entry of an index each row asks for. Rows without a key ask for none. */
export class CallerNode implements MapNode {
  readonly lists: SlotLists
  readonly warm?: NonNullable<MapNode['warm']>
  readonly #entries: Entries
  readonly #key: Search['key']

  /** `store`: that of the rows. */
  constructor(entries: Entries, store: RowStore, { key, isPlain, peek }: Search) {
    this.lists = new SlotLists(entries.records, store)
    this.#entries = entries
    this.#key = key
    if (isPlain) this.warm = (slots, count) => this.#warm(slots, count, peek)
  }

  run(slot: number): boolean {
    const key = this.#key(slot)
    return this.#ask(slot, key === null ? -1 : this.#entries.hold(key))
  }

  leave(slot: number): void {
    this.#ask(slot, -1)
  }

  leaveAll(size: number): void {
    for (let slot = 0; slot < size; slot++) if (this.lists.entry(slot) >= 0) this.leave(slot)
  }

  release(): void {
    this.lists.release()
  }

  /** The entries first, then what stands in them. */
  #warm(slots: Int32Array, count: number, peek: Search['peek']): void {
    for (let i = 0; i < count; i++) {
      const key = this.#key(slots[i] as number)
      FOUND[i] = key === null ? -1 : this.#entries.find(key)
    }
    let read = 0
    for (let i = 0; i < count; i++) {
      const entry = FOUND[i] as number
      if (entry >= 0) read ^= peek(entry) ^ this.lists.peek(entry)
    }
    READ[0] = read
  }

  /** `entry` is held for this row. */
  #ask(slot: number, entry: number): boolean {
    const old = this.lists.entry(slot)
    if (old >= 0) this.#entries.release(old)
    this.lists.move(slot, entry)
    return old !== entry
  }
}

/** The callers of an index's dirty entries. */
export class CallerTrigger implements Trigger {
  readonly #entries: Entries
  readonly #lists: SlotLists

  constructor(entries: Entries, lists: SlotLists) {
    this.#entries = entries
    this.#lists = lists
  }

  collect(mark: (slot: number) => void): 'listed' {
    const { dirty } = this.#entries
    for (let i = 0; i < dirty.size; i++) {
      const end = dirty.blockAt(i)
      if (end > 0) this.#lists.warm(dirty, i, end)
      const entry = dirty.at(i)
      this.#entries.called(entry, this.#lists.forEach(entry, mark))
    }
    return 'listed'
  }
}

/** One key that all rows ask for: a constant search, or no criteria at all. */
export class FixedCaller implements Trigger {
  readonly #entries: Entries
  readonly #key: () => MatchKey | null
  #entry = -1

  constructor(entries: Entries, key: () => MatchKey | null) {
    this.#entries = entries
    this.#key = key
  }

  /** What another index's filter reads, it reads before rows are looked at: then it is asked for here. */
  get entry(): number {
    if (this.#entry < 0) this.#entry = this.#held()
    return this.#entry
  }

  collect(): 'all' | 'listed' {
    const entry = this.#held()
    const old = this.#entry
    if (old >= 0) this.#entries.release(old)
    this.#entry = entry
    return entry !== old || (entry >= 0 && this.#entries.dirty.has(entry)) ? 'all' : 'listed'
  }

  calledAll(rows: number): void {
    if (this.#entry >= 0) this.#entries.called(this.#entry, rows)
  }

  letGo(): void {
    if (this.#entry >= 0) this.#entries.release(this.#entry)
    this.#entry = -1
  }

  #held(): number {
    const key = this.#key()
    return key === null ? -1 : this.#entries.hold(key)
  }
}

/** A condition that concerns every row when it holds. */
export class GlobalTrigger implements Trigger {
  readonly #changed: () => boolean

  constructor(changed: () => boolean) {
    this.#changed = changed
  }

  collect(): 'all' | 'listed' {
    return this.#changed() ? 'all' : 'listed'
  }
}
