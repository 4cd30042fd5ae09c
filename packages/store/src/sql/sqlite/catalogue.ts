import { SheetflowError } from '@sheetflow/core/errors'
import type { ViewStatus } from '@sheetflow/core/message'
import type { StoredView } from '@sheetflow/core/ports/view-store'
import type { StoredPosition } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { notReady, unknownFormat } from '../store-errors.ts'
import { coded, inTransaction } from './connection.ts'
import { seenIn, ViewTable } from './view-table.ts'

/** Format of the file. A newer one is refused, an older one is migrated by its writer; readers of this version may come before that. */
const FORMAT = 2
/** Does not know what columns have seen (`seen-columns.ts`). */
const OLD_FORMAT = 1

/**
 * What the file says about itself, beside the rows:
 * - `sf_store`: format, the writer's fencing token, and `version`, which counts up whenever `sf_view` or `sf_table` changes;
 * - `sf_stream`: per stream the position of the last applied commit;
 * - `sf_view`: per view the current generation and the table that holds it;
 * - `sf_table`: every table that exists: `filling` (not visible yet), `current`, `old` (being emptied); and in which
 *   columns cells have been written that stand `apart` in `x`, and such that are `blank`;
 * - `sf_join`: columns of a view by which nested lists look rows up;
 * - `sf_piece`: pieces of big transactions whose commit has not come yet.
 */
const CREATE = `
  CREATE TABLE IF NOT EXISTS sf_store (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, writer INTEGER NOT NULL, version INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS sf_stream (stream TEXT PRIMARY KEY, epoch INTEGER NOT NULL, "offset" INTEGER NOT NULL, tx TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sf_view (view TEXT PRIMARY KEY, generation INTEGER NOT NULL, table_id INTEGER NOT NULL, status TEXT NOT NULL,
    stream TEXT NOT NULL, epoch INTEGER NOT NULL, "offset" INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sf_table (id INTEGER PRIMARY KEY AUTOINCREMENT, view TEXT NOT NULL, generation INTEGER NOT NULL, state TEXT NOT NULL, schema TEXT NOT NULL,
    apart TEXT, blank TEXT);
  CREATE TABLE IF NOT EXISTS sf_join (view TEXT NOT NULL, columns TEXT NOT NULL, PRIMARY KEY (view, columns)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sf_piece (stream TEXT NOT NULL, tx TEXT NOT NULL, piece INTEGER NOT NULL, changes TEXT NOT NULL, PRIMARY KEY (stream, tx, piece));
  INSERT OR IGNORE INTO sf_store VALUES (1, ${FORMAT}, 0, 0);`

/** Of tables that are there nothing is known until they are filled anew. */
const MIGRATE = `ALTER TABLE sf_table ADD COLUMN apart TEXT; ALTER TABLE sf_table ADD COLUMN blank TEXT; UPDATE sf_store SET format = ${FORMAT}, version = version + 1`

/** Creates what is missing and takes over as the writer; the fencing token of this one. */
export function takeOver(db: DatabaseSync): number {
  return inTransaction(db, 'take over', () => {
    db.exec(CREATE)
    if (checkFormat(db) === OLD_FORMAT) db.exec(MIGRATE)
    const row = db.prepare('UPDATE sf_store SET writer = writer + 1 RETURNING writer').get()
    return Number(row?.['writer'])
  })
}

/** The format of a file. Refuses one that this program does not know, and a file that its writer is still making. */
export function checkFormat(db: DatabaseSync): number {
  const made = coded('read its tables', () => db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'sf_piece'`).get())
  if (made === undefined) {
    throw new SheetflowError('store/unavailable', 'the store has not been made yet', {
      retry: 'later',
      fix: 'Start the store role; it makes the file.',
    })
  }
  return knownFormat(coded('read its format', () => Number(db.prepare('SELECT format FROM sf_store').get()?.['format'])))
}

function knownFormat(format: number): number {
  if (format === FORMAT || format === OLD_FORMAT) return format
  throw unknownFormat(format, FORMAT)
}

/** A view as it stands in the catalogue. */
export interface CurrentView extends StoredView {
  readonly table: ViewTable
}

export interface StreamPosition extends StoredPosition {
  /** ISO time of the commit. */
  readonly at: string
}

interface KnownTable {
  /** What the row of `sf_table` says of its cells. */
  readonly seen: string
  readonly table: ViewTable
}

/** Reads the catalogue on one connection. What it answers belongs to the snapshot in which it is asked. */
export class Catalogue {
  readonly #db: DatabaseSync
  readonly #version: StatementSync
  readonly #positions: StatementSync
  #known = -1
  #current: ReadonlyMap<string, CurrentView> = new Map()
  #statuses: ReadonlyMap<string, ViewStatus> = new Map()
  /** A table's schema never changes, so it is read again only where its columns have seen something new. */
  readonly #tables = new Map<number, KnownTable>()

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#version = db.prepare('SELECT version, format FROM sf_store')
    this.#positions = db.prepare('SELECT epoch, "offset", tx, at FROM sf_stream WHERE stream = ?')
  }

  /** Current views by name. */
  views(): ReadonlyMap<string, CurrentView> {
    const store = this.#version.get()
    const version = Number(store?.['version'])
    if (version !== this.#known) {
      const rows = this.#db.prepare(viewsSql(knownFormat(Number(store?.['format'])))).all()
      this.#current = new Map(rows.map((row) => [String(row['view']), this.#viewOf(row)]))
      this.#statuses = new Map(this.#current.values().map(({ view, status }) => [view, status]))
      for (const id of this.#tables.keys()) {
        if (!this.#current.values().some((view) => view.table.id === id)) this.#tables.delete(id)
      }
      this.#known = version
    }
    return this.#current
  }

  /** Forgets what was read in a transaction that has not come to be: another one will have the same version. */
  forget(): void {
    this.#known = -1
    this.#tables.clear()
  }

  /** How each view stands. As of the last `views()`. */
  get statuses(): ReadonlyMap<string, ViewStatus> {
    return this.#statuses
  }

  /** Counts up with every change of views and tables. As of the last `views()`. */
  get version(): number {
    return this.#known
  }

  /** The table of that generation, or `query/not-ready` if it is not the current one. */
  table(view: string, generation: number): ViewTable {
    const current = this.#current.get(view)
    if (current?.generation === generation) return current.table
    throw notReady(view, generation, current?.generation)
  }

  position(stream: string): StreamPosition | null {
    const row = this.#positions.get(stream)
    if (row === undefined) return null
    return { epoch: Number(row['epoch']), offset: Number(row['offset']), tx: String(row['tx']), at: String(row['at']) }
  }

  #viewOf(row: Record<string, unknown>): CurrentView {
    const id = Number(row['id'])
    const seen = JSON.stringify([row['apart'], row['blank']])
    const known = this.#tables.get(id)
    const table = known?.seen === seen ? known.table : new ViewTable(id, JSON.parse(String(row['schema'])) as SheetSchema, seenIn(row))
    this.#tables.set(id, { seen, table })
    return {
      view: String(row['view']),
      generation: Number(row['generation']),
      status: String(row['status']) as ViewStatus,
      stream: String(row['stream']),
      position: { epoch: Number(row['epoch']), offset: Number(row['offset']) },
      table,
    }
  }
}

function viewsSql(format: number): string {
  return `SELECT v.view, v.generation, v.status, v.stream, v.epoch, v."offset", t.id, t.schema, ${format === OLD_FORMAT ? 'NULL AS apart, NULL AS blank' : 't.apart, t.blank'}
    FROM sf_view v JOIN sf_table t ON t.id = v.table_id`
}
