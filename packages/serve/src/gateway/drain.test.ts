import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Clock } from '@sheetflow/core/ports/host'
import { REAL_CLOCK, until } from '../testing/host.ts'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'

const DRAIN_MS = 12_345_678

/** The time of draining goes as the test says, all other time as it does. */
let now = 0
let half: PromiseWithResolvers<void>
const clock: Clock = {
  now: () => REAL_CLOCK.now() + now,
  sleep: (ms, signal) => (ms === DRAIN_MS / 2 ? half.promise : REAL_CLOCK.sleep(ms, signal)),
}

let shop: RunningShop

beforeEach(async () => {
  half = Promise.withResolvers()
  // What is not asked here: a connection that says nothing is ended, too.
  shop = await RunningShop.start({ clock, limits: { authMs: 10 * DRAIN_MS } })
})

afterEach(async () => {
  await shop[Symbol.asyncDispose]()
  expect(shop.log.errors).toEqual([])
})

/** A socket of a client; a refused one has the status of HTTP. */
interface Socket {
  readonly open: Promise<void>
  /** The close code. */
  end: number | null
}

function connect(): Socket {
  const socket = new WebSocket(shop.serve.realtimeUrl)
  const opened = Promise.withResolvers<void>()
  opened.promise.catch(() => undefined)
  const result: Socket = { open: opened.promise, end: null }
  socket.on('open', () => opened.resolve())
  socket.on('unexpected-response', (_request, response) => opened.reject(new Error(String(response.statusCode))))
  socket.on('error', () => undefined)
  socket.on('close', (code) => (result.end = code))
  return result
}

test('a gateway that drains ends its sockets one after the other, refuses new ones, and answers queries to the end', async () => {
  const token = await tokenFor('1', 'manager')
  const sockets = Array.from({ length: 39 }, connect)
  await Promise.all(sockets.map(({ open }) => open))
  shop.serve.drain(DRAIN_MS)
  // The first half: a balancer has not heard of it yet.
  const late = connect()
  await late.open
  const before = await fetch(`${shop.serve.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ open_orders { id } }' }),
  })
  expect([before.status, before.headers.get('connection')]).toEqual([200, 'close'])
  expect(ended()).toEqual([])
  // The second half: elsewhere, please.
  half.resolve()
  await expect.poll(() => connect().open.then(() => 'open', String), { timeout: 30_000 }).toContain('503')
  expect(ended()).toEqual([])
  now += DRAIN_MS / 4
  await until('half of them are ended', () => ended().length >= 20)
  expect(ended().length).toBe(20)
  now += DRAIN_MS / 4
  await until('all of them are ended', () => ended().length === 40)
  expect(new Set(ended())).toEqual(new Set([3001]))
  expect((await shop.ask(token, '{ open_orders { id } }')).status).toBe(200)

  function ended(): readonly number[] {
    return [...sockets, late].flatMap(({ end }) => (end === null ? [] : [end]))
  }
})

test('the end may come before the time to drain is over', async () => {
  const socket = connect()
  await socket.open
  shop.serve.drain(DRAIN_MS)
  await shop.serve.close()
  await until('the socket is ended', () => socket.end !== null)
  expect(socket.end).toBe(3001)
})
