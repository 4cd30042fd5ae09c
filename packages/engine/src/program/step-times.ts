import type { Operator, Relation } from '../operators/relation.ts'

/** Of small steps one in so many is timed, and counts as many times. */
const ONE_IN = 32
/** Steps with so many changed rows are timed always. */
const LARGE = 256

/**
 * How long operators run, for people. The host gives the watch (the engine reads no clock); without one nothing is timed. Nothing that is computed
 * depends on it (law 13). Shared by all programs over the same tables.
 */
export class StepTimes {
  /** Milliseconds of any beginning. */
  watch: (() => number) | null = null
  #steps = 0

  /** Runs the operators and times them, if this step is one of those that are; else false, and none has run. `stores`: what they look at first. */
  runs(operators: readonly Operator[], stores: ReadonlyMap<string, Relation>): boolean {
    const { watch } = this
    if (watch === null) return false
    const weight = this.#weight(stores)
    if (weight === 0) return false
    let at = watch()
    for (const operator of operators) {
      operator.run()
      const now = watch()
      operator.traffic.ms += (now - at) * weight
      at = now
    }
    return true
  }

  /** How many steps the times of this one stand for; 0: it is not timed. */
  #weight(stores: ReadonlyMap<string, Relation>): number {
    let changes = 0
    for (const { changes: one } of stores.values()) changes += one.size
    if (changes >= LARGE) return 1
    this.#steps = (this.#steps + 1) % ONE_IN
    return this.#steps === 0 ? ONE_IN : 0
  }
}
