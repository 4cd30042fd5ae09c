import { SheetflowError } from '@sheetflow/core/errors'
import type { Checkpoint, CheckpointDelta, CheckpointHead, Page, StateStore } from '@sheetflow/core/ports/state-store'
import type { Position, Vector } from '@sheetflow/core/position'
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { coded, inTransaction, orClose } from '../sql/sqlite/connection.ts'

/** Format of the file. A checkpoint is disposable, so one of another format is forgotten, not migrated. */
const FORMAT = 1
const BUSY_TIMEOUT_MS = 10_000

const CREATE = `
  CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), save INTEGER NOT NULL, format INTEGER NOT NULL,
    inputs TEXT NOT NULL, output TEXT NOT NULL, meta TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS page (id TEXT PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS opening (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL);
  INSERT OR IGNORE INTO opening (one, n) VALUES (1, 0);
  CREATE TABLE IF NOT EXISTS wide (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL);
  PRAGMA user_version = ${FORMAT};`
const HEAD = 'SELECT save, format, inputs, output, meta FROM head'
const FORGET = 'DROP TABLE IF EXISTS head; DROP TABLE IF EXISTS page; DROP TABLE IF EXISTS wide;'

/** The checkpoint of one graph in a SQLite file of its own; creates it if it is not there. One process uses it. */
export function openSqliteState(file: string): StateStore {
  return new SqliteStateStore(file)
}

/** A checkpoint that somebody else writes, as of when it was opened. */
export interface LentCheckpoint extends Disposable {
  /** Null: there is none, or one of another format. */
  readonly checkpoint: Checkpoint | null
}

/**
 * Opens the checkpoint of a graph for looking, beside the graph that runs or after it has ended: it changes nothing and keeps nobody waiting. What
 * is read is one `save`, whatever is saved meanwhile. `store/unavailable` for a file that cannot be read; no file is no checkpoint.
 */
export function lendSqliteState(file: string): LentCheckpoint {
  if (!existsSync(file)) return { checkpoint: null, [Symbol.dispose]: () => undefined }
  const db = coded('open the checkpoint', () => new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS }))
  return orClose(db, () =>
    coded('read the checkpoint', () => {
      // From the first read on the connection sees the file as it is now.
      db.exec('BEGIN')
      const format = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
      const row = format === FORMAT ? db.prepare(HEAD).get() : undefined
      return { checkpoint: row === undefined ? null : { head: headOf(row), pages: () => pagesOf(db) }, [Symbol.dispose]: () => db.close() }
    }),
  )
}

// oxlint-disable typescript/require-await -- a synchronous driver under an asynchronous port: what it throws must become a rejection

class SqliteStateStore implements StateStore {
  readonly #db: DatabaseSync
  /** How often the file had been opened when we had opened it. */
  readonly #ours: number
  readonly #opening: StatementSync
  readonly #head: StatementSync
  readonly #setHead: StatementSync
  readonly #setPage: StatementSync
  readonly #dropPage: StatementSync
  readonly #getWide: StatementSync
  readonly #setWide: StatementSync

  constructor(file: string) {
    this.#db = coded('open the checkpoint', () => open(file))
    this.#ours = inTransaction(this.#db, 'open the checkpoint', () => {
      this.#db.exec('UPDATE opening SET n = n + 1')
      return Number(this.#db.prepare('SELECT n FROM opening').get()?.['n'])
    })
    this.#opening = this.#db.prepare('SELECT n FROM opening')
    this.#head = this.#db.prepare(HEAD)
    this.#setHead = this.#db.prepare(`INSERT INTO head (one, save, format, inputs, output, meta) VALUES (1, 1, ?, ?, ?, ?)
      ON CONFLICT (one) DO UPDATE SET save = save + 1, format = excluded.format, inputs = excluded.inputs, output = excluded.output, meta = excluded.meta`)
    this.#setPage = this.#db.prepare('INSERT OR REPLACE INTO page (id, bytes) VALUES (?, ?)')
    this.#dropPage = this.#db.prepare('DELETE FROM page WHERE id = ?')
    this.#getWide = this.#db.prepare('SELECT bytes FROM wide WHERE hash = ?')
    this.#setWide = this.#db.prepare('INSERT OR IGNORE INTO wide (hash, bytes) VALUES (?, ?)')
  }

  async load(): Promise<Checkpoint | null> {
    const row = coded('load the checkpoint', () => this.#head.get())
    if (row === undefined) return null
    const save = Number(row['save'])
    return { head: headOf(row), pages: () => pagesOf(this.#db, () => this.#isStill(save)) }
  }

  async save({ head, full, pages, dropped }: CheckpointDelta): Promise<void> {
    inTransaction(this.#db, 'save the checkpoint', () => {
      this.#assertOurs()
      if (full) this.#db.exec('DELETE FROM page')
      for (const id of dropped) this.#dropPage.run(id)
      for (const page of pages) this.#setPage.run(page.id, page.bytes)
      this.#setHead.run(head.format, JSON.stringify(head.inputs), JSON.stringify(head.output), head.meta)
    })
  }

  async getWide(hash: string): Promise<Uint8Array | null> {
    const bytes = coded('read a wide value', () => this.#getWide.get(hash))?.['bytes']
    return bytes instanceof Uint8Array ? bytes : null
  }

  async putWide(hash: string, bytes: Uint8Array): Promise<void> {
    coded('keep a wide value', () => this.#setWide.run(hash, bytes))
  }

  async drop(): Promise<void> {
    inTransaction(this.#db, 'drop the checkpoint', () => {
      this.#assertOurs()
      this.#db.exec('DELETE FROM head; DELETE FROM page; DELETE FROM wide')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#db.isOpen) this.#db.close()
  }

  #assertOurs(): void {
    if (Number(this.#opening.get()?.['n']) !== this.#ours) throw fenced()
  }

  #isStill(save: number): void {
    if (this.#head.get()?.['save'] !== save) throw changed()
  }
}

function headOf(row: Record<string, unknown>): CheckpointHead {
  return {
    format: Number(row['format']),
    inputs: JSON.parse(String(row['inputs'])) as Vector,
    output: JSON.parse(String(row['output'])) as Position,
    meta: String(row['meta']),
  }
}

/** All pages. Asked one by one, so that memory holds one page at a time; `check` throws if they are of another save by now. */
async function* pagesOf(db: DatabaseSync, check: () => void = () => undefined): AsyncIterable<Page> {
  const ids = db.prepare('SELECT id FROM page ORDER BY id').all()
  const read = db.prepare('SELECT bytes FROM page WHERE id = ?')
  for (const { id } of ids) {
    check()
    const bytes = coded('load a page', () => read.get(String(id)))?.['bytes']
    if (bytes instanceof Uint8Array) yield { id: String(id), bytes }
  }
}

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
  // A checkpoint decides which part of the inputs may be trimmed, so it is on the disk when `save` resolves.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  const format = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  if (format !== FORMAT) db.exec(FORGET)
  db.exec(CREATE)
  return db
}

function fenced(): SheetflowError {
  return new SheetflowError('store/fenced', 'the checkpoint has been opened by a later life of this graph', {
    fix: 'Nothing, if several processes may run this graph: the later one does. Otherwise stop one of the two.',
  })
}

function changed(): SheetflowError {
  return new SheetflowError('engine/checkpoint', 'the checkpoint was saved anew while it was being loaded', {
    retry: 'now',
    fix: 'One graph role uses a checkpoint; load before the first save.',
  })
}
