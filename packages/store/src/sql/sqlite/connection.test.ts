import { isSheetflowError } from '@sheetflow/core/errors'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { inTransaction, openWriter } from './connection.ts'
import { openSqliteViews, openSqliteViewsReadOnly } from './view-store.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheetflow-connection-'))
  file = join(folder, 'views.db')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function failure(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return isSheetflowError(error) ? `${error.code} ${error.retry}` : error
  }
  return 'none'
}

describe('a store file', () => {
  test('without space: store/full, nothing is half-written, and it goes on when there is room', () => {
    const db = openWriter(file)
    db.exec('CREATE TABLE t (bytes BLOB); PRAGMA max_page_count = 50')
    const insert = (): unknown =>
      failure(() =>
        inTransaction(db, 'write', () => {
          db.exec("INSERT INTO t VALUES (x'01')")
          db.exec('INSERT INTO t VALUES (zeroblob(1000000))')
        }),
      )
    expect(insert()).toBe('store/full later')
    expect(db.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(0)
    db.exec('PRAGMA max_page_count = 5000')
    expect(insert()).toBe('none')
    expect(db.prepare('SELECT count(*) AS n FROM t').get()?.['n']).toBe(2)
    db.close()
  })

  test('that is not there, or is being made, is not readable yet', () => {
    expect(failure(() => openSqliteViewsReadOnly(file))).toBe('store/unavailable later')
    openWriter(file).close()
    expect(failure(() => openSqliteViewsReadOnly(file))).toBe('store/unavailable later')
  })

  test('that is none is refused', () => {
    writeFileSync(file, 'no database, but long enough to be looked at as one. '.repeat(100))
    expect(failure(() => openSqliteViews(file))).toBe('store/unavailable later')
  })

  test('of a newer format is refused, by writer and reader', async () => {
    await openSqliteViews(file)[Symbol.asyncDispose]()
    const db = new DatabaseSync(file)
    db.exec('UPDATE sf_store SET format = 3')
    db.close()
    expect(failure(() => openSqliteViews(file))).toBe('core/unknown-format never')
    expect(failure(() => openSqliteViewsReadOnly(file))).toBe('core/unknown-format never')
  })
})

test('law 12: a large transaction that passes makes the writer keep few pages until it is applied', async () => {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  try {
    await using store = openSqliteViews(file)
    const sizes = (): readonly string[] => exec.mock.calls.flatMap(([sql]) => /cache_size = -(\d+)/.exec(sql)?.[1] ?? [])
    const opened = sizes().length
    for (const piece of [0, 1]) await store.stage('S', '1-1', piece, [])
    expect(sizes().slice(opened)).toEqual(['16384'])
    const position = { epoch: 1, offset: 1, tx: '1-1' }
    await store.apply('S', [{ position, at: '2026-11-23T10:00:00.000000Z', changes: [], staged: true }])
    await store.apply('S', [{ position: { ...position, offset: 2, tx: '1-2' }, at: '2026-11-23T10:00:00.000000Z', changes: [] }])
    expect(sizes().slice(opened)).toEqual(['16384', '65536'])
  } finally {
    exec.mockRestore()
  }
})
