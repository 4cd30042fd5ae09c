import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { connectReplication, connectSql } from './connect.ts'

/** A server that takes connections and says nothing, as one that is overloaded or starts again does. */
async function silentServer(): Promise<{ url: string; taken: Promise<Socket>; close: () => void }> {
  const server = createServer()
  const taken = new Promise<Socket>((resolve) => server.once('connection', resolve))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `postgres://u:p@127.0.0.1:${String(port)}/d`, taken, close: () => void server.close() }
}

test.each([
  ['SQL', connectSql],
  ['the change log', connectReplication],
])('a connection for %s that is still being made ends with its signal', async (_name, connect) => {
  const { url, taken, close } = await silentServer()
  const abort = new AbortController()
  const connecting = connect({ url }, abort.signal)
  const socket = await taken
  const closed = once(socket, 'close')
  socket.resume()
  abort.abort()
  await expect(connecting).rejects.toThrow()
  await closed
  close()
})
