import type { ViewStatus } from '@sheetflow/core/message'
import type { Position } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import { stableJson } from '@sheetflow/core/json-text'
import type { DatabaseSync } from 'node:sqlite'
import { NO_COLUMNS } from '../seen-columns.ts'
import { noSchema, tooWide } from '../store-errors.ts'
import { buildSearch, dropSearch } from './search-index.ts'
import { seenIn, ViewTable } from './view-table.ts'
import type { Seen } from './view-table.ts'

/** Rows of an old generation that one step of `tidy` removes: some ten milliseconds. */
const TIDY_ROWS = 5_000

/** A table of SQLite has so many columns at most. */
const MOST_COLUMNS = 2_000

/**
 * Life of the tables: `ensure` creates one that nobody sees and that has no index yet (`filling`), `swap` builds its indexes and makes it the
 * view's `current` one, what it replaces is `old` and emptied in small steps by `tidy`. All inside the caller's transaction.
 */
export class Tables {
  readonly #db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Room for the generation that the schema names. Again for the same schema: nothing. `store/refused` if it has more columns than a table may have. */
  ensure(schema: SheetSchema): void {
    this.#rememberJoins(schema)
    const text = stableJson(schema)
    const known = this.#db
      .prepare(`SELECT schema, state FROM sf_table WHERE view = ? AND generation = ? AND state <> 'old' ORDER BY id DESC`)
      .all(schema.table, schema.generation)
    if (known.some((row) => row['schema'] === text)) return
    this.#create(schema, text)
  }

  /** The empty table into which that generation is filled. `store/unknown` if no schema announced it. */
  filling(view: string, generation: number): ViewTable {
    const row = this.#db
      .prepare(
        `SELECT id, state, schema, apart, blank FROM sf_table WHERE view = ? AND generation = ? AND state <> 'old' ORDER BY id DESC LIMIT 1`,
      )
      .get(view, generation)
    if (row === undefined) throw noSchema(view, generation)
    const schema = JSON.parse(String(row['schema'])) as SheetSchema
    // A generation that is filled a second time gets a table of its own: readers may be in the first.
    if (row['state'] === 'current') return this.#create(schema, String(row['schema']))
    const table = new ViewTable(Number(row['id']), schema, seenIn(row))
    this.#db.exec(`DELETE FROM ${table.name}`)
    return table
  }

  /** Makes the filled table the current one of its view. */
  swap(table: ViewTable, stream: string, position: Position, status: ViewStatus): void {
    const { table: view, generation } = table.schema
    for (const sql of this.#indexes(table)) this.#db.exec(sql)
    if (table.schema.search.length > 0) buildSearch(this.#db, table)
    this.#db.prepare(`UPDATE sf_table SET state = 'old' WHERE view = ? AND state = 'current'`).run(view)
    // A generation that was announced but overtaken by this one will not be filled any more.
    this.#db.prepare(`UPDATE sf_table SET state = 'old' WHERE view = ? AND state = 'filling' AND generation < ?`).run(view, generation)
    this.#db.prepare(`UPDATE sf_table SET state = 'current' WHERE id = ?`).run(table.id)
    this.#db
      .prepare('INSERT OR REPLACE INTO sf_view (view, generation, table_id, status, stream, epoch, "offset") VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(view, generation, table.id, status, stream, position.epoch, position.offset)
    this.#changed()
  }

  setStatus(view: string, status: ViewStatus): void {
    this.#db.prepare('UPDATE sf_view SET status = ? WHERE view = ?').run(status, view)
    this.#changed()
  }

  /** From now on these are the columns in which there may be such cells (`seen-columns.ts`). */
  setSeen(table: ViewTable, kind: keyof Seen, columns: string): void {
    this.#db.prepare(`UPDATE sf_table SET ${kind} = ? WHERE id = ?`).run(columns, table.id)
    this.#changed()
  }

  /** Removes some rows of one old table, or the table when it is empty. False: there is none. */
  tidy(): boolean {
    const row = this.#db.prepare(`SELECT id, schema FROM sf_table WHERE state = 'old' ORDER BY id LIMIT 1`).get()
    if (row === undefined) return false
    const table = new ViewTable(Number(row['id']), JSON.parse(String(row['schema'])) as SheetSchema)
    if (table.schema.search.length > 0) dropSearch(this.#db, table)
    if (this.#removeSome(table) === TIDY_ROWS) return true
    this.#db.exec(`DROP TABLE ${table.name}`)
    this.#db.prepare('DELETE FROM sf_table WHERE id = ?').run(table.id)
    return true
  }

  #create(schema: SheetSchema, text: string): ViewTable {
    const row = this.#db
      .prepare(`INSERT INTO sf_table (view, generation, state, schema, apart, blank) VALUES (?, ?, 'filling', ?, '[]', '[]') RETURNING id`)
      .get(schema.table, schema.generation, text)
    const table = new ViewTable(Number(row?.['id']), schema, { apart: NO_COLUMNS, blank: NO_COLUMNS })
    if (table.columnCount > MOST_COLUMNS) throw tooWide(schema.table, table.columnCount, MOST_COLUMNS)
    this.#db.exec(table.createSql)
    return table
  }

  #removeSome(table: ViewTable): number {
    const row = table.layout === 'keyed' ? table.key.map((i) => `c${i}`).join(', ') : 'rowid'
    const some = `SELECT ${row} FROM ${table.name} LIMIT ${TIDY_ROWS}`
    return Number(this.#db.prepare(`DELETE FROM ${table.name} WHERE (${row}) IN (${some})`).run().changes)
  }

  /** Indexes for filters and order, and for the nested lists that other views hang on this one. */
  #indexes(table: ViewTable): string[] {
    const joins = this.#db.prepare('SELECT columns FROM sf_join WHERE view = ?').all(table.schema.table)
    const sets = [...table.schema.index.map((column) => [column]), ...joins.map((row) => JSON.parse(String(row['columns'])) as string[])]
    return sets.flatMap((columns) => indexOn(table, columns))
  }

  /** Nested lists look rows up in the child's table: it gets their index, now and in every later generation. */
  #rememberJoins(schema: SheetSchema): void {
    for (const list of Object.values(schema.lists)) {
      const columns = list.on.map(([child]) => child)
      const added = this.#db.prepare('INSERT OR IGNORE INTO sf_join (view, columns) VALUES (?, ?)').run(list.view, JSON.stringify(columns))
      if (added.changes === 0) continue
      const row = this.#db.prepare(`SELECT id, schema FROM sf_table WHERE view = ? AND state = 'current'`).get(list.view)
      if (row === undefined) continue
      const child = new ViewTable(Number(row['id']), JSON.parse(String(row['schema'])) as SheetSchema)
      for (const sql of indexOn(child, columns)) this.#db.exec(sql)
    }
  }

  /** Tells readers to read the catalogue again. */
  #changed(): void {
    this.#db.exec('UPDATE sf_store SET version = version + 1')
  }
}

/** An older or newer generation may lack a column: then there is nothing to look up by. */
function indexOn(table: ViewTable, columns: readonly string[]): string[] {
  const names = new Set(table.schema.columns.map((column) => column.name))
  if (!columns.every((column) => names.has(column))) return []
  const sql = table.indexSql(columns.map((column) => table.position(column)))
  return sql === null ? [] : [sql]
}
