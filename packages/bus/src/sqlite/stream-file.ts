import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { SheetflowError } from '@sheetflow/core/errors'
import { corrupt, isBusy, needsReopen } from './failure.ts'
import { BUSY_MS } from './limits.ts'

/** Number of the file format (`PRAGMA user_version`). A greater one is refused. */
const FORMAT = 1
/** `SFbu`: tells `file` and people what it is. */
const APPLICATION_ID = 0x53466275

/**
 * The tables of a stream's file.
 * - `meta`: one row. `first` = the first offset behind which nothing is missing; `base` = bytes of everything before it; `last`, `total`, `at` as they
 *   were at the last trim, for a stream whose blocks are all gone; `ids` = 1 once message ids are recorded.
 * - `blocks`: see `block.ts`, by the offset of its last message. Below `first` stand single messages that a trim kept.
 * - `subjects`: the last retained message of each subject (0: none). Row 0 says up to which offset the table is right.
 * - `ids`: message id → offset, the last 100,000; only in streams that somebody appends to without a fence.
 * - `readers`: who needs messages behind which offset.
 *
 * Every row that is believed has a checksum: SQLite notices a broken page structure, not a flipped bit inside a value.
 */
const TABLES = `
  CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), stream TEXT NOT NULL, epoch INTEGER NOT NULL, first INTEGER NOT NULL,
    base INTEGER NOT NULL, last INTEGER NOT NULL, total INTEGER NOT NULL, at INTEGER NOT NULL, max_bytes INTEGER, ids INTEGER NOT NULL,
    crc INTEGER NOT NULL);
  CREATE TABLE blocks (last INTEGER PRIMARY KEY, first INTEGER NOT NULL, at INTEGER NOT NULL, total INTEGER NOT NULL, crc INTEGER NOT NULL,
    data BLOB NOT NULL);
  CREATE TABLE subjects (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, last INTEGER NOT NULL, bytes INTEGER NOT NULL, crc INTEGER NOT NULL);
  CREATE TABLE ids (offset INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
  CREATE TABLE readers (reader TEXT PRIMARY KEY, offset INTEGER NOT NULL, at INTEGER NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
`

/** The path of a stream's file. */
export function streamPath(dir: string, stream: string): string {
  return join(dir, `${checkedName(stream)}.db`)
}

/**
 * One connection to one stream's file. It is opened at the first use, and again after an error that a connection does not survive.
 * Statements are prepared once per connection.
 */
export class StreamFile {
  readonly stream: string
  readonly path: string
  readonly #dir: string
  #db: DatabaseSync | null = null
  #ended = false
  readonly #statements = new Map<string, StatementSync>()
  /** Counts connections: caches that belong to one compare it. */
  generation = 0

  constructor(dir: string, stream: string) {
    this.stream = stream
    this.#dir = dir
    this.path = streamPath(dir, stream)
  }

  /** Creates the tables if the file has none; `firstRow` writes the first `meta` row in the same transaction. True if it did. */
  create(firstRow: (file: StreamFile) => void): boolean {
    const fresh = !existsSync(this.path)
    const db = this.#open()
    const created = hasTables(db) ? false : this.#transaction(db, () => this.#createTables(db, firstRow))
    // The file's entry in its folder must survive a power loss as well as its content does.
    if (fresh) syncFolder(this.#dir)
    return created
  }

  /** Is there a stream in the file? Opens it, never creates it. */
  exists(): boolean {
    return this.#db !== null || (existsSync(this.path) && hasTables(this.#open()))
  }

  /** The prepared statement of this SQL. `bus/unknown-stream` if there is no such stream. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection().prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** `work` in a write transaction: all of it is on disk when this returns, or none of it ever. */
  write<T>(work: () => T): T {
    return this.#transaction(this.#connection(), work)
  }

  /** `work` on one snapshot of the file. */
  snapshot<T>(work: () => T): T {
    this.statement('BEGIN').run()
    try {
      return work()
    } finally {
      if (this.#db?.isTransaction === true) this.statement('COMMIT').run()
    }
  }

  /** Runs `work`; afterwards the connection is closed if its error says that it is of no use any more. */
  guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (needsReopen(error)) this.close()
      throw error
    }
  }

  /** Closes the connection for good: later uses are errors. */
  end(): void {
    this.#ended = true
    this.close()
  }

  /** Closes the connection; the next use opens another. */
  close(): void {
    const db = this.#db
    this.#db = null
    this.#statements.clear()
    try {
      db?.close()
    } catch {
      // A connection that cannot even be closed is given up; the operating system does the rest.
    }
  }

  #connection(): DatabaseSync {
    if (this.#db !== null) return this.#db
    if (this.#ended) throw new SheetflowError('bus/unavailable', 'the bus is closed')
    if (!this.exists()) throw unknownStream(this.stream)
    return this.#open()
  }

  #open(): DatabaseSync {
    if (this.#db !== null) return this.#db
    const db = new DatabaseSync(this.path, { timeout: BUSY_MS })
    try {
      // Of effect in a new file only. Big pages: a block is hundreds of KiB, and a commit writes few pages anyway.
      db.exec('PRAGMA page_size = 16384')
      checkFormat(db, this.stream)
      patiently(() => db.exec('PRAGMA journal_mode = WAL'))
      db.exec('PRAGMA synchronous = FULL')
      db.exec('PRAGMA wal_autocheckpoint = 1000')
      db.exec('PRAGMA cell_size_check = ON')
    } catch (error) {
      db.close()
      throw error
    }
    this.#db = db
    this.generation++
    return db
  }

  #createTables(db: DatabaseSync, firstRow: (file: StreamFile) => void): boolean {
    // Asked again inside the transaction: another process may have been faster.
    if (hasTables(db)) return false
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    db.exec(`PRAGMA user_version = ${FORMAT}`)
    db.exec(TABLES)
    firstRow(this)
    return true
  }

  #transaction<T>(db: DatabaseSync, work: () => T): T {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      // Some errors (a full disk among them) have rolled back by themselves.
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

/** SQLite does not wait by itself while another connection changes the journal mode of a new file. */
function patiently(work: () => void): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; ; waited += 10) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || waited >= BUSY_MS) throw error
      Atomics.wait(pause, 0, 0, 10)
    }
  }
}

function hasTables(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined
}

function checkFormat(db: DatabaseSync, stream: string): void {
  const format = Number(Object.values(db.prepare('PRAGMA user_version').get() ?? {})[0])
  if (format === 0 || format === FORMAT) return
  // A damaged header rather than the file of a later version: our mark is missing too.
  const id = Number(Object.values(db.prepare('PRAGMA application_id').get() ?? {})[0])
  if (id !== APPLICATION_ID || format > 1_000) throw corrupt(stream, null, 'its header is not that of a stream')
  throw new SheetflowError('core/unknown-format', `stream ${stream} is stored in format ${format}; this program knows ${FORMAT}`, {
    fix: 'Upgrade Sheetflow.',
  })
}

function syncFolder(dir: string): void {
  // Windows cannot open folders, and makes their entries durable by itself.
  if (process.platform === 'win32') return
  const folder = openSync(dir, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function unknownStream(stream: string): SheetflowError {
  return new SheetflowError('bus/unknown-stream', `there is no stream ${stream}`, {
    fix: 'Check the name; a stream is made by the role that writes it, so that role may not have started yet.',
    details: { stream },
  })
}

function checkedName(stream: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]{0,199}$/.test(stream)) return stream
  throw new SheetflowError('core/bad-name', `'${stream}' is not the name of a stream`, {
    fix: 'Use letters, digits and _, beginning with a letter.',
  })
}
