import type { ViewChanges } from '@sheetflow/core/ports/view-store'
import type { Sql } from './connection.ts'
import { schemaName } from './sql-name.ts'

/** Big transactions that wait for their commit, in the database piece by piece: memory holds one piece at a time. */
export class Pieces {
  readonly #table: string

  constructor(schema: string) {
    this.#table = `${schemaName(schema)}.sf_piece`
  }

  async add(sql: Sql, stream: string, tx: string, piece: number, changes: readonly ViewChanges[]): Promise<void> {
    await sql.query(
      `INSERT INTO ${this.#table} (stream, tx, piece, changes) VALUES ($1, $2, $3, $4)
        ON CONFLICT (stream, tx, piece) DO UPDATE SET changes = excluded.changes`,
      [stream, tx, piece, JSON.stringify(changes)],
    )
  }

  /** The changes of a transaction in order. */
  async *of(sql: Sql, stream: string, tx: string): AsyncIterable<ViewChanges> {
    const next = `SELECT piece, changes FROM ${this.#table} WHERE stream = $1 AND tx = $2 AND piece > $3 ORDER BY piece LIMIT 1`
    for (let last = -1; ;) {
      const [row] = (await sql.query<{ piece: number; changes: string }>(next, [stream, tx, last])).rows
      if (row === undefined) return
      last = row.piece
      yield* JSON.parse(row.changes) as readonly ViewChanges[]
    }
  }

  async forget(sql: Sql, stream: string): Promise<void> {
    await sql.query(`DELETE FROM ${this.#table} WHERE stream = $1`, [stream])
  }
}
