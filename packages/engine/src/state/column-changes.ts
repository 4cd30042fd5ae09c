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
  readonly #fields: Int32Array
  /** Of their cells not all lies in records. */
  readonly #beside: readonly Column[]

  constructor(rows: ColumnRows, columns: readonly Column[]) {
    this.#rows = rows
    this.#fields = Int32Array.from(columns.flatMap(({ now }) => now.fields))
    this.#beside = columns.filter(({ now }) => now.copyBeside !== undefined)
  }

  changed(slot: number): boolean {
    const ordinal = this.#rows.touched.ordinal(slot)
    return ordinal >= 0 && (this.#fieldsDiffer(slot, ordinal) || this.#besideDiffer(slot, ordinal))
  }

  #fieldsDiffer(slot: number, ordinal: number): boolean {
    const { records, recordsBefore } = this.#rows
    const [now, before] = [records.ints, recordsBefore.ints]
    const i = 2 * records.stride * slot
    const j = 2 * records.stride * ordinal
    for (let at = 0; at < this.#fields.length; at++) {
      const field = this.#fields[at] as number
      if (now[i + field] !== before[j + field]) return true
    }
    return false
  }

  #besideDiffer(slot: number, ordinal: number): boolean {
    for (let i = 0; i < this.#beside.length; i++) {
      const { now, before } = this.#beside[i] as Column
      if (!now.same(slot, before, ordinal)) return true
    }
    return false
  }
}
