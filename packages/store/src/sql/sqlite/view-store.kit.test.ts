import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeViewStore } from '@sheetflow/testkit/kits/view-store-kit'
import { openSqliteViews, openSqliteViewsReadOnly } from './view-store.ts'

describeViewStore('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sheetflow-views-'))
  const file = join(folder, 'views.db')
  return {
    open: () => Promise.resolve(openSqliteViews(file)),
    openReader: () => Promise.resolve(openSqliteViewsReadOnly(file)),
    remote: {
      module: new URL('./view-store.ts', import.meta.url).href,
      open: 'openSqliteViews',
      openReader: 'openSqliteViewsReadOnly',
      argument: file,
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
})
