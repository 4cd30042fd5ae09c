import { describeArchiveStore } from './kits/archive-store-kit.ts'
import { MemoryArchiveStore } from './memory-archive-store.ts'

describeArchiveStore('memory', () => {
  const objects = new Map<string, Uint8Array>()
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryArchiveStore(objects)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
})
