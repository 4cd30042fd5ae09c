import type { RowChange } from '@sheetflow/core/message'

/** Some of what was typed into one sheet, in order. `base`: these are all of its rows. */
export interface SavedEdits {
  readonly view: string
  readonly base: boolean
  readonly changes: readonly RowChange[]
}

/** `change` null: what is in the sheet's file is no row of it any more. */
interface Edit {
  readonly view: string
  readonly change: RowChange | null
}

/**
 * Edits of sheets with rows of their own: the last change of each key, in the order in which they were typed, whatever sheets are there. A new deployment
 * gets them again.
 */
export class Edits {
  readonly #edits = new Map<string, Edit>()

  add(view: string, changes: readonly RowChange[], base: boolean): void {
    if (base) {
      this.#forget(view)
      this.#put(view, null)
    }
    for (const change of changes) this.#put(view, change)
  }

  /** Sheets are called otherwise from now on: old name → new name. What was typed under both is one, in its order. */
  rename(names: Readonly<Record<string, string>>): void {
    const saved = this.save()
    if (saved.every(({ view }) => names[view] === undefined)) return
    this.#edits.clear()
    this.restore(saved.map((edits) => ({ ...edits, view: names[edits.view] ?? edits.view })))
  }

  /** For a checkpoint, and back. */
  save(): readonly SavedEdits[] {
    const saved: { readonly view: string; readonly base: boolean; readonly changes: RowChange[] }[] = []
    for (const { view, change } of this.#edits.values()) {
      const last = saved.at(-1)
      if (change === null) saved.push({ view, base: true, changes: [] })
      else if (last?.view === view) last.changes.push(change)
      else saved.push({ view, base: false, changes: [change] })
    }
    return saved
  }

  restore(saved: readonly SavedEdits[]): void {
    for (const { view, base, changes } of saved) this.add(view, changes, base)
  }

  #put(view: string, change: RowChange | null): void {
    const id = JSON.stringify(change === null ? [view] : [view, change[1]])
    // What is typed again is typed last.
    this.#edits.delete(id)
    this.#edits.set(id, { view, change })
  }

  #forget(view: string): void {
    for (const [id, edit] of this.#edits) if (edit.view === view) this.#edits.delete(id)
  }
}
