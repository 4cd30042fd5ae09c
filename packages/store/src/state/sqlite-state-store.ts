import type { Checkpoint, CheckpointDelta, StateStore } from '@sheetflow/core/ports/state-store'
import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { coded, orClose } from '../sql/sqlite/connection.ts'
import { BUSY_TIMEOUT_MS, headOf, isDamage, isStill, lentHead, pagesOf, StateFile } from './state-file.ts'

/**
 * The checkpoint of one graph in a SQLite file of its own; creates it if it is not there. One process uses it. A file that is damaged is no checkpoint: a new one takes its place, and the
 * graph is built again from its streams. What is not what was saved is never given out.
 */
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
      const row = lentHead(db)
      return { checkpoint: row === null ? null : { head: headOf(row), pages: () => pagesOf(db, row) }, [Symbol.dispose]: () => db.close() }
    }),
  )
}

// oxlint-disable typescript/require-await -- a synchronous driver under an asynchronous port: what it throws must become a rejection

class SqliteStateStore implements StateStore {
  readonly #file: string
  #now: StateFile

  constructor(file: string) {
    this.#file = file
    this.#now = orAnew(file, () => new StateFile(file))
  }

  async load(): Promise<Checkpoint | null> {
    const row = this.#orAnew(() => this.#now.head())
    if (row === null) return null
    const { db } = this.#now
    return { head: headOf(row), pages: () => pagesOf(db, row, () => isStill(db, row)) }
  }

  async save(delta: CheckpointDelta): Promise<void> {
    // Its pages can be read once, so that has to be found out before.
    if (delta.full) this.#orAnew(() => this.#now.tryToEmpty())
    this.#now.save(delta)
  }

  async drop(): Promise<void> {
    this.#orAnew(() => this.#now.drop())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#now.close()
  }

  /** What the work gives; null where the file turned out to be damaged: then there is a new one. */
  #orAnew<T>(work: () => T): T | null {
    try {
      return work()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#now.close()
      remove(this.#file)
      this.#now = new StateFile(this.#file)
      return null
    }
  }
}

/** Opens the file; one that is damaged is taken away first. */
function orAnew(file: string, open: () => StateFile): StateFile {
  try {
    return open()
  } catch (error) {
    if (!isDamage(error)) throw error
    remove(file)
    return open()
  }
}

function remove(file: string): void {
  for (const part of ['-shm', '-wal', '']) rmSync(file + part, { force: true })
}
