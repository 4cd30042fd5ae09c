import type { KeyJson } from '@sheetflow/core/message'

/** A formula that failed inside: a bug of a function, or a call that went too deep. Its cell is `#CALC!`. */
export interface FormulaFault {
  /** The sheet whose formula it is. */
  readonly view: string
  /** Null: it says which rows the sheet has. */
  readonly column: string | null
  /** Of the row in which it failed first; null: it has none. */
  readonly key: KeyJson | null
  readonly error: unknown
  /** In how many evaluations since the last `take`. */
  readonly times: number
}

const NOTHING: readonly FormulaFault[] = []

/** What failed while the formulas of a graph were computed, for whoever keeps its letters. One for all programs over the same tables, as their clock. */
export class FormulaFaults {
  readonly #met = new Map<string, FormulaFault>()

  /** `key` is asked for the first fault of a formula alone. */
  met(view: string, column: string | null, key: () => KeyJson | null, error: unknown): void {
    const name = JSON.stringify([view, column])
    const known = this.#met.get(name)
    this.#met.set(name, known === undefined ? { view, column, key: key(), error, times: 1 } : { ...known, times: known.times + 1 })
  }

  /** Those since it was asked last, in the order in which they were met. */
  take(): readonly FormulaFault[] {
    if (this.#met.size === 0) return NOTHING
    const faults = [...this.#met.values()]
    this.#met.clear()
    return faults
  }
}
