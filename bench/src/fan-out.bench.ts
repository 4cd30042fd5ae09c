import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { startChild } from './lib/child.ts'
import type { Child } from './lib/child.ts'
import { compare, timed } from './lib/measure.ts'
import type { Contender, Figure } from './lib/measure.ts'
import { ORDERS, orderRow, startServing } from './lib/serving.ts'
import type { Serving } from './lib/serving.ts'
import type { CrowdAnswer, CrowdTask } from './lib/socket-crowd.ts'

/**
 * Publications of 200 bytes to 1,000 sockets of one live list, 10 a frame. Each of ours is a transaction read from the graph's stream, decoded,
 * routed and projected; the rival's bytes lie ready. The sockets live in another process: the CPU is the server's alone (the kernel's share of
 * sending included, as loopback charges it).
 */
export default async function* fanOut(): AsyncIterable<Figure> {
  await using serving = await startServing(ORDERS_THERE)
  await using plain = await startPlain()
  using ours = startCrowd()
  using theirs = startCrowd()
  await ours.ask({ kind: 'join', url: serving.serve.realtimeUrl, sockets: SOCKETS, hello: await helloOf(serving) })
  await theirs.ask({ kind: 'join', url: plain.url, sockets: SOCKETS })
  yield* await compare({
    bench: 'fan-out',
    case: `200 B to 1,000 sockets, 10 a frame`,
    unit: 'deliveries/CPU-s',
    perCpuSecond: true,
    contenders: [sheetflow(serving, ours), plainSend(plain, theirs), plainFrames(plain, theirs)],
  })
}

const ORDERS_THERE = 100
const SOCKETS = 1_000
const PER_FRAME = 10
const FRAMES = 40
const ITEMS = SOCKETS * PER_FRAME * FRAMES

type Crowd = Child<CrowdTask, CrowdAnswer>

function startCrowd(): Crowd {
  return startChild(new URL('lib/socket-crowd.ts', import.meta.url))
}

/** What a client says first: connect, and subscribe to the list of all orders. */
async function helloOf({ serve, token }: Serving): Promise<string[]> {
  const response = await fetch(`${serve.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ orders { id customer_id customer status total lines placed_at note } }' }),
  })
  const { extensions } = (await response.json()) as {
    extensions: { live: { orders: { channel: string; token: string; epoch: string; offset: number } } }
  }
  const { channel, token: subscription, epoch, offset } = extensions.live.orders
  return [
    JSON.stringify({ id: 1, connect: { token } }),
    JSON.stringify({ id: 2, subscribe: { channel, token: subscription, recover: true, epoch, offset } }),
  ]
}

/** Each transaction updates one order so that its publication is 200 bytes long. */
function sheetflow({ writer }: Serving, crowd: Crowd): Contender {
  let version = 0
  return {
    who: 'sheetflow',
    run: () =>
      timed(ITEMS, async () => {
        for (let frame = 0; frame < FRAMES; frame++) {
          for (let i = 0; i < PER_FRAME; i++) {
            version += 1
            const before = orderRow(i)
            const after = [...before.slice(0, 7), `as ordered, version ${version} ${'.'.repeat(86)}`]
            writer.write({ rows: { [ORDERS.table]: [['u', [String(i)], after, before]] } })
          }
          await crowd.ask({ kind: 'received', each: PER_FRAME })
        }
      }),
  }
}

interface Plain extends AsyncDisposable {
  readonly url: string
  readonly sockets: ReadonlySet<WebSocket>
}

async function startPlain(): Promise<Plain> {
  const http = createServer()
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    sockets: server.clients,
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await new Promise((closed) => http.close(closed))
    },
  }
}

const PUBLICATION = 'x'.repeat(200)

/** What people write first: each publication sent to each socket. */
function plainSend({ sockets }: Plain, crowd: Crowd): Contender {
  return {
    who: 'ws, send() each',
    run: () =>
      timed(ITEMS, async () => {
        for (let frame = 0; frame < FRAMES; frame++) {
          for (let i = 0; i < PER_FRAME; i++) for (const socket of sockets) socket.send(PUBLICATION)
          await crowd.ask({ kind: 'received', each: PER_FRAME })
        }
      }),
  }
}

/** The limit of this library: ten publications joined once, one send for each socket. */
function plainFrames({ sockets }: Plain, crowd: Crowd): Contender {
  return {
    who: 'limit: ws, 10 joined once',
    run: () =>
      timed(ITEMS, async () => {
        for (let frame = 0; frame < FRAMES; frame++) {
          const joined = Buffer.from(Array.from({ length: PER_FRAME }, () => PUBLICATION).join('\n'))
          for (const socket of sockets) socket.send(joined, { binary: false })
          await crowd.ask({ kind: 'received', each: PER_FRAME })
        }
      }),
  }
}
