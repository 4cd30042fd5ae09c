import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Gate, heldStore, ReadCount, tapped } from './gates.ts'
import { amountsOf, BANK_QUERY } from './picture-check.ts'
import { RunningBank, until } from './running-bank.ts'

/** A transaction of `moveMuch`: 40 accounts and an entry of the ledger, in two messages of rows and a commit. */
const ROWS = 41
const MESSAGES = 3
/** A reader of a stream gets so many messages at once at most (port `Bus`). */
const BATCH = 1_000
/** What a graph reads ahead, and what its outputs under way may come from: four appends, one step that waits, ≤ 10,000 rows each. */
const AHEAD_ROWS = 40_000
const UNDER_WAY_ROWS = 6 * 10_000
const RING_BYTES = 100_000
/** Transactions while the store is held: several times what the ring may hold. */
const ROUNDS = 200
/** Lists that the slow client follows: a frame of a transaction has all of them. */
const LISTS = 300

/** Held work is counted, not timed: when a reader has stopped asking for more, what it has been given is what it may have in flight. */
describe('law 12, bound: memory in flight is bounded by configuration', () => {
  test('a bus that takes no outputs: the graph stops reading its source', async () => {
    const gate = new Gate()
    const read = new ReadCount()
    const tap = { holds: { stream: 'SF_GRAPH_bank', gate }, counts: { stream: 'SF_SRC_vault', count: read } }
    await using ring = await RunningBank.start({ gate, busOf: (role, bus) => (role === 'graph' ? tapped(bus, tap) : bus) })
    await ring.ready()
    const page = ring.client(await ring.token()).page(BANK_QUERY)
    const bound = ((AHEAD_ROWS + UNDER_WAY_ROWS) / ROWS) * MESSAGES + BATCH
    gate.shut()
    const before = read.messages
    const written = await moveBehind(ring, bound)
    await until('the graph has no room, or has read everything', () => !read.isHungry || read.messages - before >= written)
    expect(read.messages - before).toBeLessThan(bound)
    gate.open()
    await until('everything comes through', () => amountsOf(page.picture) === ring.bank.amounts, 90_000)
    expect(ring.log.errors).toEqual([])
  })

  test('a store that takes nothing: the store role stops reading, and the gateway keeps no more than its ring', async () => {
    const gate = new Gate()
    const read = new ReadCount()
    await using ring = await RunningBank.start({
      gate,
      limits: { ringBytes: RING_BYTES, holdMs: 100 },
      storeOf: (store) => heldStore(store, () => gate.pass()),
      busOf: (role, bus) => (role === 'store' ? tapped(bus, { counts: { stream: 'SF_GRAPH_bank', count: read } }) : bus),
    })
    await ring.ready()
    const token = await ring.token()
    // Windows run short and would be read anew, lists overflow and are reset: both wait for the store.
    const page = ring.client(token).page(BANK_QUERY)
    await until('the page is live', () => page.picture.state === 'live')
    gate.shut()
    const before = read.messages
    let ringBytes = 0
    let written = 0
    for (let n = 0; n < ROUNDS; n++) {
      written += await moveAndCompute(ring)
      ringBytes = Math.max(ringBytes, ring.serve.metrics().graphs['bank']?.ringBytes ?? 0)
    }
    await until('the store role has no room', () => gate.held > 0 && !read.isHungry)
    expect(read.messages - before).toBeLessThan(written / 2)
    // Pinned by a read that waits, the ring may be four times its size, and one transaction more.
    expect(ringBytes).toBeGreaterThan(0)
    expect(ringBytes).toBeLessThan(RING_BYTES * 4 + 50_000)
    gate.open()
    await until('everything comes through', () => amountsOf(page.picture) === ring.bank.amounts, 90_000)
  })

  test('a client that reads nothing is dropped when its queue is full; others are not hurt', async () => {
    await using ring = await RunningBank.start({ limits: { queueBytes: 100_000, aliases: LISTS, tokens: 100 * LISTS, cost: 1e9 } })
    await ring.ready()
    const token = await ring.token()
    const page = ring.client(token).page(BANK_QUERY)
    await until('the page is live', () => page.picture.state === 'live')
    const slow = await SlowClient.follow(ring, token, LISTS)
    const followed = (): number => ring.serve.metrics().subscriptions
    slow.stopReading()
    // What the kernel takes by itself is some megabytes; a frame here has several hundred kB.
    for (let n = 0; n < 400 && followed() >= LISTS; n++) {
      await ring.bank.moveMuch(1)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await until('the slow one is dropped', () => followed() < LISTS)
    expect(followed()).toBeLessThan(LISTS)
    await until('the other one goes on', () => page.picture.state === 'live' && amountsOf(page.picture) === ring.bank.amounts)
  })
})

/** Writes until there is much more than the bound; how many messages it was. */
async function moveBehind(ring: RunningBank, bound: number): Promise<number> {
  const transactions = Math.ceil((bound * 2) / MESSAGES)
  await ring.bank.moveMuch(transactions)
  return transactions * MESSAGES
}

/** One transaction more; how many messages the graph wrote of it. */
async function moveAndCompute(ring: RunningBank): Promise<number> {
  const before = (await ring.bus.range('SF_GRAPH_bank')).last
  await ring.bank.moveMuch(1)
  for (;;) {
    const { last } = await ring.bus.range('SF_GRAPH_bank')
    if (last > before) return last - before
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** A bare socket that follows so many lists of all accounts. */
class SlowClient {
  readonly #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  static async follow(ring: RunningBank, token: string, lists: number): Promise<SlowClient> {
    const fields = Array.from({ length: lists }, (_, i) => `a${i}: accounts(where: {n: {_gt: ${-i}}}) { id owner amount n }`)
    const answer = await ring.ask<Answer>(token, `{ ${fields.join(' ')} }`)
    const socket = new WebSocket(ring.serve.realtimeUrl)
    let replies = 0
    socket.on('message', (data) => (replies += (data as Buffer).toString('utf8').split('\n').length))
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ id: 1, connect: { token } }))
    await until('it is connected', () => replies > 0)
    Object.values(answer.extensions.live).forEach(({ channel, token: lease, epoch, offset }, i) => {
      socket.send(JSON.stringify({ id: i + 2, subscribe: { channel, token: lease, recover: true, epoch, offset } }))
    })
    await until('it follows', () => replies > lists)
    return new SlowClient(socket)
  }

  stopReading(): void {
    this.#socket.pause()
  }
}

interface Answer {
  readonly extensions: {
    readonly live: Readonly<
      Record<string, { readonly channel: string; readonly token: string; readonly epoch: string; readonly offset: number }>
    >
  }
}
