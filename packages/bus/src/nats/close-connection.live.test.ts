import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { startNats } from '@sheetflow/testkit/nats/server'
import { expect, it } from 'vitest'
import { openLink, type Link } from './link.ts'

/** The client's end of the connection, where the library keeps it. */
function socketOf({ nc }: Link): Socket {
  return (nc as unknown as { readonly protocol: { readonly transport: { readonly socket: Socket } } }).protocol.transport.socket
}

it('a server that has gone away before the bus is closed ends no process: no "write after end" that nobody hears', async () => {
  await using server = await startNats()
  const clients: Socket[] = []
  const between = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect(Number(new URL(server.url).port), '127.0.0.1')
    for (const socket of [client, target]) socket.on('error', () => undefined)
    client.pipe(target)
    target.pipe(client, { end: false })
    clients.push(client, target)
  })
  between.listen(0, '127.0.0.1')
  await once(between, 'listening')
  const unheard: unknown[] = []
  const hear = (error: unknown): void => void unheard.push(error)
  process.on('uncaughtException', hear)
  try {
    const link = await openLink({ servers: [`nats://127.0.0.1:${String((between.address() as AddressInfo).port)}`] })
    const socket = socketOf(link)
    const [client] = clients
    // What is under way is taken by nobody any more, so the connection is half closed for as long as it likes.
    client?.unpipe().pause()
    for (let i = 0; i < 12; i++) link.nc.publish('x', new Uint8Array(4 * 1024 * 1024))
    const ended = once(socket, 'end')
    client?.end()
    await ended
    await expect.poll(() => socket.writableEnded).toBe(true)
    link.nc.subscribe('y').unsubscribe()
    await link[Symbol.asyncDispose]()
    // An error comes before it.
    await expect.poll(() => socket.closed).toBe(true)
    await new Promise(setImmediate)
    expect(unheard).toEqual([])
  } finally {
    process.off('uncaughtException', hear)
    for (const socket of clients) socket.destroy()
    between.close()
  }
})
