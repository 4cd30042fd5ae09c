import type { RowChange } from '@sheetflow/core/message'

/** What was typed into one sheet. `base`: these are all of its rows. */
export interface SavedEdits {
  readonly view: string
  readonly base: boolean
  readonly changes: readonly RowChange[]
}

/** Edits of sheets with rows of their own: the last change of each key, by view. A new deployment gets them again. */
export class Edits {
  readonly #views = new Map<string, { readonly base: boolean; readonly changes: Map<string, RowChange> }>()

  add(view: string, changes: readonly RowChange[], base: boolean): void {
    const known = this.#views.get(view)
    const edits = known === undefined || base ? { base: base || (known?.base ?? false), changes: new Map<string, RowChange>() } : known
    for (const change of changes) edits.changes.set(JSON.stringify(change[1]), change)
    this.#views.set(view, edits)
  }

  /** For a checkpoint, and back. */
  save(): readonly SavedEdits[] {
    return [...this.#views].map(([view, { base, changes }]) => ({ view, base, changes: [...changes.values()] }))
  }

  restore(saved: readonly SavedEdits[]): void {
    for (const { view, base, changes } of saved) {
      this.#views.set(view, { base, changes: new Map(changes.map((change) => [JSON.stringify(change[1]), change])) })
    }
  }
}
