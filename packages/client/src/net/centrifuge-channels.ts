import type { Publication } from '@sheetflow/core/wire'
import { Centrifuge, State, type Options, type Subscription } from 'centrifuge'
import type { Timers } from '../host.ts'
import type { Address, Addresses } from './addresses.ts'
import type { TokenSource } from './graphql-queries.ts'
import { splittingFrames } from './split-frames.ts'
import type { SocketClass } from './split-frames.ts'
import type { ChannelFollower, Channels, ChannelStart, Following, LinkState } from './transport.ts'

/** Unsubscribe codes from 2500 on mean: the client comes back by itself; those below are final for this channel. */
const FIRST_TEMPORARY_CODE = 2500
/** The connection has as many channels as it may have. */
const LIMIT_EXCEEDED = 106
/** After a refusal that the protocol calls final (another token is needed) we come back all the same, but slowly. */
const COME_BACK_MS = 2000

/** What a socket needs from its surroundings. */
export interface CentrifugeHost {
  readonly token: TokenSource
  readonly timers: Timers
  /** Only where there is none built in. */
  readonly webSocket?: unknown
}

/** Live channels over the official Centrifugo client: one socket, recovery from a position, tokens renewed by asking again. */
export class CentrifugeChannels implements Channels {
  readonly #client: Centrifuge
  readonly #timers: Timers
  readonly #listeners = new Set<(state: LinkState) => void>()
  #closed = false

  constructor(addresses: Addresses, host: CentrifugeHost) {
    const options: Partial<Options> = {
      // '' connects as nobody: whether that is allowed is the server's to say.
      getToken: async () => (await host.token()) ?? '',
      minReconnectDelay: 200,
      maxReconnectDelay: 5000,
    }
    this.#timers = host.timers
    // Without any the official client says what is missing.
    const Socket = (host.webSocket ?? globalThis.WebSocket) as SocketClass | undefined
    if (Socket !== undefined) options.websocket = splittingFrames(addresses.size > 1 ? dialler(addresses, Socket) : Socket, host.timers)
    this.#client = new Centrifuge(addresses.current.realtime, options)
    this.#client.on('state', () => {
      for (const listener of this.#listeners) listener(this.state)
    })
    this.#client.on('disconnected', () => {
      if (!this.#closed) host.timers.after(COME_BACK_MS, () => this.#comeBack())
    })
    // Without a listener an error would be thrown; each one is followed by another try, or by an event that we do listen to.
    this.#client.on('error', () => undefined)
    this.#client.connect()
  }

  get state(): LinkState {
    if (this.#client.state === State.Connected) return 'connected'
    return this.#client.state === State.Connecting ? 'connecting' : 'disconnected'
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  follow(start: ChannelStart, follower: ChannelFollower): Following {
    const left = this.#client.getSubscription(start.channel)
    if (left !== null) this.#drop(left)
    const subscription = this.#client.newSubscription(start.channel, {
      token: start.token,
      since: { offset: start.offset, epoch: start.epoch },
      // An empty token ends the subscription as unauthorised.
      getToken: async () => (await follower.renew()) ?? '',
    })
    this.#listen(subscription, follower)
    subscription.subscribe()
    return { close: () => this.#drop(subscription) }
  }

  /** Begins a new connection with another token, in a turn of its own: the news of it may come out of the middle of an attempt. */
  reconnect(): void {
    this.#timers.after(0, () => {
      if (this.#closed) return
      this.#client.setToken('')
      this.#client.disconnect()
      this.#client.connect()
    })
  }

  close(): void {
    this.#closed = true
    this.#listeners.clear()
    this.#client.disconnect()
  }

  #listen(subscription: Subscription, follower: ChannelFollower): void {
    subscription.on('publication', (context) => follower.onPublication(context.data as Publication))
    subscription.on('subscribing', () => follower.onCut())
    subscription.on('subscribed', (context) => {
      // Without recovery the position is lost: what happened in between is not known.
      if (context.wasRecovering && !context.recovered) follower.onLost('behind')
      else follower.onLive(context.streamPosition?.offset ?? null)
    })
    subscription.on('unsubscribed', ({ code }) => {
      if (code < FIRST_TEMPORARY_CODE) follower.onLost(code === LIMIT_EXCEEDED ? 'refused' : 'behind')
    })
    subscription.on('error', () => undefined)
  }

  #comeBack(): void {
    if (this.#closed || this.#client.state !== State.Disconnected) return
    // The token was refused: the next attempt asks for another.
    this.#client.setToken('')
    this.#client.connect()
  }

  #drop(subscription: Subscription): void {
    subscription.removeAllListeners()
    subscription.unsubscribe()
    this.#client.removeSubscription(subscription)
  }
}

/**
 * The official client knows one address, or a list in which it goes on only until the first of them has answered. This class of sockets goes where the server is now, whatever address it
 * is made with: a socket is made when the one before has ended, so that address is left first.
 */
function dialler(addresses: Addresses, Socket: SocketClass): SocketClass {
  let last: Address | null = null
  return class extends Socket {
    constructor(_url: string, protocols?: string | string[]) {
      if (last !== null) addresses.leave(last)
      last = addresses.current
      super(last.realtime, protocols)
    }
  }
}
