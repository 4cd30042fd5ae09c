import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { RawData, WebSocket } from 'ws'
import { CLOSES } from './codes.ts'
import { Connection } from './connection.ts'
import { KeyedCounts } from './keyed-counts.ts'
import { isAllowedOrigin } from './origin.ts'
import { Outbox } from './outbox.ts'
import type { Outlet, Wire } from './outbox.ts'
import type { GatewayServices } from './services.ts'

/** Where the official clients connect to. */
export const WEBSOCKET_PATH = '/connection/websocket'

const TICK_MS = 1_000
const DRAIN_STEP_MS = 20
/** How long a closed peer may take to say goodbye. */
const GOODBYE_MS = 5_000

/** The realtime gateway: Centrifugo's client protocol in JSON over WebSockets, on the paths of an HTTP server. */
export class Gateway {
  readonly #services: GatewayServices
  readonly #origins: readonly string[]
  readonly #server: WebSocketServer
  readonly #outbox: Outbox
  readonly #connections = new Map<Outlet, Connection>()
  readonly #addresses: KeyedCounts
  readonly #users: KeyedCounts
  readonly #timer: NodeJS.Timeout
  #draining = false

  /** `origins`: pages of other hosts that may connect (`https://app.example.com`); `*` = all. */
  constructor(services: GatewayServices, origins: readonly string[]) {
    this.#services = services
    this.#origins = origins
    this.#addresses = new KeyedCounts(services.limits.connectionsPerAddress)
    this.#users = new KeyedCounts(services.limits.connectionsPerUser)
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: services.limits.frameBytes,
      clientTracking: false,
    })
    this.#outbox = new Outbox(services.limits, (outlet) => this.#connections.get(outlet)?.close(CLOSES.slow))
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#timer.unref()
  }

  /** Takes the upgrades of `server` to its path; others are refused. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Connections that are open. */
  get size(): number {
    return this.#connections.size
  }

  metrics(): { readonly connections: number; readonly subscriptions: number } {
    let subscriptions = 0
    for (const connection of this.#connections.values()) subscriptions += connection.subscriptions
    return { connections: this.#connections.size, subscriptions }
  }

  /** Takes no more connections, and ends those that there are, evenly over `ms`. */
  drain(ms: number): void {
    this.#draining = true
    const leaving = [...this.#connections.values()]
    const size = leaving.length
    const { clock } = this.#services
    const startedAt = clock.now()
    const timer = setInterval(() => {
      const done = Math.min(1, (clock.now() - startedAt) / ms)
      while (leaving.length > 0 && leaving.length > Math.ceil((1 - done) * size)) leaving.pop()?.close(CLOSES.shutdown)
      if (leaving.length === 0) clearInterval(timer)
    }, DRAIN_STEP_MS)
    timer.unref()
  }

  /** Ends all connections; clients connect again, elsewhere or later. */
  close(): void {
    clearInterval(this.#timer)
    for (const connection of this.#connections.values()) connection.close(CLOSES.shutdown)
    this.#server.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', destroyThis)
    const path = (request.url ?? '').split('?', 1)[0]
    const address = addressOf(request)
    if (path !== WEBSOCKET_PATH) refuse(socket, '404 Not Found')
    else if (!isAllowedOrigin(request.headers.origin, request.headers.host, this.#origins)) refuse(socket, '403 Forbidden')
    else if (this.#draining || !this.#hasRoom(address)) refuse(socket, '503 Service Unavailable')
    else this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, address))
  }

  #hasRoom(address: string): boolean {
    return this.#connections.size < this.#services.limits.connections && this.#addresses.hasRoom(address)
  }

  #accept(socket: WebSocket, address: string): void {
    const connection = new Connection(new SocketWire(socket), this.#outbox, this.#services, this.#users)
    this.#connections.set(connection.outlet, connection)
    this.#addresses.enter(address)
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) connection.close(CLOSES.badRequest)
      else connection.receive(textOf(data))
    })
    socket.on('error', ignore)
    socket.on('close', () => this.#closed(connection, address))
  }

  #closed(connection: Connection, address: string): void {
    connection.closed()
    this.#connections.delete(connection.outlet)
    this.#addresses.leave(address)
  }

  #tick(): void {
    for (const connection of this.#connections.values()) connection.tick()
  }
}

/** A WebSocket as the outbox writes to it. */
class SocketWire implements Wire {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    this.#socket = socket
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  send(frame: Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame, { binary: false })
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
    // A peer that is slow, or gone, does not answer a close frame.
    setTimeout(() => this.#socket.terminate(), GOODBYE_MS).unref()
  }
}

/** A listener that holds nothing: a closure here would keep the request, with its headers, as long as the connection lives. */
function destroyThis(this: Duplex): void {
  this.destroy()
}

/** An error (a frame too long, bytes that are no UTF-8, a reset) is followed by `close`. */
function ignore(): void {
  // Nothing is left to do.
}

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? ''
}

function textOf(data: RawData): string {
  return Buffer.isBuffer(data)
    ? data.toString('utf8')
    : Array.isArray(data)
      ? Buffer.concat(data).toString('utf8')
      : Buffer.from(data).toString('utf8')
}

/** The socket is ours alone: nobody else ends it if the peer does not. */
function refuse(socket: Duplex, status: string): void {
  socket.once('finish', destroyThis)
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
