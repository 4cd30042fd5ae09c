import { keyText } from '@sheetflow/core/key'
import { isUnchanged } from '@sheetflow/core/json-special'
import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'

/** A source table as plainly as it can be said: what its rows are after some changes. Rows whose unchanged cells have no base are left out. */
export class TableModel {
  readonly schema: TableSchema
  readonly #rows = new Map<string, RowJson>()

  constructor(schema: TableSchema) {
    this.schema = schema
  }

  rows(): readonly RowJson[] {
    return [...this.#rows.values()]
  }

  /** What a source would send that knows its rows: the change with no cell unsent; null: there is no row that has it. */
  whole([op, key, after, before]: RowChange): RowChange | null {
    if (key === null || after === null || !after.some(isUnchanged)) return [op, key, after, before]
    const base = this.#rows.get(this.#text(key))
    return base === undefined ? null : [op, key, after.map((cell, i) => (isUnchanged(cell) ? (base[i] ?? null) : cell)), before]
  }

  has(key: KeyJson): boolean {
    return this.#rows.has(this.#text(key))
  }

  apply(changes: readonly RowChange[]): void {
    let removed: RowJson | undefined
    for (const [op, key, after] of changes) {
      const text = key === null ? '' : this.#text(key)
      const base = this.#rows.get(text) ?? (op === 'c' ? removed : undefined)
      removed = undefined
      if (op === 't') this.#rows.clear()
      else if (op === 'd') {
        removed = this.#rows.get(text)
        this.#rows.delete(text)
      } else this.#put(text, must(after), base)
    }
  }

  #put(text: string, after: RowJson, base: RowJson | undefined): void {
    if (base === undefined && after.some(isUnchanged)) return
    this.#rows.set(
      text,
      after.map((cell, i) => (isUnchanged(cell) ? (base?.[i] ?? null) : cell)),
    )
  }

  #text(key: KeyJson): string {
    const types = this.schema.key.map((name) => must(this.schema.columns.find((column) => column.name === name)))
    return keyText(types, key)
  }
}
