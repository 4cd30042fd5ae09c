import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeArchiveStore } from '@sheetflow/testkit/kits/archive-store-kit'
import { openFileArchive } from './file-archive-store.ts'

describeArchiveStore('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sheetflow-archive-'))
  return {
    open: () => openFileArchive(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
})
