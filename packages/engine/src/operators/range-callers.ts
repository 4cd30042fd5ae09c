import type { AggregateIndex } from './aggregate-index.ts'
import { SCANS } from './criteria-callers.ts'
import type { Callers, Question } from './criteria-callers.ts'
import { IntervalForest } from '../structures/interval-forest.ts'
import type { OrderedColumn } from './ordered-column.ts'

/** Which numbers (`order-number.ts`) of an ordered column concern a caller: closed, and rather too much than too little. */
export interface Span {
  readonly low: number
  readonly high: number
}

/** The span of a caller that no value concerns. */
export const NOTHING: Span = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY }

/**
 * How far a change reaches: `here` to the callers whose span holds its number; `above` also to those up to the next number (who look for the
 * next smaller key), `below` down to the one before.
 */
export type Reach = 'here' | 'above' | 'below'

/** What the callers of one kind ask of an index. */
export interface RangeQuestion {
  readonly group: (slot: number) => Question
  readonly span: (slot: number) => Span
  readonly reach: Reach
  /** Does an error in the ordered column concern all callers of its group? */
  readonly errors: boolean
}

/**
 * Which group of an aggregate index each row asks for, and which part of an ordered column in it. A change finds the callers that it concerns
 * by their spans: it costs as much as they are many, never a look at all callers of the group.
 */
export class RangeCallers implements Callers {
  readonly #index: AggregateIndex
  readonly #ordered: OrderedColumn
  readonly #question: RangeQuestion
  readonly #forest = new IntervalForest()
  readonly #scanning = new Set<number>()
  /** Callers found so far in this step by entry: once they are as many as there are, all are taken and no further change is looked at. */
  readonly #found = new Map<number, number>()

  constructor(index: AggregateIndex, ordered: OrderedColumn, question: RangeQuestion) {
    this.#index = index
    this.#ordered = ordered
    this.#question = question
  }

  asked(slot: number): number {
    return this.#scanning.size > 0 && this.#scanning.has(slot) ? SCANS : this.#forest.entry(slot)
  }

  run(slot: number): boolean {
    const question = this.#question.group(slot)
    const entry = question.kind === 'group' ? this.#index.entries.hold(question.key) : -1
    const { low, high } = this.#question.span(slot)
    const scanned = this.#scanning.delete(slot)
    if (question.kind === 'scan') this.#scanning.add(slot)
    return this.#ask(slot, entry, low, high) || scanned || question.kind === 'scan'
  }

  leave(slot: number): void {
    this.#scanning.delete(slot)
    this.#ask(slot, -1, 0, 0)
  }

  leaveAll(size: number): void {
    for (let slot = 0; slot < size; slot++) if (this.#forest.entry(slot) >= 0) this.leave(slot)
  }

  collect(mark: (slot: number) => void): 'listed' {
    if (this.#index.changedAny) for (const slot of this.#scanning) mark(slot)
    if (this.#forest.size === 0) return 'listed'
    const { changes } = this.#ordered
    for (let i = 0; i < changes.size; i++) this.#collectOf(changes.entry(i), changes.number(i), mark)
    this.#found.clear()
    return 'listed'
  }

  #collectOf(entry: number, number: number, mark: (slot: number) => void): void {
    const all = this.#forest.sizeOf(entry)
    let found = this.#found.get(entry) ?? 0
    if (found >= all) return
    const { reach, errors } = this.#question
    if (Number.isNaN(number) && !errors) return
    const low = reach === 'below' ? this.#ordered.numberBeside(entry, number, -1) : number
    const high = reach === 'above' ? this.#ordered.numberBeside(entry, number, 1) : number
    if (Number.isNaN(number)) found = all
    else {
      this.#forest.touching(entry, low, high, (slot) => {
        found += 1
        mark(slot)
      })
    }
    if (found >= all) this.#forest.touching(entry, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, mark)
    this.#found.set(entry, found)
    this.#index.entries.called(entry, Math.min(found, all))
  }

  #ask(slot: number, entry: number, low: number, high: number): boolean {
    const old = this.#forest.entry(slot)
    if (old >= 0) this.#index.entries.release(old)
    this.#forest.set(slot, entry, low, high)
    return old !== entry
  }
}
