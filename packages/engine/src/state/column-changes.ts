import type { Column, ColumnRows } from './column.ts'

/** Some columns, asked together: has any of them changed? */
export class ColumnChanges {
  readonly #siblings: readonly Siblings[]

  constructor(columns: Iterable<Column>) {
    const byRows = new Map<ColumnRows, Column[]>()
    for (const column of new Set(columns)) {
      const known = byRows.get(column.rows)
      if (known === undefined) byRows.set(column.rows, [column])
      else known.push(column)
    }
    this.#siblings = [...byRows].map(([rows, siblings]) => new Siblings(rows, siblings))
  }

  /** Is a cell of this row another than before the step? */
  any(slot: number): boolean {
    for (let i = 0; i < this.#siblings.length; i++) if ((this.#siblings[i] as Siblings).changed(slot)) return true
    return false
  }
}

/** Columns of the same rows: where the cells of before stand is looked up once for all of them, and what lies in records is compared as it lies there. */
class Siblings {
  readonly #rows: ColumnRows
  /** Of a record of now. */
  readonly #words: Int32Array
  /** Of their cells not all lies in records. */
  readonly #beside: readonly Column[]

  constructor(rows: ColumnRows, columns: readonly Column[]) {
    this.#rows = rows
    this.#words = Int32Array.from(columns.flatMap(({ now }) => now.fields))
    this.#beside = columns.filter(({ now }) => now.copyBeside !== undefined)
  }

  changed(slot: number): boolean {
    const ordinal = this.#rows.touched.ordinal(slot)
    return ordinal >= 0 && (this.#rows.before.differ(slot, ordinal, this.#words) || this.#besideDiffer(slot, ordinal))
  }

  #besideDiffer(slot: number, ordinal: number): boolean {
    for (let i = 0; i < this.#beside.length; i++) {
      if (!(this.#beside[i] as Column).isSame(slot, ordinal)) return true
    }
    return false
  }
}
