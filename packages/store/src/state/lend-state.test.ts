import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CheckpointDelta, StateStore } from '@sheetflow/core/ports/state-store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lendSqliteState, openSqliteState } from './sqlite-state-store.ts'

let dir: string
let file: string

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'lend-'))
  file = path.join(dir, 'g.db')
})

afterEach(() => rmSync(dir, { recursive: true }))

function delta(n: number): CheckpointDelta {
  const head = { format: 1, inputs: {}, output: { epoch: 1, offset: n }, meta: '{}' }
  return { head, full: true, dropped: [], pages: ['a', 'b'].map((id) => ({ id, bytes: Uint8Array.of(n) })) }
}

async function saved(store: StateStore, n: number): Promise<void> {
  await store.save(delta(n))
}

describe('a checkpoint that is lent', () => {
  it('is one save, whatever is saved meanwhile', async () => {
    await using store = openSqliteState(file)
    await saved(store, 1)
    using lent = lendSqliteState(file)
    await saved(store, 2)
    expect(lent.checkpoint?.head.output.offset).toBe(1)
    const pages = await Array.fromAsync(lent.checkpoint?.pages() ?? [])
    expect(pages.map(({ bytes }) => bytes[0])).toEqual([1, 1])
    using later = lendSqliteState(file)
    expect(later.checkpoint?.head.output.offset).toBe(2)
  })

  it('is none where there is none, and none is made', () => {
    using lent = lendSqliteState(file)
    expect(lent.checkpoint).toBeNull()
    expect(() => new DatabaseSync(file, { readOnly: true })).toThrow('unable to open')
  })

  it('in a file that has the table `wide` of earlier days is read, saved and dropped as any', async () => {
    const before = openSqliteState(file)
    await saved(before, 1)
    await before[Symbol.asyncDispose]()
    const db = new DatabaseSync(file)
    db.exec('CREATE TABLE wide (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL)')
    db.close()
    await using store = openSqliteState(file)
    expect((await store.load())?.head.output.offset).toBe(1)
    await saved(store, 2)
    using lent = lendSqliteState(file)
    expect(lent.checkpoint?.head.output.offset).toBe(2)
    await store.drop()
    expect(await store.load()).toBeNull()
  })

  it('of another format is none, and is left alone', async () => {
    await using store = openSqliteState(file)
    await saved(store, 1)
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 99')
    using lent = lendSqliteState(file)
    expect(lent.checkpoint).toBeNull()
    expect(db.prepare('SELECT count(*) AS n FROM page').get()).toEqual({ n: 2 })
    db.close()
  })
})
