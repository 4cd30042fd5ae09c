import { SheetflowError } from '@sheetflow/core/errors'
import { DatabaseSync } from 'node:sqlite'
import { coded, inTransaction, orClose } from './connection.ts'
import { Tables } from './tables.ts'

const PATIENCE_MS = 30_000

/**
 * Writes a file of ours (views or checkpoints) anew, so that what was deleted or overwritten in it is in no page, no index of words and no log any more. Old generations of
 * views are removed first. Rows stay what they are. `store/unavailable` if somebody is in the middle of something for longer than `patienceMs`; `store/full` without room for a second copy.
 */
export function forgetDeleted(file: string, patienceMs: number = PATIENCE_MS): void {
  const db = coded('open it', () => new DatabaseSync(file, { timeout: patienceMs }))
  orClose(db, () => {
    if (has(db, 'sf_table')) {
      const tables = new Tables(db)
      while (inTransaction(db, 'remove old generations', () => tables.tidy()));
    }
    coded('write it anew', () => {
      for (const { name } of db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'")
        .all()) {
        // Words of deleted rows stand in an index of words until its parts are merged into one.
        const index = `"${String(name).replaceAll('"', '""')}"`
        db.exec(`INSERT INTO ${index} (${index}) VALUES ('optimize')`)
      }
      db.exec('VACUUM')
      // What the file was before stands in its log until that is cut to nothing, which a reader prevents.
      if (db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] !== 0)
        throw new SheetflowError('store/unavailable', 'somebody reads it')
    })
  })
  db.close()
}

function has(db: DatabaseSync, table: string): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined
}
