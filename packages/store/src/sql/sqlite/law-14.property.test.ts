import { describeLaw14 } from '@sheetflow/testkit/kits/law-14-kit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSqliteViews } from './view-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'sheetflow-law-14-'))
const store = openSqliteViews(join(folder, 'views.db'))

afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

describeLaw14('sqlite', () => Promise.resolve(store))
