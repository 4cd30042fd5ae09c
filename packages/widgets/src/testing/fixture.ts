import { Client, memoryCache, PAGE_TIMERS, Reader, type Timers } from '@sheetflow/client'
import { ModelServer } from '@sheetflow/client/testing/model-server'
import { registerWidgets } from '../index.ts'

/**
 * A page of widgets over the model's server, which the test moves by `window.server`; `window.reader` is who reads, and the client's timers run
 * `window.haste` times as fast. Runs in the browser.
 */
const server = new ModelServer()
const page = Object.assign(globalThis, { server, haste: 1 })
const timers: Timers = { after: (ms, task) => PAGE_TIMERS.after(ms / page.haste, task) }

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
      timers,
      url,
    })
  },
})
