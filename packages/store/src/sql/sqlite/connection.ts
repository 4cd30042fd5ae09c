import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { ErrorCode, Retry } from '@sheetflow/core/errors'
import { DatabaseSync } from 'node:sqlite'
import { refused } from '../store-errors.ts'

/** Another connection may hold the write lock for as long as one big transaction takes. */
const BUSY_TIMEOUT_MS = 10_000
/** Pages behind which the log is copied into the file: 64 MiB; small enough for readers, large enough that hot pages are copied once. */
const CHECKPOINT_PAGES = 16_384
/** What a big transaction let the log grow to is given back down to this. */
const LOG_BYTES = 128 * 1024 * 1024
/** Pages that a connection keeps. */
export const CACHE_KIB = 65_536
/** The same while a large transaction passes: its rows come once each and in the order of their keys, so that more would hold what is over. */
export const PASSING_CACHE_KIB = 16_384

/**
 * Opens the file for its one writer; creates it if it is not there.
 *
 * `synchronous = NORMAL`: a power cut may take the last transactions with it, never a part of one; rows and position go back together, and
 * what is missing is read from the bus again.
 */
export function openWriter(file: string): DatabaseSync {
  return coded(`open ${baseName(file)}`, () => {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${LOG_BYTES};
      PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`)
    return db
  })
}

/** Keeps so many pages from now on; what is more is given back. */
export function keepPages(db: DatabaseSync, kib: number): void {
  db.exec(`PRAGMA cache_size = -${kib}`)
}

/** Opens the file for reading beside its writer, in any thread or process. */
export function openReader(file: string): DatabaseSync {
  return coded(`open ${baseName(file)}`, () => {
    const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`)
    return db
  })
}

/** Sets up what works on a connection; one that cannot be used is closed again. */
export function orClose<T>(db: DatabaseSync, setUp: () => T): T {
  try {
    return setUp()
  } catch (error) {
    db.close()
    throw error
  }
}

/** Runs `work` inside one write transaction; all of it or nothing. */
export function inTransaction<T>(db: DatabaseSync, what: string, work: () => T): T {
  return coded(what, () => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      // A full disk has already rolled it back.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  })
}

/** Runs `work` on one snapshot. */
export function inSnapshot<T>(db: DatabaseSync, what: string, work: () => T): T {
  return coded(what, () => {
    db.exec('BEGIN')
    try {
      return work()
    } finally {
      db.exec('COMMIT')
    }
  })
}

const SQLITE_FULL = 13
/** Cannot open, locked, busy, I/O error, corrupt, no database, read-only. */
const UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 14, 26])

/** Runs `work`; what SQLite itself complains of gets a code. */
export function coded<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw codedError(what, error)
  }
}

const SQLITE_NOMEM = 7

/**
 * Runs `work`, which writes rows of that view; `store/refused` if one of them has a value that has no cell, or SQLite does not take it, whatever the reason: one
 * view must not stop all others. What no row is to blame for (`errorKind`, short of memory) stays as it is.
 */
export function refusing<T>(view: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (isSheetflowError(error, 'core/bad-value')) throw refused(view, error.message, error)
    if (!(error instanceof Error) || !('errcode' in error)) throw error
    const primary = Number(error.errcode) & 0xff
    if (primary === SQLITE_NOMEM || errorKind(primary) !== null) throw error
    throw refused(view, error.message, error)
  }
}

function codedError(what: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  const primary = Number(error.errcode) & 0xff
  const known = errorKind(primary)
  if (known === null) return error
  return new SheetflowError(known.code, `the store could not ${what}: ${error.message}`, {
    retry: known.retry,
    fix: known.fix,
    details: { sqlite: Number(error.errcode) },
    cause: error,
  })
}

function errorKind(primary: number): { code: ErrorCode; retry: Retry; fix: string } | null {
  if (primary === SQLITE_FULL)
    return { code: 'store/full', retry: 'later', fix: 'Free some space on the disk of the store; it goes on by itself.' }
  if (!UNAVAILABLE.has(primary)) return null
  return { code: 'store/unavailable', retry: 'later', fix: 'Check that the store is a file of Sheetflow, whole, readable and writable.' }
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
}
