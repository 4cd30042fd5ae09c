import type { ViewStore } from '@sheetflow/core/ports/view-store'
import { runs } from '@sheetflow/testkit/runs'
import { test } from 'vitest'
import { expectAtomic } from './atomic-ring.ts'

test('law 6, atomic: what one transaction did becomes visible together, in every picture and every answer', async () => {
  await expectAtomic()
})

test('law 6, atomic: the same where a store is further behind than lists wait for one another', async () => {
  await expectAtomic({ limits: { holdMs: 2 }, storeOf: (store) => slow(store, 30) }, runs(60, 600))
})

/** A store that takes so long for each step. */
function slow(store: ViewStore, ms: number): ViewStore {
  return {
    ensure: (schema) => store.ensure(schema),
    stage: (...piece) => store.stage(...piece),
    apply: async (...step) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      await store.apply(...step)
    },
    tidy: () => store.tidy(),
    query: (...asked) => store.query(...asked),
    position: (stream) => store.position(stream),
    views: () => store.views(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
