import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectReplication, connectSql } from './connect.ts'
import { ReplicationStream } from '../log/replication-stream.ts'

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

const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
const WELCOME = Buffer.concat([Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), READY])
const SET = Buffer.concat([Buffer.from([0x43, 0, 0, 0, 8]), Buffer.from('SET\0'), READY])

/** A server that says so much and nothing after it, as one that is stopped then. `asked` resolves with the first message that is not answered. */
async function stoppedServer(answers: readonly Buffer[]): Promise<{ url: string; asked: Promise<string>; closed: Promise<unknown> }> {
  const left = [...answers]
  const { promise: asked, resolve: ask } = Promise.withResolvers<string>()
  const { promise: closed, resolve: close } = Promise.withResolvers<unknown>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('close', close)
    socket.on('data', (chunk: Buffer) => {
      const answer = left.shift()
      if (answer === undefined) ask(chunk.toString())
      else socket.write(answer)
    })
  })
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable`, asked, closed }
}

test.each([
  ['before the session is set up', [WELCOME], 'SET datestyle'],
  ['before it says who it is', [WELCOME, SET], 'IDENTIFY_SYSTEM'],
])('who waits for a server that stops %s does not do so for ever, and not at all when told to stop', async (_, answers, question) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const away = { code: 'source/unreachable', retry: 'later' }
  const first = await stoppedServer(answers)
  const opened = ReplicationStream.open({ url: first.url }, new AbortController().signal)
  opened.catch(() => undefined)
  expect(await first.asked).toContain(question)
  vi.advanceTimersByTime(60_000)
  await first.closed
  await expect(opened).rejects.toMatchObject(away)
  const second = await stoppedServer(answers)
  const stop = new AbortController()
  const again = ReplicationStream.open({ url: second.url }, stop.signal)
  again.catch(() => undefined)
  await second.asked
  stop.abort()
  await second.closed
  await expect(again).rejects.toMatchObject(away)
})
