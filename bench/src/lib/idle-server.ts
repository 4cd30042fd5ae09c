import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answerTasks } from './child.ts'
import { startServing } from './serving.ts'

/** Starts one of two servers, or says what its process holds in memory. */
export type IdleTask = { readonly kind: 'start'; readonly who: 'sheetflow' | 'ws' } | { readonly kind: 'measure' }

export interface IdleAnswer {
  readonly url: string
  readonly httpUrl: string
  readonly token: string
  /** Resident memory after garbage has been collected. */
  readonly bytes: number
}

let started = { url: '', httpUrl: '', token: '' }

answerTasks<IdleTask, IdleAnswer>(async (task) => {
  if (task.kind === 'start') started = task.who === 'sheetflow' ? await sheetflow() : await plain()
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await new Promise((next) => setTimeout(next, 50))
  }
  return { ...started, bytes: process.memoryUsage().rss }
})

async function sheetflow(): Promise<typeof started> {
  const { serve, token } = await startServing(1_000)
  return { url: serve.realtimeUrl, httpUrl: serve.url, token }
}

async function plain(): Promise<typeof started> {
  const http = createServer()
  new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) =>
    socket.on('message', (data) => socket.send(data)),
  )
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  const { port } = http.address() as AddressInfo
  return { url: `ws://127.0.0.1:${port}`, httpUrl: `http://127.0.0.1:${port}`, token: '' }
}
