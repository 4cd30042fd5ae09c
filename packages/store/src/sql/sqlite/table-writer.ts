import { must } from '@sheetflow/core/assert'
import { isUnchanged } from '@sheetflow/core/json-special'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { ColumnRecord } from '../seen-columns.ts'
import { baseMissing } from '../store-errors.ts'
import { RowBinder } from './row-binder.ts'
import type { CellRecord } from './row-binder.ts'
import { changedColumns } from './changed-columns.ts'
import type { Tables } from './tables.ts'
import type { ViewTable } from './view-table.ts'

/** Statements for updates of so many different sets of columns are kept; others write the whole row. */
const MAX_UPDATE_STATEMENTS = 64
/** A whole number of so many digits fits 64 bits. */
const INT64_SURE_DIGITS = 18

/**
 * Writes changes into one table, in order. An update writes only the columns that changed where `before` tells them, so that indexes on
 * others are left alone; an unchanged cell (`{"~":1}`) keeps what is stored. The catalogue is told of the columns that get cells of another kind.
 */
export class TableWriter {
  readonly #db: DatabaseSync
  readonly #table: ViewTable
  readonly #tables: Tables
  readonly #record: CellRecord
  readonly #binder: RowBinder
  readonly #upsert: StatementSync
  readonly #delete: StatementSync
  readonly #updates = new Map<string, StatementSync>()

  /** @param table as the catalogue has it now */
  constructor(db: DatabaseSync, table: ViewTable, tables: Tables) {
    this.#db = db
    this.#table = table
    this.#tables = tables
    this.#record = { apart: new ColumnRecord(table.seen.apart), blank: new ColumnRecord(table.seen.blank) }
    this.#binder = new RowBinder(table, this.#record)
    this.#upsert = db.prepare(upsertSql(table))
    this.#delete = db.prepare(`DELETE FROM ${table.name} WHERE ${table.keyCondition}`)
  }

  apply(changes: readonly RowChange[]): void {
    for (let i = 0; i < changes.length; i++) {
      const [op, key, after] = must(changes[i])
      switch (op) {
        case 'c':
        case 'r':
          this.#put(must(after), key)
          break
        case 'u':
          this.#update(must(changes[i]))
          break
        case 'd':
          if (this.#moves(must(key), changes[i + 1])) i++
          else this.#delete.run(...this.#binder.key(must(key)))
          break
        case 't':
          this.#db.exec(`DELETE FROM ${this.#table.name}`)
          this.#record.apart.clear()
          this.#record.blank.clear()
          break
      }
    }
    for (const kind of ['apart', 'blank'] as const) {
      const news = this.#record[kind].news()
      if (news !== null) this.#tables.setSeen(this.#table, kind, news)
    }
  }

  #put(row: RowJson, key: KeyJson | null): void {
    if (row.some(isUnchanged)) this.#fill(row, must(key))
    else this.#upsert.run(...this.#binder.row(row))
  }

  #update([, key, after, before]: RowChange): void {
    const row = must(after)
    const changed = before === null ? null : changedColumns(before, row)
    if (changed === null) return this.#put(row, key)
    if (changed.length === 0) return
    if (changed.some((column) => this.#isLong(column, row) || this.#isLong(column, must(before)))) return this.#put(row, key)
    const statement = this.#updateStatement(changed)
    if (statement === null) return this.#put(row, key)
    const values = changed.flatMap((column) => this.#binder.cell(column, row[column] ?? null))
    // The row is there if the table is a prefix of the stream; if not, the whole row makes it so.
    if (statement.run(...values, ...this.#binder.key(must(key))).changes === 0) this.#put(row, key)
  }

  /** A whole number that may be beyond 64 bits has its text in `x`, which only a whole row writes. */
  #isLong(column: number, row: RowJson): boolean {
    const json = row[column]
    return typeof json === 'string' && json.length > INT64_SURE_DIGITS && this.#table.lane(column).unbounded === true
  }

  /** A changed key whose new row leaves cells unchanged: the stored row moves. False: `next` is no such row. */
  #moves(key: KeyJson, next: RowChange | undefined): boolean {
    const row = next?.[0] === 'c' ? next[2] : null
    if (next === undefined || row === null || row === undefined || !row.some(isUnchanged)) return false
    // What may stand at the new key is replaced.
    this.#delete.run(...this.#binder.key(must(next[1])))
    this.#fill(row, key)
    return true
  }

  /** Writes the cells that are not unchanged into the row that is stored at `key`. */
  #fill(row: RowJson, key: KeyJson): void {
    const { name } = this.#table
    const at = this.#binder.key(key)
    const found = this.#db.prepare(`SELECT x FROM ${name} WHERE ${this.#table.keyCondition}`).get(...at)
    if (found === undefined) throw baseMissing(this.#table.schema.table)
    const columns = [...row.keys()].filter((i) => !isUnchanged(row[i] ?? null))
    const stored = found['x']
    const values = columns.flatMap((i) => this.#binder.cell(i, row[i] ?? null))
    const sets = [...setList(this.#table, columns), 'x = ?']
    this.#db
      .prepare(`UPDATE ${name} SET ${sets.join(', ')} WHERE ${this.#table.keyCondition}`)
      .run(...values, this.#binder.texts(row, typeof stored === 'string' ? stored : null), ...at)
  }

  #updateStatement(columns: readonly number[]): StatementSync | null {
    const id = columns.join()
    const known = this.#updates.get(id)
    if (known !== undefined) return known
    if (this.#updates.size >= MAX_UPDATE_STATEMENTS) return null
    const sets = setList(this.#table, columns).join(', ')
    const statement = this.#db.prepare(`UPDATE ${this.#table.name} SET ${sets} WHERE ${this.#table.keyCondition}`)
    this.#updates.set(id, statement)
    return statement
  }
}

function upsertSql(table: ViewTable): string {
  const columns = table.stored
  const key = table.keyColumns
  const others = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`)
  return `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${others.join(', ')}`
}

/** `c3 = ?` and, where a text is kept beside it, `p3 = ?`: as `RowBinder.cell` binds them. */
function setList(table: ViewTable, columns: readonly number[]): string[] {
  return columns.flatMap((i) => (table.lane(i).kept === null ? [`c${i} = ?`] : [`c${i} = ?`, `p${i} = ?`]))
}
