import type { RowJson } from '@sheetflow/core/message'
import { ask, created, filled, orders, plan, rows, STREAM, transaction, VIEW } from '@sheetflow/testkit/kits/view-store-lab'
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { queryStatement } from '../query-sql.ts'
import { Catalogue } from './catalogue.ts'
import { SQLITE } from './dialect.ts'
import { openSqliteViews, openSqliteViewsReadOnly } from './view-store.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheetflow-seen-'))
  file = join(folder, 'views.db')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

const A: RowJson = ['1', 7, '9.50', 'first']
const ODD: RowJson = ['2', { e: '#N/A' }, '1.00', null]
const ALL = plan(1, ['id', 'customer', 'total', 'note'])

function beside<T>(work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file)
  try {
    return work(db)
  } finally {
    db.close()
  }
}

/** The columns of `v1` in which there may be such cells. */
function seen(): unknown {
  return beside((db) => {
    const row = db.prepare('SELECT apart, blank FROM sf_table ORDER BY id').get()
    return [row?.['apart'], row?.['blank']]
  })
}

function statement(): string {
  return beside((db) => {
    const catalogue = new Catalogue(db)
    catalogue.views()
    return queryStatement(SQLITE, (view, generation) => catalogue.table(view, generation), ALL).text
  })
}

/** What a program of the version before would have left. */
function makeOld(): void {
  beside((db) => db.exec('ALTER TABLE sf_table DROP COLUMN apart; ALTER TABLE sf_table DROP COLUMN blank; UPDATE sf_store SET format = 1'))
}

const content = async (reader: Parameters<typeof ask>[0]): Promise<unknown> => (await ask(reader, ALL)).map((row) => Object.values(row))

describe('what columns have seen', () => {
  test('statements provide for errors and Blank where the catalogue knows of them', async () => {
    await using store = openSqliteViews(file)
    await store.ensure(orders(1))
    await store.apply(STREAM, [transaction(1, [filled(1, [A])])])
    expect(seen()).toEqual(['[]', '[]'])
    expect(statement()).not.toMatch(/\.x\b|nullif/)
    await store.apply(STREAM, [transaction(2, [rows(1, [created(ODD)])])])
    expect(seen()).toEqual(['[1]', '[3]'])
    expect(statement()).toMatch(
      /json_object\('id', CAST\(r1\.c0 AS TEXT\), 'customer', coalesce\(r1\.x->'c1', r1\.c1\), 'total', r1\.p2, 'note', nullif\(r1\.c3, 0\)\)/,
    )
    await store.apply(STREAM, [transaction(3, [rows(1, [['t', null, null, null], created(A)])])])
    expect(seen()).toEqual(['[]', '[]'])
    expect(await content(store)).toEqual([A])
  })

  test('an older file is read as it is, and migrated when it is opened for writing', async () => {
    {
      await using store = openSqliteViews(file)
      await store.ensure(orders(1))
      await store.ensure(orders(2))
      await store.apply(STREAM, [transaction(1, [filled(1, [A, ODD])])])
    }
    makeOld()
    // Who serves is upgraded first.
    await using reader = openSqliteViewsReadOnly(file)
    expect(await content(reader)).toEqual([A, ODD])
    await using store = openSqliteViews(file)
    expect(await content(reader)).toEqual([A, ODD])
    expect(await store.position(STREAM)).toEqual({ epoch: 1, offset: 1, tx: '1-1' })
    expect(seen()).toEqual([null, null])
    // The version before refuses it from now on: it would not write down what it sees.
    expect(beside((db) => db.prepare('SELECT format FROM sf_store').get())).toEqual({ format: 2 })
    const more: RowJson = ['3', 1, { e: '#REF!' }, { b: 'cd'.repeat(32), n: 300_000 }]
    await store.apply(STREAM, [transaction(2, [rows(1, [created(more)])])])
    for (const who of [reader, store]) expect(await content(who)).toEqual([A, ODD, more])
    expect(seen()).toEqual([null, null])
    // Filled anew, it is known; the table was announced before.
    await store.apply(STREAM, [transaction(3, [filled(2, [A])])])
    for (const who of [reader, store]) expect(await ask(who, { ...ALL, generation: 2 })).toHaveLength(1)
    await store.apply(STREAM, [transaction(4, [filled(2, [A])])])
    expect(beside((db) => db.prepare(`SELECT apart, blank FROM sf_table WHERE view = ? AND state = 'current'`).get(VIEW))).toEqual({
      apart: '[]',
      blank: '[]',
    })
  })
})
