import { describeStateStore } from './kits/state-store-kit.ts'
import { memoryStateStore } from './memory-state-store.ts'

describeStateStore('memory', () => {
  return Promise.resolve({ open: () => Promise.resolve(memoryStateStore()), [Symbol.asyncDispose]: () => Promise.resolve() })
})
