/**
 * Most columns never hold a cell for which a statement has to make provision: one whose JSON stands apart from it, in the row's `x` (errors, big values, the longest numbers), or
 * Blank. So the catalogue of a store keeps, for each table, in which columns such a cell has been written since the table was last empty, and statements
 * provide for them there alone. It is written in the transaction of the first such cell, with a new version of the catalogue; a statement is made for
 * one version, and answers in a snapshot that has it.
 *
 * Null: not known, so it may be any.
 */
export type SeenColumns = ReadonlySet<number> | null

/** An empty table has seen nothing. */
export const NO_COLUMNS: SeenColumns = new Set()

/** From the text that the catalogue keeps: positions of columns as a JSON array. */
export function seenColumns(text: string | null): SeenColumns {
  return text === null ? null : new Set(JSON.parse(text) as readonly number[])
}

/** What the writer of a table has seen, and whether the catalogue has been told. */
export class ColumnRecord {
  #columns: Set<number> | null
  #stored: string | null
  #changed = false

  /** @param stored what the catalogue says now */
  constructor(stored: SeenColumns) {
    this.#columns = stored === null ? null : new Set(stored)
    this.#stored = textOf(this.#columns)
  }

  /** Such a cell is written in that column. */
  add(column: number): void {
    if (this.#columns === null || this.#columns.has(column)) return
    this.#columns.add(column)
    this.#changed = true
  }

  /** The table has been emptied. */
  clear(): void {
    this.#columns = new Set()
    this.#changed = true
  }

  /** The text that the catalogue has to be told before the transaction ends, once; null: it says so already. */
  news(): string | null {
    if (!this.#changed) return null
    this.#changed = false
    const text = textOf(this.#columns)
    if (text === this.#stored) return null
    this.#stored = text
    return text
  }
}

function textOf(columns: SeenColumns): string | null {
  return columns === null ? null : JSON.stringify([...columns].toSorted((a, b) => a - b))
}
