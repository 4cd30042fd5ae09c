import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStateStore } from '@sheetflow/testkit/kits/state-store-kit'
import { openSqliteState } from './sqlite-state-store.ts'

describeStateStore('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sheetflow-state-'))
  const file = join(folder, 'state.db')
  return {
    open: () => Promise.resolve(openSqliteState(file)),
    remote: { module: new URL('./sqlite-state-store.ts', import.meta.url).href, open: 'openSqliteState', argument: file },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
})
