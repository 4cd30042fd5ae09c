import type { Publication } from '@sheetflow/core/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PAGE_TIMERS } from '../host.ts'
import { Addresses } from './addresses.ts'
import { CentrifugeChannels } from './centrifuge-channels.ts'
import type { ChannelFollower, ChannelStart } from './transport.ts'

type Command = Readonly<Record<string, unknown>> & { readonly id?: number }

/** The other end of the wire: what the official client says is written down, and answered by the test. */
class Socket {
  static readonly all: Socket[] = []
  readonly said: Command[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror: ((event: unknown) => void) | null = null

  readonly url: string

  constructor(url: string) {
    this.url = url
    Socket.all.push(this)
    setTimeout(() => this.onopen?.(), 0)
  }

  send(text: string): void {
    this.said.push(...text.split('\n').map((line) => JSON.parse(line) as Command))
  }

  close(): void {
    this.drop(1000)
  }

  drop(code: number, reason = ''): void {
    this.onclose?.({ code, reason })
  }

  /** One frame: several replies and pushes together. */
  frame(...replies: readonly unknown[]): void {
    this.onmessage?.({ data: replies.map((reply) => JSON.stringify(reply)).join('\n') })
  }

  /** The last command of a kind; waits for it. */
  async command(kind: string): Promise<Command> {
    await expect.poll(() => this.said.some((one) => kind in one), { timeout: 20_000 }).toBe(true)
    return this.said.findLast((one) => kind in one) as Command
  }
}

const START: ChannelStart = { channel: 'sf:a', token: 'first', epoch: '1.1', offset: 7 }

let channels: CentrifugeChannels
let told: unknown[]

const follower: ChannelFollower = {
  onPublication: (publication: Publication) => told.push(publication),
  onLive: (offset) => told.push(['live', offset]),
  onCut: () => told.push('cut'),
  onLost: (reason) => told.push(['lost', reason]),
  renew: () => Promise.resolve('renewed'),
}

function addresses(...hosts: string[]): Addresses {
  const all = hosts.map((host) => ({ graphql: `http://${host}/graphql`, realtime: `ws://${host}/connection/websocket` }))
  return new Addresses(all, 0)
}

/** Connects with these tokens, one after the other; the last one stays. */
function connect(...tokens: (string | null)[]): void {
  Socket.all.length = 0
  const token = (): string | null => (tokens.length > 1 ? (tokens.shift() ?? null) : (tokens[0] ?? null))
  channels = new CentrifugeChannels(addresses('one'), { token, timers: PAGE_TIMERS, webSocket: Socket })
}

beforeEach(() => {
  told = []
  connect('token')
})

afterEach(() => channels.close())

async function socket(n: number): Promise<Socket> {
  await expect.poll(() => Socket.all.length, { timeout: 20_000 }).toBeGreaterThan(n)
  return Socket.all[n] as Socket
}

async function connected(n = 0): Promise<Socket> {
  const open = await socket(n)
  const { id } = await open.command('connect')
  open.frame({ id, connect: { client: 'c', version: '1', ping: 25, pong: true } })
  await expect.poll(() => channels.state, { timeout: 20_000 }).toBe('connected')
  return open
}

async function joined(open: Socket, rest: object = {}): Promise<void> {
  const { id } = await open.command('subscribe')
  open.frame({
    id,
    subscribe: { recoverable: true, positioned: true, recovered: true, was_recovering: true, epoch: '1.1', offset: 9, ...rest },
  })
  await expect.poll(() => told, { timeout: 20_000 }).not.toEqual([])
}

describe('CentrifugeChannels', () => {
  test('follows from a position, and says how far the server is', async () => {
    const open = await connected()
    channels.follow(START, follower)
    expect(await open.command('subscribe')).toMatchObject({
      subscribe: { channel: 'sf:a', token: 'first', recover: true, epoch: '1.1', offset: 7 },
    })
    await joined(open)
    expect(told).toEqual(['cut', ['live', 9]])
  })

  test('hands over what was missed, and then one frame as one turn', async () => {
    const open = await connected()
    channels.follow(START, follower)
    const missed = { o: 8, rows: [] }
    await joined(open, { offset: 7, publications: [{ offset: 8, data: missed }] })
    expect(told).toEqual(['cut', ['live', 7], missed])
    told.length = 0
    const turns: number[] = []
    open.frame(...[10, 11].map((o) => ({ push: { channel: 'sf:a', pub: { offset: o, data: { o } } } })))
    // A macrotask that is asked for now runs behind the whole frame.
    setTimeout(() => turns.push(told.length), 0)
    await expect.poll(() => turns, { timeout: 20_000 }).toEqual([2])
  })

  test('joins again by itself from where it stood', async () => {
    const open = await connected()
    channels.follow(START, follower)
    await joined(open)
    open.frame({ push: { channel: 'sf:a', pub: { offset: 12, data: { o: 12 } } } })
    await expect.poll(() => told.length, { timeout: 20_000 }).toBe(3)
    told.length = 0
    open.drop(1006)
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(['cut'])
    const next = await connected(1)
    expect(await next.command('subscribe')).toMatchObject({ subscribe: { offset: 12, epoch: '1.1' } })
  })

  test.each([
    ['an error 112', 112, 'behind'],
    ['a denied token', 103, 'behind'],
    ['too many channels', 106, 'refused'],
  ])('%s ends the channel', async (_name, code, reason) => {
    const open = await connected()
    channels.follow(START, follower)
    const { id } = await open.command('subscribe')
    open.frame({ id, error: { code, message: 'no' } })
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(['cut', ['lost', reason]])
  })

  test('a server that cannot recover has lost the place', async () => {
    const open = await connected()
    channels.follow(START, follower)
    await joined(open, { recovered: false })
    await expect.poll(() => told.at(-1), { timeout: 20_000 }).toEqual(['lost', 'behind'])
  })

  test('goes to the next address when it is sent away, and to the one after that when nobody answers there', async () => {
    channels.close()
    Socket.all.length = 0
    channels = new CentrifugeChannels(addresses('one', 'two', 'three'), { token: () => 'token', timers: PAGE_TIMERS, webSocket: Socket })
    const open = await connected()
    channels.follow(START, follower)
    await joined(open)
    open.frame({ push: { channel: 'sf:a', pub: { offset: 12, data: { o: 12 } } } })
    await expect.poll(() => told.length, { timeout: 20_000 }).toBe(3)
    open.drop(3001, 'shutdown')
    ;(await socket(1)).drop(1006)
    const third = await connected(2)
    expect(await third.command('subscribe')).toMatchObject({ subscribe: { offset: 12, epoch: '1.1' } })
    third.drop(1006)
    await connected(3)
    expect(Socket.all.map(({ url }) => new URL(url).host)).toEqual(['one', 'two', 'three', 'one'])
  })

  test('an ended token is renewed', async () => {
    const open = await connected()
    channels.follow(START, follower)
    const { id } = await open.command('subscribe')
    open.frame({ id, error: { code: 109, message: 'token expired' } })
    await expect.poll(() => open.said.filter((one) => 'subscribe' in one).length, { timeout: 20_000 }).toBe(2)
    expect(await open.command('subscribe')).toMatchObject({ subscribe: { token: 'renewed', offset: 7 } })
  })

  test('a page with more lists than a frame holds comes back after a cut: no frame is longer than servers take, none is ahead of the answer to connect', async () => {
    channels.close()
    Socket.all.length = 0
    const frames: string[][] = []
    class Measured extends Socket {
      readonly frames: string[] = []
      #listeners: (() => void)[] = []

      constructor(url: string) {
        super(url)
        frames.push(this.frames)
      }

      readyState = 1

      override send(text: string): void {
        this.frames.push(text)
        super.send(text)
      }

      addEventListener(_type: string, listener: () => void): void {
        this.#listeners.push(listener)
      }

      override frame(...replies: readonly unknown[]): void {
        for (const listener of this.#listeners.splice(0)) listener()
        super.frame(...replies)
      }
    }
    channels = new CentrifugeChannels(addresses('one'), { token: () => 'token', timers: PAGE_TIMERS, webSocket: Measured })
    const many = Array.from({ length: 300 }, (_, i) => ({ ...START, channel: `sf:${i}`, token: 'x'.repeat(500) }))
    const open = await socket(0)
    for (const start of many) channels.follow(start, follower)
    await open.command('connect')
    open.drop(1006)
    const next = await socket(1)
    await next.command('connect')
    const early = next.said.length
    expect(early).toBeLessThan(many.length)
    await connected(1)
    await expect.poll(() => next.said.filter((one) => 'subscribe' in one).length, { timeout: 20_000 }).toBe(many.length)
    expect(Math.max(...frames.flat().map((frame) => frame.length))).toBeLessThan(64 * 1024)
  })

  test('a refused connection is tried again with another token', async () => {
    channels.close()
    connect('old', 'new')
    const open = await socket(0)
    expect(await open.command('connect')).toMatchObject({ connect: { token: 'old' } })
    open.drop(3500, 'invalid token')
    const next = await socket(1)
    expect(await next.command('connect')).toMatchObject({ connect: { token: 'new' } })
  })

  test('for another reader a new connection is made, with the token of now', async () => {
    channels.close()
    connect('first', 'second')
    const open = await socket(0)
    expect(await open.command('connect')).toMatchObject({ connect: { token: 'first' } })
    channels.reconnect()
    const next = await socket(1)
    expect(await next.command('connect')).toMatchObject({ connect: { token: 'second' } })
  })

  test('nobody may connect without a token where the server allows it', async () => {
    channels.close()
    connect(null)
    const open = await socket(0)
    expect(await open.command('connect')).not.toHaveProperty('connect.token')
  })

  test('a closed channel says nothing more, and can be followed anew', async () => {
    const open = await connected()
    const following = channels.follow(START, follower)
    await joined(open)
    following.close()
    const { id } = await open.command('unsubscribe')
    told.length = 0
    channels.follow({ ...START, offset: 20 }, follower)
    open.frame({ id, unsubscribe: {} })
    await expect.poll(() => open.said.filter((one) => 'subscribe' in one).length, { timeout: 20_000 }).toBe(2)
    expect(await open.command('subscribe')).toMatchObject({ subscribe: { offset: 20 } })
  })
})
