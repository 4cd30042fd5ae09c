import type { ViewChanges } from '@sheetflow/core/ports/view-store'
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Big transactions that wait for their commit, on disk piece by piece: memory holds one piece at a time. */
export class Pieces {
  readonly #add: StatementSync
  readonly #of: StatementSync
  readonly #forget: StatementSync

  constructor(db: DatabaseSync) {
    this.#add = db.prepare('INSERT OR REPLACE INTO sf_piece (stream, tx, piece, changes) VALUES (?, ?, ?, ?)')
    this.#of = db.prepare('SELECT changes FROM sf_piece WHERE stream = ? AND tx = ? ORDER BY piece')
    this.#forget = db.prepare('DELETE FROM sf_piece WHERE stream = ?')
  }

  add(stream: string, tx: string, piece: number, changes: readonly ViewChanges[]): void {
    this.#add.run(stream, tx, piece, JSON.stringify(changes))
  }

  /** The changes of a transaction in order. */
  *of(stream: string, tx: string): Iterable<ViewChanges> {
    for (const row of this.#of.iterate(stream, tx)) yield* JSON.parse(String(row['changes'])) as readonly ViewChanges[]
  }

  forget(stream: string): void {
    this.#forget.run(stream)
  }
}
