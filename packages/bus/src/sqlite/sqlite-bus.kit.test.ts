import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeBus } from '@sheetflow/testkit/kits/bus-kit'
import { openSqliteBus } from './sqlite-bus.ts'

describeBus('sqlite', async (clock) => {
  const dir = await mkdtemp(join(tmpdir(), 'sheetflow-bus-'))
  return {
    open: () => openSqliteBus({ dir, clock }),
    remote: { module: new URL('./sqlite-bus.ts', import.meta.url).href, open: 'openSqliteBus', options: { dir } },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
})
