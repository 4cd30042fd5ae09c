import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { CheckpointDelta, CheckpointHead, Page } from '@sheetflow/core/ports/state-store'
import type { Position, Vector } from '@sheetflow/core/position'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { coded, inTransaction, orClose } from '../sql/sqlite/connection.ts'

/** Format of the file. A checkpoint is disposable, so one of another format is forgotten, not migrated. */
const FORMAT = 2
export const BUSY_TIMEOUT_MS: number = 10_000

/** `crc`: of a page, of its id and its bytes; of the head, of what stands in it. `sum`: of the checksums of all pages, so that one that is missing, or of another save, is noticed. */
const CREATE = `
  CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), save INTEGER NOT NULL, format INTEGER NOT NULL,
    inputs TEXT NOT NULL, output TEXT NOT NULL, meta TEXT NOT NULL, sum INTEGER NOT NULL, crc INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS page (id TEXT PRIMARY KEY, bytes BLOB NOT NULL, crc INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS opening (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL);
  INSERT OR IGNORE INTO opening (one, n) VALUES (1, 0);
  PRAGMA user_version = ${FORMAT};`
const HEAD = 'SELECT save, format, inputs, output, meta, sum, crc FROM head'
/** `wide`: a table that files of earlier days have and nobody ever wrote into. */
const FORGET = 'DROP TABLE IF EXISTS head; DROP TABLE IF EXISTS page; DROP TABLE IF EXISTS wide;'

/** A connection to the file. Its errors are those of SQLite with a code (`coded`), and `engine/checkpoint` for what is not what was saved. */
export class StateFile {
  readonly db: DatabaseSync
  /** How often the file had been opened when we had opened it. */
  readonly #ours: number
  readonly #opening: StatementSync
  readonly #head: StatementSync
  readonly #setHead: StatementSync
  readonly #crcOf: StatementSync
  readonly #setPage: StatementSync
  readonly #dropPage: StatementSync

  constructor(file: string) {
    this.db = coded('open the checkpoint', () => new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS }))
    const { db } = this
    const prepare = (sql: string): StatementSync => coded('open the checkpoint', () => db.prepare(sql))
    this.#ours = orClose(db, () => {
      coded('open the checkpoint', () => make(db))
      return inTransaction(db, 'open the checkpoint', () => {
        db.exec('UPDATE opening SET n = n + 1')
        return Number(db.prepare('SELECT n FROM opening').get()?.['n'])
      })
    })
    this.#opening = prepare('SELECT n FROM opening')
    this.#head = prepare(HEAD)
    this.#setHead = prepare(`INSERT INTO head (one, save, format, inputs, output, meta, sum, crc) VALUES (1, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (one) DO UPDATE SET save = excluded.save, format = excluded.format, inputs = excluded.inputs, output = excluded.output, meta = excluded.meta,
        sum = excluded.sum, crc = excluded.crc`)
    this.#crcOf = prepare('SELECT crc FROM page WHERE id = ?')
    this.#setPage = prepare('INSERT OR REPLACE INTO page (id, bytes, crc) VALUES (?, ?, ?)')
    this.#dropPage = prepare('DELETE FROM page WHERE id = ?')
  }

  /** Checked; null if nothing is saved. */
  head(): HeadRow | null {
    return checkedHead(coded('load the checkpoint', () => this.#head.get()))
  }

  save({ head, full, pages, dropped }: CheckpointDelta): void {
    inTransaction(this.db, 'save the checkpoint', () => {
      this.#assertOurs()
      const before = this.head()
      let sum = full ? 0 : (before?.sum ?? 0)
      if (full) this.db.exec('DELETE FROM page')
      for (const id of dropped) {
        sum -= this.#crc(id)
        this.#dropPage.run(id)
      }
      for (const page of pages) {
        const crc = pageCrc(page)
        sum += crc - this.#crc(page.id)
        this.#setPage.run(page.id, page.bytes, crc)
      }
      const { format, meta } = head
      const row = {
        save: (before?.save ?? 0) + 1,
        format,
        inputs: JSON.stringify(head.inputs),
        output: JSON.stringify(head.output),
        meta,
        sum,
      }
      this.#setHead.run(row.save, format, row.inputs, row.output, meta, sum, headCrc(row))
    })
  }

  /** Could everything in it be replaced? A file that is damaged says so now. */
  tryToEmpty(): void {
    coded('save the checkpoint', () => {
      this.db.exec('BEGIN IMMEDIATE')
      try {
        this.#assertOurs()
        this.head()
        this.db.exec('DELETE FROM page')
      } finally {
        if (this.db.isTransaction) this.db.exec('ROLLBACK')
      }
    })
  }

  drop(): void {
    inTransaction(this.db, 'drop the checkpoint', () => {
      this.#assertOurs()
      this.db.exec('DELETE FROM head; DELETE FROM page')
    })
  }

  close(): void {
    if (this.db.isOpen) this.db.close()
  }

  /** Of the page as it is; 0: there is none. */
  #crc(id: string): number {
    return Number(this.#crcOf.get(id)?.['crc'] ?? 0)
  }

  #assertOurs(): void {
    if (Number(this.#opening.get()?.['n']) !== this.#ours) throw fenced()
  }
}

/** A row of the head that is what was written. */
export interface HeadRow {
  readonly save: number
  readonly format: number
  readonly inputs: string
  readonly output: string
  readonly meta: string
  readonly sum: number
}

function checkedHead(row: Record<string, unknown> | undefined): HeadRow | null {
  if (row === undefined) return null
  const head = row as unknown as HeadRow
  if (headCrc(head) !== row['crc']) throw damaged('what it says of itself')
  return head
}

/** What the head says, as `db` sees it now; null if nothing is saved, or in another format. */
export function lentHead(db: DatabaseSync): HeadRow | null {
  const format = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  return format === FORMAT ? checkedHead(db.prepare(HEAD).get()) : null
}

export function headOf({ format, inputs, output, meta }: HeadRow): CheckpointHead {
  return { format, inputs: JSON.parse(inputs) as Vector, output: JSON.parse(output) as Position, meta }
}

/** All pages. Asked one by one, so that memory holds one page at a time; `check` throws if they are of another save by now. */
export async function* pagesOf(db: DatabaseSync, { sum }: HeadRow, check: () => void = () => undefined): AsyncIterable<Page> {
  const pages = coded('load the checkpoint', () => db.prepare('SELECT id FROM page ORDER BY id').all())
  const read = db.prepare('SELECT bytes, crc FROM page WHERE id = ?')
  let left = sum
  for (const row of pages) {
    check()
    const id = String(row['id'])
    const found = unlessDamaged(() => read.get(id))
    const bytes = found?.['bytes']
    if (!(bytes instanceof Uint8Array) || pageCrc({ id, bytes }) !== found?.['crc']) throw damaged('a page')
    left -= pageCrc({ id, bytes })
    yield { id, bytes }
  }
  if (left !== 0) throw damaged('the number of its pages')
}

export function isStill(db: DatabaseSync, { save }: HeadRow): void {
  if (unlessDamaged(() => db.prepare('SELECT save FROM head').get())?.['save'] !== save) throw changed()
}

function pageCrc({ id, bytes }: Page): number {
  return crc32(bytes, crc32(id))
}

function headCrc({ save, format, inputs, output, meta, sum }: HeadRow): number {
  return crc32(JSON.stringify([save, format, inputs, output, meta, sum]))
}

function make(db: DatabaseSync): void {
  // A checkpoint decides which part of the inputs may be trimmed, so it is on the disk when `save` resolves.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  const format = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  if (format !== FORMAT) db.exec(FORGET)
  db.exec(CREATE)
}

/** What SQLite says of a file that is not what it wrote: an error in our own SQL, corrupt, constraint, mismatch, no database, a read that is too short. */
const DAMAGE: ReadonlySet<number> = new Set([1, 11, 19, 20, 26])
const SHORT_READ = 522

/** Is the file not what was written into it? */
export function isDamage(error: unknown): boolean {
  if (isSheetflowError(error, 'engine/checkpoint')) return true
  const raw = isSheetflowError(error) ? error.cause : error
  if (!(raw instanceof Error)) return false
  // A number that is too large for JavaScript.
  if ('code' in raw && raw.code === 'ERR_OUT_OF_RANGE') return true
  const errcode = 'errcode' in raw ? Number(raw.errcode) : 0
  return errcode === SHORT_READ || DAMAGE.has(errcode & 0xff)
}

function unlessDamaged<T>(work: () => T): T {
  try {
    return coded('load a page', work)
  } catch (error) {
    throw isDamage(error) ? damaged('a page', error) : error
  }
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

function damaged(what: string, cause?: unknown): SheetflowError {
  return new SheetflowError('engine/checkpoint', `the file of the checkpoint is damaged: ${what} is not what was saved`, {
    retry: 'now',
    fix: 'Nothing: the graph is built again from its streams. Look at the disk.',
    cause,
  })
}
