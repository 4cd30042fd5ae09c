import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RowChange } from '@sheetflow/core/message'
import type { SheetSchema } from '@sheetflow/core/schema'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetDeleted } from './forget-deleted.ts'
import { openSqliteViews } from './view-store.ts'

const SECRET = 'Verysecretword'
const STREAM = 'SF_GRAPH_g'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'forget-'))
  file = path.join(folder, 'views.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function schema(generation: number): SheetSchema {
  const columns = [
    { name: 'id', id: 1, type: 'int' as const, null: false },
    { name: 'name', id: 2, type: 'text' as const, null: true },
  ]
  return { v: 1, table: 'g.people', schema: 1, hash: '', key: ['id'], columns, generation, index: ['name'], search: ['name'], lists: {} }
}

function filesWith(text: string): string[] {
  return readdirSync(folder).filter((name) => readFileSync(path.join(folder, name)).includes(text))
}

/** Words of the index, as they stand in it, whatever rows still have them. */
function words(): unknown[] {
  const db = new DatabaseSync(file)
  const [table] = db.prepare("SELECT name FROM sqlite_schema WHERE sql LIKE '%USING fts5%'").all()
  db.exec(`CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, '${String(table?.['name'])}', 'row')`)
  const found = db.prepare('SELECT term FROM temp.words').all()
  db.close()
  return found.map(({ term }) => term)
}

test('rows that are gone, old generations and their words are in no byte of the file; the others stay', async () => {
  const row = (id: number, name: string): RowChange => ['c', [id], [id, name], null]
  {
    await using store = openSqliteViews(file)
    const swap = async (generation: number, offset: number, rows: readonly RowChange[]): Promise<void> => {
      await store.ensure(schema(generation))
      const changes = [{ view: 'g.people', generation, swap: true, status: 'ready' as const, rows }]
      await store.apply(STREAM, [{ position: { epoch: 1, offset, tx: `${offset}` }, at: '2026-11-26T00:00:00.000000Z', changes }])
    }
    await swap(1, 1, [row(1, 'Ann'), row(2, `${SECRET} of an old generation`)])
    await swap(2, 2, [row(1, 'Ann'), row(2, `${SECRET} of now ${'long '.repeat(5_000)}`)])
    const changes = [{ view: 'g.people', generation: 2, swap: false, rows: [['d', [2], null, null] as const] }]
    await store.apply(STREAM, [{ position: { epoch: 1, offset: 3, tx: '3' }, at: '2026-11-26T00:00:01.000000Z', changes }])
  }
  expect(filesWith(SECRET)).toEqual(['views.db'])
  forgetDeleted(file)
  expect(filesWith(SECRET)).toEqual([])
  expect(filesWith(SECRET.toLowerCase())).toEqual([])
  expect(words()).toEqual(['ann'])
  await using store = openSqliteViews(file)
  expect(await store.position(STREAM)).toMatchObject({ offset: 3 })
  expect(await store.views()).toMatchObject([{ view: 'g.people', generation: 2, status: 'ready' }])
})

test('a file that somebody is reading is said to be in use', async () => {
  {
    await using store = openSqliteViews(file)
    await store.ensure(schema(1))
  }
  const reader = new DatabaseSync(file)
  reader.exec('BEGIN')
  reader.prepare('SELECT * FROM sf_table').all()
  expect(() => forgetDeleted(file, 50)).toThrow(expect.objectContaining({ code: 'store/unavailable' }) as Error)
  reader.exec('COMMIT')
  reader.close()
  forgetDeleted(file, 50)
})
