import { connect } from 'node:net'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Claims } from '@sheetflow/core/ports/host'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../testing/host.ts'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'

/** A bare socket: what it was told, and how it ended. */
class BareSocket {
  readonly replies: Readonly<Record<string, unknown>>[] = []
  /** The close code, or the HTTP status of a refused upgrade; null while it is open. */
  ended: number | null = null
  readonly #socket: WebSocket

  private constructor(url: string) {
    this.#socket = new WebSocket(url)
    this.#socket.on('error', () => undefined)
    this.#socket.on('unexpected-response', (_, response) => (this.ended = response.statusCode ?? 0))
    this.#socket.on('close', (code) => (this.ended ??= code))
    this.#socket.on('message', (data) => {
      const lines = (data as Buffer).toString('utf8').split('\n')
      this.replies.push(...lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>))
    })
  }

  static async open(shop: RunningShop): Promise<BareSocket> {
    const bare = new BareSocket(shop.serve.realtimeUrl)
    await until('open or refused', () => bare.ended !== null || bare.#socket.readyState === WebSocket.OPEN)
    return bare
  }

  send(command: object): void {
    this.#socket.send(JSON.stringify(command))
  }

  close(): void {
    this.#socket.terminate()
  }

  async connect(token: string): Promise<void> {
    this.send({ id: 1, connect: { token } })
    await until('connected', () => this.replies.length > 0)
  }
}

describe('S06 limits of sockets', () => {
  test.each([
    ['one address', { connectionsPerAddress: 2 }],
    ['all', { connections: 2 }],
  ])('connections of %s: above the limit an upgrade is refused, and there is room again when one has gone', async (_, limits) => {
    await using shop = await RunningShop.start({ limits })
    const [one, two] = [await BareSocket.open(shop), await BareSocket.open(shop)]
    expect((await BareSocket.open(shop)).ended).toBe(503)
    one.close()
    await until('it is gone', () => shop.serve.metrics().connections === 1)
    const three = await BareSocket.open(shop)
    expect([three.ended, two.ended]).toEqual([null, null])
    for (const socket of [two, three]) socket.close()
  })

  test('a refused peer that never hangs up is hung up on, else its socket would stay and the end of the server would wait for it', async () => {
    const shop = await RunningShop.start({})
    const peer = connect({ port: shop.serve.port, host: '127.0.0.1', allowHalfOpen: true })
    peer.on('error', () => undefined)
    let said = ''
    peer.on('data', (chunk: Buffer) => (said += chunk.toString()))
    peer.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await until('it is refused', () => said.startsWith('HTTP/1.1 404'))
    let ended = false
    void shop[Symbol.asyncDispose]().then(() => (ended = true))
    await expect.poll(() => ended).toBe(true)
    peer.destroy()
  })

  test('connections of one user: above the limit 3013, others are not hurt, and there is room again when one has gone', async () => {
    await using shop = await RunningShop.start({ limits: { connectionsPerUser: 1 } })
    const sockets = [await BareSocket.open(shop), await BareSocket.open(shop), await BareSocket.open(shop)] as const
    const [one, two, three] = sockets
    await one.connect(await tokenFor('1', 'manager'))
    two.send({ id: 1, connect: { token: await tokenFor('1', 'clerk') } })
    await until('the second is closed', () => two.ended !== null)
    expect(two.ended).toBe(3013)
    await three.connect(await tokenFor('2', 'manager'))
    one.close()
    await until('it is gone', () => shop.serve.metrics().connections === 1)
    const four = await BareSocket.open(shop)
    await four.connect(await tokenFor('1', 'manager'))
    expect([three.ended, four.ended]).toEqual([null, null])
    for (const socket of [three, four]) socket.close()
  })

  test('calls in flight: what is too much is told to come later, the others are answered', async () => {
    const release = Promise.withResolvers<void>()
    const commands = {
      accept: async ({ id }: { readonly id: string }) => {
        await release.promise
        return { id, status: 'accepted' as const, validForMs: 60_000 }
      },
    }
    await using shop = await RunningShop.start({ limits: { callsPerConnection: 3 }, commands })
    const socket = await BareSocket.open(shop)
    await socket.connect(await tokenFor('1', 'manager'))
    const call = { method: 'command', data: { id: '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B', name: 'ship_order', payload: {} } }
    for (let id = 2; id <= 6; id++) socket.send({ id, rpc: call })
    await until('two are refused', () => socket.replies.length === 3)
    expect(socket.replies.slice(1)).toMatchObject([5, 6].map((id) => ({ id, error: { code: 111, temporary: true } })))
    release.resolve()
    await until('three are answered', () => socket.replies.length === 6)
    socket.send({ id: 7, rpc: call })
    await until('there is room again', () => socket.replies.length === 7)
    expect(socket.replies.at(-1)).toMatchObject({ id: 7, rpc: { data: { status: 'accepted' } } })
    socket.close()
  })

  test('what is said before the token is verified is bounded, also while that takes time', async () => {
    const claims = new Promise<Claims>(() => undefined)
    await using shop = await RunningShop.start({ limits: { frameBytes: 1_000 }, identity: { claims: () => claims } })
    const socket = await BareSocket.open(shop)
    socket.send({ id: 1, connect: { token: 'x' } })
    for (let id = 2; id <= 20; id++) socket.send({ id, rpc: { method: 'command', data: 'x'.repeat(500) } })
    await until('it is closed', () => socket.ended !== null)
    expect(socket.ended).toBe(3501)
  })

  test('while the identity provider is away nobody is sent off for good: the error says to come again', async () => {
    const away = new SheetflowError('access/unauthenticated', 'no keys', { retry: 'later' })
    await using shop = await RunningShop.start({ identity: { claims: () => Promise.reject(away) } })
    const socket = await BareSocket.open(shop)
    await socket.connect('x')
    expect(socket.replies).toMatchObject([{ id: 1, error: { code: 100, temporary: true } }])
    expect(socket.ended).toBeNull()
    socket.close()
  })

  test('a connection cannot become another user’s', async () => {
    await using shop = await RunningShop.start()
    const socket = await BareSocket.open(shop)
    await socket.connect(await tokenFor('1', 'manager'))
    socket.send({ id: 2, refresh: { token: await tokenFor('2', 'manager') } })
    await until('it is closed', () => socket.ended !== null)
    expect(socket.ended).toBe(3500)
  })
})
