import { must } from '@sheetflow/core/assert'
import type { ViewStatus } from '@sheetflow/core/message'
import type { Position } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import { stableJson } from '@sheetflow/core/json-text'
import { NO_COLUMNS, seenColumns } from '../seen-columns.ts'
import type { SeenColumns } from '../seen-columns.ts'
import { noSchema, tooWide } from '../store-errors.ts'
import { isLongSql, mayBeLong, roomIn } from './btree-room.ts'
import type { Sql } from './connection.ts'
import { schemaName } from './sql-name.ts'
import { ViewTable } from './view-table.ts'

/** A table of Postgres has so many columns at most. */
const MOST_COLUMNS = 1_600

/** Housekeeping does not wait for others: it comes again. */
const TIDY_LOCK = "SET LOCAL lock_timeout TO '500ms'"

/** What who writes rows into a table has to know of its indexes. */
export interface TableFooting {
  /** The key is unique by an index. If not, the writer sees to it. */
  readonly keyed: boolean
  /** Bytes of a cell that fits every B-tree of the table. */
  readonly room: number
}

/**
 * Life of the tables: `ensure` creates one that nobody sees and that has no index but its key's yet (`filling`), `swap` builds its indexes and
 * makes it the view's `current` one, what it replaces is `old` and dropped by `tidy`. All inside the caller's transaction.
 */
export class Tables {
  readonly #schema: string
  /** The schema as SQL has it. */
  readonly #s: string

  constructor(schema: string) {
    this.#schema = schema
    this.#s = schemaName(schema)
  }

  /** Room for the generation that the schema names. Again for the same schema: nothing. `store/refused` if it has more columns than a table may have. */
  async ensure(sql: Sql, schema: SheetSchema): Promise<void> {
    await this.#rememberJoins(sql, schema)
    const text = stableJson(schema)
    const known = await sql.query<{ schema: string }>(
      `SELECT schema FROM ${this.#s}.sf_table WHERE view = $1 AND generation = $2 AND state <> 'old'`,
      [schema.table, schema.generation],
    )
    if (!known.rows.some((row) => row.schema === text)) await this.#create(sql, schema, text)
  }

  /** The empty table into which that generation is filled. `store/unknown` if no schema announced it. */
  async filling(sql: Sql, view: string, generation: number): Promise<ViewTable> {
    const { rows } = await sql.query<{ id: number; state: string; schema: string; apart: string | null }>(
      `SELECT id, state, schema, apart FROM ${this.#s}.sf_table WHERE view = $1 AND generation = $2 AND state <> 'old' ORDER BY id DESC LIMIT 1`,
      [view, generation],
    )
    const [row] = rows
    if (row === undefined) throw noSchema(view, generation)
    const schema = JSON.parse(row.schema) as SheetSchema
    // A generation that is filled a second time gets a table of its own: readers may be in the first.
    if (row.state === 'current') return await this.#create(sql, schema, row.schema)
    const table = this.#table(row.id, schema, seenColumns(row.apart))
    await sql.query(`TRUNCATE ${table.name}`)
    return table
  }

  /** Makes the filled table the current one of its view. */
  async swap(sql: Sql, table: ViewTable, stream: string, position: Position, status: ViewStatus): Promise<void> {
    const { table: view, generation } = table.schema
    for (const columns of await this.#indexedColumns(sql, table)) await this.#index(sql, table, columns)
    if (table.searched.length > 0) await sql.query(table.searchIndexSql)
    // Statistics of a new table would come minutes later, and plans without them read it whole.
    await sql.query(`ANALYZE ${table.name}`)
    await sql.query(
      // A generation that was announced but overtaken by this one will not be filled any more.
      `UPDATE ${this.#s}.sf_table SET state = CASE WHEN id = $2 THEN 'current' ELSE 'old' END
        WHERE view = $1 AND (id = $2 OR state = 'current' OR (state = 'filling' AND generation < $3))`,
      [view, table.id, generation],
    )
    await sql.query(
      `INSERT INTO ${this.#s}.sf_view (view, generation, table_id, status, stream, epoch, "offset") VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (view) DO UPDATE SET generation = excluded.generation, table_id = excluded.table_id, status = excluded.status,
          stream = excluded.stream, epoch = excluded.epoch, "offset" = excluded."offset"`,
      [view, generation, table.id, status, stream, position.epoch, position.offset],
    )
    await this.#changed(sql)
  }

  async setStatus(sql: Sql, view: string, status: ViewStatus): Promise<void> {
    await sql.query(`UPDATE ${this.#s}.sf_view SET status = $1 WHERE view = $2`, [status, view])
    await this.#changed(sql)
  }

  /** Is there something for `tidy` to do? */
  async hasOld(sql: Sql): Promise<boolean> {
    return (await sql.query(`SELECT FROM ${this.#s}.sf_table WHERE state = 'old' LIMIT 1`)).count > 0
  }

  /** Drops one old table. False: there is none. A reader that is still in it is waited for a moment; then `store/unavailable`. */
  async tidy(sql: Sql): Promise<boolean> {
    const { rows } = await sql.query<{ id: number }>(`DELETE FROM ${this.#s}.sf_table
      WHERE id = (SELECT id FROM ${this.#s}.sf_table WHERE state = 'old' ORDER BY id LIMIT 1) RETURNING id`)
    const [row] = rows
    if (row === undefined) return false
    await sql.query(TIDY_LOCK)
    await sql.query(`DROP TABLE ${this.#s}.v${row.id}`)
    return true
  }

  /** What rows find in the table: its key's index, and how long a cell may be in its B-trees. */
  async footing(sql: Sql, table: ViewTable): Promise<TableFooting> {
    const { count } = await sql.query(`SELECT FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`, [table.name])
    const sets = (await this.#indexedColumns(sql, table)).map((columns) => table.indexColumns(columns) ?? [])
    return { keyed: count > 0, room: Math.min(...[table.key, ...sets].map((columns) => roomIn(table, columns))) }
  }

  /**
   * A cell of that column is too long for a B-tree: the column leaves all of them. An index that is for the column goes; one that has it for the order of ties
   * goes on without it, and so does the key's. A column of the key gets a hash index, by which its rows are found. Again: nothing.
   */
  async relieve(sql: Sql, table: ViewTable, column: number): Promise<void> {
    const { rows } = await sql.query<{ name: string; columns: string }>(
      `SELECT c.relname AS name, (SELECT string_agg(substr(a.attname, 2), ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid) AS columns
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
        WHERE i.indrelid = $1::regclass AND m.amname = 'btree'`,
      [table.name],
    )
    for (const { name, columns } of rows) {
      const all = columns.split(',').map(Number)
      if (all.includes(column)) await this.#without(sql, table, name, all, column)
    }
    if (!table.key.includes(column)) return
    await sql.query(`CREATE INDEX IF NOT EXISTS ${table.bareName}_hash_${column} ON ${table.name} USING hash (c${column})`)
  }

  async #without(sql: Sql, table: ViewTable, name: string, columns: readonly number[], column: number): Promise<void> {
    const isKey = name === `${table.bareName}_pkey`
    await sql.query(isKey ? `ALTER TABLE ${table.name} DROP CONSTRAINT ${name}` : `DROP INDEX ${this.#s}.${name}`)
    const rest = columns.filter((other) => other !== column)
    if (rest.length === 0 || table.isIndexFor(name, column)) return
    await sql.query(createIndex(table, isKey ? `${table.bareName}_rest` : name, rest))
  }

  /** From now on these are the columns in which cells may stand apart (`seen-columns.ts`). */
  async setApart(sql: Sql, table: ViewTable, columns: string): Promise<void> {
    await sql.query(`UPDATE ${this.#s}.sf_table SET apart = $1 WHERE id = $2`, [columns, table.id])
    await this.#changed(sql)
  }

  async #create(sql: Sql, schema: SheetSchema, text: string): Promise<ViewTable> {
    const { rows } = await sql.query<{ id: number }>(
      `INSERT INTO ${this.#s}.sf_table (view, generation, state, schema, apart) VALUES ($1, $2, 'filling', $3, '[]') RETURNING id`,
      [schema.table, schema.generation, text],
    )
    const table = this.#table(must(rows[0]).id, schema, NO_COLUMNS)
    if (table.columnCount > MOST_COLUMNS) throw tooWide(schema.table, table.columnCount, MOST_COLUMNS)
    await sql.query(table.createSql)
    await sql.query(table.commentSql)
    return table
  }

  #table(id: number, schema: SheetSchema, apart: SeenColumns = null): ViewTable {
    return new ViewTable(this.#schema, id, schema, apart)
  }

  /** Indexes for filters and order, and for the nested lists that other views hang on this one. */
  async #indexedColumns(sql: Sql, table: ViewTable): Promise<readonly (readonly number[])[]> {
    const { rows } = await sql.query<{ columns: string }>(`SELECT columns FROM ${this.#s}.sf_join WHERE view = $1`, [table.schema.table])
    const sets = [...table.schema.index.map((column) => [column]), ...rows.map(({ columns }) => JSON.parse(columns) as string[])]
    return sets.flatMap((columns) => positionsIn(table, columns))
  }

  /** Not if a cell is too long for one: then rows are found without it. A column that is there for the order of ties alone is left out. */
  async #index(sql: Sql, table: ViewTable, columns: readonly number[]): Promise<void> {
    const all = table.indexColumns(columns)
    if (all === null) return
    const room = roomIn(table, all)
    const long = new Set<number>()
    for (const column of all) if (mayBeLong(table, column) && (await hasLong(sql, table, column, room))) long.add(column)
    if (columns.some((column) => long.has(column))) return
    const fitting = all.filter((column) => !long.has(column))
    await sql.query(createIndex(table, table.indexName(columns), fitting))
  }

  /** Nested lists look rows up in the child's table: it gets their index, now and in every later generation. */
  async #rememberJoins(sql: Sql, schema: SheetSchema): Promise<void> {
    for (const list of Object.values(schema.lists)) {
      const columns = list.on.map(([child]) => child)
      const added = await sql.query(`INSERT INTO ${this.#s}.sf_join (view, columns) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
        list.view,
        JSON.stringify(columns),
      ])
      if (added.count === 0) continue
      const { rows } = await sql.query<{ id: number; schema: string }>(
        `SELECT id, schema FROM ${this.#s}.sf_table WHERE view = $1 AND state = 'current'`,
        [list.view],
      )
      const [row] = rows
      if (row === undefined) continue
      const child = this.#table(row.id, JSON.parse(row.schema) as SheetSchema)
      for (const positions of positionsIn(child, columns)) await this.#index(sql, child, positions)
    }
  }

  /** Tells readers to read the catalogue again. */
  async #changed(sql: Sql): Promise<void> {
    await sql.query(`UPDATE ${this.#s}.sf_store SET version = gen_random_uuid()`)
  }
}

function createIndex(table: ViewTable, name: string, columns: readonly number[]): string {
  return `CREATE INDEX IF NOT EXISTS ${name} ON ${table.name} (${columns.map((i) => `c${i}`).join(', ')})`
}

async function hasLong(sql: Sql, table: ViewTable, column: number, room: number): Promise<boolean> {
  return (await sql.query(`SELECT FROM ${table.name} WHERE ${isLongSql(table, column, room)} LIMIT 1`)).count > 0
}

/** An older or newer generation may lack a column: then there is nothing to look up by. */
function positionsIn(table: ViewTable, columns: readonly string[]): (readonly number[])[] {
  const names = new Set(table.schema.columns.map((column) => column.name))
  return columns.every((column) => names.has(column)) ? [columns.map((column) => table.position(column))] : []
}
