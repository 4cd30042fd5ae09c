import { must } from '@sheetflow/core/assert'
import { isUnchanged } from '@sheetflow/core/json-special'
import { keyText } from '@sheetflow/core/key'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import { baseMissing } from '../store-errors.ts'
import type { ViewTable } from './view-table.ts'

/** What shall become of the row at a key: `row` is written whole; with unchanged cells it is written over the stored one; null deletes it. */
export interface Pending {
  readonly key: KeyJson
  readonly row: RowJson | null
  /** The row is there already, as far as the change says. */
  readonly known: boolean
  /** The row leaves cells unchanged. */
  readonly isPart: boolean
}

/**
 * Changes of one table on their way into the database. Those of one key are one by the time they are written, so that keys may be written in
 * any order, many in one statement.
 */
export class TableBatch {
  readonly #view: string
  readonly #keyTypes: readonly ColumnType[]
  readonly #pending = new Map<string, Pending>()
  #letters = 0

  constructor(table: ViewTable) {
    this.#view = table.schema.table
    this.#keyTypes = table.key.map((position) => must(table.schema.columns[position]))
  }

  get size(): number {
    return this.#pending.size
  }

  /** About how many letters the texts of its rows have. */
  get letters(): number {
    return this.#letters
  }

  /** The row at that key is this one; unchanged cells are filled from what is pending for it, or left to the stored row. */
  put(key: KeyJson, row: RowJson, known: boolean): void {
    const at = keyText(this.#keyTypes, key)
    this.#letters += lettersOf(row)
    if (!row.some(isUnchanged)) {
      this.#pending.set(at, { key, row, known, isPart: false })
      return
    }
    const before = this.#pending.get(at)
    if (before?.row === null) throw baseMissing(this.#view)
    const whole = before === undefined ? row : filled(row, before.row)
    this.#pending.set(at, { key, row: whole, known, isPart: whole.some(isUnchanged) })
  }

  delete(key: KeyJson): void {
    this.#pending.set(keyText(this.#keyTypes, key), { key, row: null, known: true, isPart: false })
  }

  /**
   * The row at `from` moves to the key of `row`, which leaves cells unchanged. False: what stood at `from` is not known here, and has to be moved
   * where it is stored, after everything that is pending.
   */
  move(from: KeyJson, to: KeyJson, row: RowJson): boolean {
    const before = this.#pending.get(keyText(this.#keyTypes, from))
    if (before === undefined || before.row === null || before.isPart) return false
    const whole = filled(row, before.row)
    this.delete(from)
    this.delete(to)
    this.put(to, whole, false)
    return true
  }

  /** Takes everything out. */
  take(): readonly Pending[] {
    const all = [...this.#pending.values()]
    this.#pending.clear()
    this.#letters = 0
    return all
  }
}

function filled(row: RowJson, base: RowJson): RowJson {
  return row.map((json, i) => (isUnchanged(json) ? (base[i] ?? null) : json))
}

function lettersOf(row: RowJson): number {
  let letters = 0
  for (const json of row) if (typeof json === 'string') letters += json.length
  return letters
}
