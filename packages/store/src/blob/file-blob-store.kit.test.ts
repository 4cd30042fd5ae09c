import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describeBlobStore } from '@sheetflow/testkit/kits/blob-store-kit'
import { openFileBlobs } from './file-blob-store.ts'

describeBlobStore('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sheetflow-blobs-'))
  return {
    open: () => openFileBlobs(folder),
    damage: (hash) => writeFile(join(folder, hash.slice(0, 2), hash.slice(2, 4), hash), 'something else'),
    names: async () => (await readdir(folder, { recursive: true })).map((file) => basename(file)).filter((name) => name.length === 64),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
})
