import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SheetflowError } from '@sheetflow/core/errors'

/**
 * Takes the data folder for this process until disposed. The lock is SQLite's own file lock, which the system gives back when the
 * process ends however it ends: there is no stale lock to remove by hand. `app/locked` names the process that holds it; `config/invalid`
 * if the folder cannot be made or written.
 */
export function lockDataFolder(folder: string): Disposable {
  const note = path.join(folder, 'lock.pid')
  const lock = openLock(folder)
  try {
    // Nothing is ever written into it, and a full disk has no room for a journal.
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    writeNote(note)
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw unusable(folder, error)
    throw new SheetflowError('app/locked', `the data folder ${folder} is used by another Sheetflow${holder(note)}`, {
      fix: 'Stop that one, or give this one another folder with --data DIR.',
      cause: error,
    })
  }
  return { [Symbol.dispose]: () => lock.close() }
}

function openLock(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true })
    // SQLite opens what may only be read, and says so much later.
    accessSync(folder, constants.W_OK)
    return new DatabaseSync(path.join(folder, 'lock.db'))
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** For people. A full disk has no room for it, and is no reason not to begin: what there is can be read, and room may come. */
function writeNote(note: string): void {
  try {
    writeFileSync(note, `${process.pid}\n`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
  }
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && (error as { errcode?: unknown }).errcode === SQLITE_BUSY
}

function unusable(folder: string, error: unknown): SheetflowError {
  const { code, message } = error as NodeJS.ErrnoException
  const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'it is a file' : code === 'EACCES' ? 'this user may not write it' : message
  return new SheetflowError('config/invalid', `the data folder ${folder} cannot be used: ${why}`, {
    fix: 'Give this user write access to it, or name another with --data DIR.',
    cause: error,
  })
}

function holder(note: string): string {
  try {
    return ` (process ${readFileSync(note, 'utf8').trim()})`
  } catch {
    return ''
  }
}
