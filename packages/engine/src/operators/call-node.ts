import type { JsonValue, Value } from '@sheetflow/core/value'
import type { KeyJson } from '@sheetflow/core/message'
import { isCellError } from '@sheetflow/core/cell-error'
import type { CellError } from '@sheetflow/core/cell-error'
import { BUSY } from '@sheetflow/formula/value/cell-errors'
import type { RowStore } from '../state/row-store.ts'
import type { CallIndex } from './call-index.ts'
import { CallerTrigger } from './map-nodes.ts'
import type { MapNode, Trigger } from './row-map.ts'
import { SlotLists } from '../structures/slot-lists.ts'

/** One call as it stands in a formula. */
export interface CallPlace {
  /** Which call of which sheet it is: equal for the same one in another life. */
  readonly name: string
  /** The arguments for the row in this slot, or the error that is the result; null: nobody needs it there. */
  readonly args: (slot: number) => readonly JsonValue[] | CellError | null
  /** While it waits, does the row show the answer that it had? */
  readonly keeps: boolean
  /** Told when a row asks for something else, or shows something else while it waits. */
  readonly moved: () => void
  /** What rows showed in the life before, while they waited: key → arguments. Null: there was none, or it is known already. */
  readonly before: () => ReadonlyMap<string, readonly JsonValue[]> | null
}

/** A row that waits and shows its last answer: its key, and the arguments of that. */
export type ShownRow = readonly [key: KeyJson, args: readonly JsonValue[]]

/**
 * For what each row calls a function, and whose answer it shows.
 *
 *     answered ──other arguments──▶ waiting, shows the answer before ──answer──▶ answered
 *                                     └──other arguments──▶ waiting, shows still the same
 *
 * A row whose arguments are an error asks for nothing, nor does one that does not need the answer. One whose arguments wait themselves (`#BUSY!`) goes on showing what it shows.
 */
export class CallNode implements MapNode {
  readonly name: string
  readonly trigger: Trigger
  readonly #index: CallIndex
  readonly #store: RowStore
  readonly #place: CallPlace
  readonly #lists: SlotLists
  /** Of rows that wait: the entry that they show, held. */
  readonly #shown = new Map<number, number>()

  /** `store`: that of the rows. */
  constructor(index: CallIndex, store: RowStore, place: CallPlace) {
    this.name = place.name
    this.#index = index
    this.#store = store
    this.#place = place
    this.#lists = new SlotLists(index.entries.records, store)
    this.trigger = new CallerTrigger(index.entries, this.#lists)
  }

  run(slot: number): boolean {
    const args = this.#place.args(slot)
    const old = this.#lists.entry(slot)
    const entry = args === null || isCellError(args) ? -1 : this.#index.hold(args)
    const waits = entry < 0 ? isCellError(args) && args.kind === BUSY.kind : this.#index.answer(entry) === undefined
    const isOther = waits ? this.#keep(slot, old, entry) : this.#show(slot, -1)
    if (old >= 0) this.#index.entries.release(old)
    this.#lists.move(slot, entry)
    if (old !== entry || isOther) this.#place.moved()
    // Errors among the arguments are read again by who asks for the value.
    return isOther || old !== entry || entry < 0 || this.#index.entries.dirty.has(entry)
  }

  leave(slot: number): void {
    this.#show(slot, -1)
    const old = this.#lists.entry(slot)
    if (old < 0) return
    this.#index.entries.release(old)
    this.#lists.move(slot, -1)
    this.#place.moved()
  }

  leaveAll(size: number): void {
    for (let slot = 0; slot < size; slot++) if (this.#lists.entry(slot) >= 0 || this.#shown.has(slot)) this.leave(slot)
  }

  release(): void {
    this.#lists.release()
  }

  /** The answer, or what stands in its place; undefined: there is nothing, it waits. */
  value(slot: number): Value | undefined {
    const entry = this.#lists.entry(slot)
    const answer = entry < 0 ? undefined : this.#index.answer(entry)
    if (answer !== undefined) return answer
    const shown = this.#shown.get(slot)
    if (shown !== undefined) return this.#index.answer(shown)
    const args = entry < 0 ? this.#place.args(slot) : null
    return isCellError(args) && args.kind !== BUSY.kind ? args : undefined
  }

  /** Rows that wait and show an answer. */
  shownRows(): readonly ShownRow[] {
    return [...this.#shown].map(([slot, entry]) => [this.#store.keyJson(slot), this.#index.argsOf(entry)])
  }

  /** It waits: it goes on showing what it showed, which is the answer to what it asked for, or the one before. True: that is another one now. */
  #keep(slot: number, old: number, entry: number): boolean {
    if (!this.#place.keeps) return false
    if (old >= 0 && old !== entry && this.#index.answer(old) !== undefined) return this.#show(slot, old)
    if (old >= 0 || this.#shown.has(slot)) return false
    const before = this.#place.before()?.get(JSON.stringify(this.#store.keyJson(slot)))
    if (before === undefined) return false
    const known = this.#index.hold(before)
    const isOther = this.#index.answer(known) !== undefined && this.#show(slot, known)
    this.#index.entries.release(known)
    return isOther
  }

  /** `entry` −1: nothing is shown beside what is asked for. */
  #show(slot: number, entry: number): boolean {
    const shown = this.#shown.get(slot) ?? -1
    if (shown === entry) return false
    if (entry >= 0) {
      this.#index.hold(this.#index.argsOf(entry))
      this.#shown.set(slot, entry)
    } else this.#shown.delete(slot)
    if (shown >= 0) this.#index.entries.release(shown)
    return true
  }
}
