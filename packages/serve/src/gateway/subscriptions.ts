import type { Claims } from '@sheetflow/core/ports/host'
import type { Channel } from '../live/channel.ts'
import { Delivery } from '../live/delivery.ts'
import { join } from '../live/join.ts'
import type { Joined } from '../live/join.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { SubscriptionClaims } from '../live/subscription-jwt.ts'
import { CLOSES, ERRORS, UNSUBSCRIBE_EXPIRED } from './codes.ts'
import type { CloseReason, ProtocolError } from './codes.ts'
import { errorText, replyText, subscribeText, unsubscribeText } from './protocol.ts'
import type { SubscribeRequest } from './protocol.ts'
import type { GatewayServices } from './services.ts'

/** Seconds that a subscription lives behind its token's end, for the client to bring a new one. */
const GRACE_SECONDS = 25

/** The way back to the connection. */
export interface SubscriptionSink {
  send(text: string): void
  close(reason: CloseReason): void
}

interface Subscription {
  readonly hub: LiveHub
  readonly delivery: Delivery
  /** null while it is being joined. */
  channel: Channel | null
  expires: number
}

/** The subscriptions of one connection. A channel is entered only with a token that this server signed for this user (S07). */
export class Subscriptions {
  readonly #services: GatewayServices
  readonly #sink: SubscriptionSink
  readonly #byChannel = new Map<string, Subscription>()
  readonly #deliveries = new Map<LiveHub, Delivery>()
  /** Channels whose last subscribe was answered by 112. Rare, so made when there is one: connections are many. */
  #behind: Set<string> | null = null

  constructor(services: GatewayServices, sink: SubscriptionSink) {
    this.#services = services
    this.#sink = sink
  }

  get size(): number {
    return this.#byChannel.size
  }

  subscribe(id: number, request: SubscribeRequest, claims: Claims): void {
    const error = this.#refusal(request)
    if (error !== null) {
      this.#sink.send(errorText(id, error))
      return
    }
    const token = this.#verify(request.channel, request.token, claims)
    const hub = 'code' in token ? undefined : this.#services.hubOf(token.sf.view)
    if ('code' in token || hub === undefined) this.#sink.send(errorText(id, 'code' in token ? token : ERRORS.unrecoverable))
    else this.#join(id, request, token, hub)
  }

  unsubscribe(id: number, channel: string): void {
    this.#leave(channel)
    this.#sink.send(replyText(id, 'unsubscribe', {}))
  }

  /** A new token for a running subscription. */
  refresh(id: number, channel: string, text: string, claims: Claims): void {
    const subscription = this.#byChannel.get(channel)
    const token = this.#verify(channel, text, claims)
    if (subscription === undefined || 'code' in token) {
      this.#sink.send(errorText(id, 'code' in token ? token : ERRORS.badRequest))
      return
    }
    subscription.expires = token.exp
    this.#sink.send(replyText(id, 'sub_refresh', { expires: true, ttl: this.#ttl(token) }))
  }

  /** Ends what has no valid token any more. */
  expire(): void {
    const now = this.#services.clock.now() / 1_000
    for (const [channel, { expires }] of this.#byChannel) {
      if (expires + GRACE_SECONDS > now) continue
      this.#leave(channel)
      this.#sink.send(unsubscribeText(channel, UNSUBSCRIBE_EXPIRED))
    }
  }

  /** The connection is gone. */
  clear(): void {
    for (const channel of this.#byChannel.keys()) this.#leave(channel)
  }

  #refusal(request: SubscribeRequest): ProtocolError | null {
    if (request.channel === '') return ERRORS.badRequest
    if (request.token === '') return ERRORS.denied
    if (this.#byChannel.has(request.channel)) return ERRORS.alreadySubscribed
    return this.#byChannel.size >= this.#services.limits.channelsPerConnection ? ERRORS.limit : null
  }

  #verify(channel: string, text: string, claims: Claims): SubscriptionClaims | ProtocolError {
    const token = this.#services.tokens.verify(text)
    if (token === null || token.channel !== channel || token.sub !== (claims.user ?? '')) return ERRORS.denied
    return this.#ttl(token) <= 0 ? ERRORS.tokenExpired : token
  }

  #ttl(token: SubscriptionClaims): number {
    return Math.ceil(token.exp - this.#services.clock.now() / 1_000)
  }

  #join(id: number, request: SubscribeRequest, token: SubscriptionClaims, hub: LiveHub): void {
    const { channel: name, from } = request
    const delivery = this.#delivery(hub)
    const subscription: Subscription = { hub, delivery, channel: null, expires: token.exp }
    this.#byChannel.set(name, subscription)
    const wanted = (): boolean => this.#byChannel.get(name) === subscription
    join(hub, { name, description: token.sf, from, again: this.#behind?.has(name) === true, delivery, wanted }, (joined) => {
      if (wanted()) this.#answer(id, name, subscription, { joined, recovered: from !== null, ttl: this.#ttl(token) })
    })
  }

  #answer(
    id: number,
    name: string,
    subscription: Subscription,
    { joined, recovered, ttl }: { readonly joined: Joined; readonly recovered: boolean; readonly ttl: number },
  ): void {
    if (joined.kind === 'behind') {
      this.#byChannel.delete(name)
      this.#behind ??= new Set()
      this.#behind.add(name)
      this.#sink.send(errorText(id, ERRORS.unrecoverable))
      return
    }
    this.#behind?.delete(name)
    subscription.channel = joined.channel
    const { epoch, position, publications } = joined
    // The client counts on from `offset`, then from each publication: what was missed must not be behind it.
    const offset = publications.length === 0 ? position : joined.offset
    subscription.delivery.answer(position, subscribeText(id, { epoch, offset, recovered, ttl, publications }))
  }

  #leave(name: string): void {
    const subscription = this.#byChannel.get(name)
    if (subscription === undefined) return
    this.#byChannel.delete(name)
    if (subscription.channel !== null) subscription.hub.leave(subscription.channel, subscription.delivery)
  }

  #delivery(hub: LiveHub): Delivery {
    let delivery = this.#deliveries.get(hub)
    if (delivery === undefined) {
      delivery = new Delivery((text) => this.#sink.send(text), {
        chars: this.#services.limits.queueBytes,
        replyChars: this.#services.limits.replyBytes,
        exceeded: () => this.#sink.close(CLOSES.slow),
      })
      this.#deliveries.set(hub, delivery)
    }
    return delivery
  }
}
