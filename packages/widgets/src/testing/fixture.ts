import { Client, memoryCache, PAGE_TIMERS, Reader } from '@sheetflow/client'
import { ModelServer } from '@sheetflow/client/testing/model-server'
import { registerWidgets } from '../index.ts'

/** A page of widgets over the model's server, which the test moves by `window.server`; `window.reader` is who reads. Runs in the browser. */
const server = new ModelServer()
Object.assign(globalThis, { server })

registerWidgets({
  clock: Date.now,
  random: Math.random,
  connect: (url, token, userClaim) => {
    const reader = new Reader(url, token, { userClaim })
    Object.assign(globalThis, { reader })
    return new Client({
      queries: server.queries,
      channels: server.channels,
      reader,
      clock: Date.now,
      random: Math.random,
      cache: memoryCache(),
      timers: PAGE_TIMERS,
      url,
    })
  },
})
