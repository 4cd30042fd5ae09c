import { randomUUID } from 'node:crypto'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Claims } from '@sheetflow/core/ports/host'
import { CLOSES, ERRORS } from './codes.ts'
import type { CloseReason, ProtocolError } from './codes.ts'
import type { KeyedCounts } from './keyed-counts.ts'
import { Outlet } from './outbox.ts'
import type { Outbox, Wire } from './outbox.ts'
import { errorText, parseFrame, PING_TEXT, replyText } from './protocol.ts'
import type { ClientCommand } from './protocol.ts'
import { callRpc } from './rpc.ts'
import type { GatewayServices } from './services.ts'
import { Subscriptions } from './subscriptions.ts'
import { VERSION } from '../version.ts'

/** What a connection may say before it is verified: so many times the greatest frame. */
const EARLY_FRAMES = 2
/** Seconds that a connection lives behind its token's end, for the client to bring a new one. */
const GRACE_SECONDS = 25

/**
 * One connection of the Centrifugo client protocol (JSON over WebSocket).
 *
 * ```
 *  new ──connect──▶ connecting ──token verified──▶ open ──close code──▶ closed
 *   └──any other command: 3501, silence: 3502          └──errors of single commands leave it open
 * ```
 */
export class Connection {
  readonly id: string = randomUUID()
  readonly outlet: Outlet
  readonly #services: GatewayServices
  readonly #outbox: Outbox
  readonly #users: KeyedCounts
  readonly #subscriptions: Subscriptions
  readonly #opened: number
  #state: 'new' | 'connecting' | 'open' | 'closed' = 'new'
  #claims: Claims | null = null
  #waiting: ClientCommand[] = []
  #earlyChars = 0
  #calls = 0
  #nextPing = Infinity
  #pongDue = Infinity

  /** `users`: how many connections each user has. */
  constructor(wire: Wire, outbox: Outbox, services: GatewayServices, users: KeyedCounts) {
    this.outlet = new Outlet(wire)
    this.#outbox = outbox
    this.#users = users
    this.#services = services
    this.#opened = services.clock.now()
    this.#subscriptions = new Subscriptions(services, {
      send: (text) => this.#send(text),
      close: (reason) => this.close(reason),
    })
  }

  /** The verified user, once the connection is open. */
  get user(): string | null {
    return this.#claims?.user ?? null
  }

  get subscriptions(): number {
    return this.#subscriptions.size
  }

  /** One text frame of the client. */
  receive(frame: string): void {
    if (this.#state === 'closed') return
    if (this.#state !== 'open') this.#earlyChars += frame.length
    const commands = this.#earlyChars > EARLY_FRAMES * this.#services.limits.frameBytes ? null : parseFrame(frame)
    if (commands === null) {
      this.close(CLOSES.badRequest)
      return
    }
    for (const command of commands) this.#take(command)
  }

  /** Sends what waits, then the close code. */
  close({ code, reason }: CloseReason): void {
    if (this.#state === 'closed') return
    this.#outbox.drain(this.outlet)
    this.closed()
    this.outlet.wire.close(code, reason)
  }

  /** The socket is gone. */
  closed(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    if (this.user !== null) this.#users.leave(this.user)
    this.#waiting = []
    this.#subscriptions.clear()
  }

  /** Pings, and ends what has been silent or unverified for too long. Called about once a second. */
  tick(): void {
    const { clock, limits } = this.#services
    const now = clock.now()
    if (this.#state === 'new' || this.#state === 'connecting') {
      if (now - this.#opened > limits.authMs) this.close(CLOSES.stale)
      return
    }
    if (this.#state === 'closed') return
    if (now >= this.#pongDue) this.close(CLOSES.noPong)
    else if (now / 1_000 > (this.#claims?.expires ?? Infinity) + GRACE_SECONDS) this.close(CLOSES.expired)
    else this.#ping(now)
  }

  #ping(now: number): void {
    this.#subscriptions.expire()
    if (now < this.#nextPing) return
    this.#nextPing = now + this.#services.limits.pingMs
    this.#pongDue = now + this.#services.limits.pongMs
    this.#send(PING_TEXT)
  }

  #take(command: ClientCommand): void {
    switch (this.#state) {
      case 'closed':
        return
      case 'new':
        if (command.kind === 'connect') void this.#connect(command)
        else this.close(CLOSES.badRequest)
        return
      case 'connecting':
        this.#waiting.push(command)
        return
      case 'open':
        if (this.#claims !== null) this.#run(command, this.#claims)
    }
  }

  #run(command: ClientCommand, claims: Claims): void {
    switch (command.kind) {
      case 'pong':
        if (this.#pongDue === Infinity) this.close(CLOSES.badRequest)
        this.#pongDue = Infinity
        return
      case 'subscribe':
        this.#subscriptions.subscribe(command.id, command.request, claims)
        return
      case 'unsubscribe':
        this.#subscriptions.unsubscribe(command.id, command.channel)
        return
      case 'sub_refresh':
        this.#subscriptions.refresh(command.id, command.channel, command.token, claims)
        return
      case 'refresh':
        this.#call(command.id, () => this.#refresh(command.id, command.token))
        return
      case 'rpc':
        this.#call(command.id, () => callRpc(this.#services, command, claims).then((text) => this.#send(text)))
        return
      case 'connect':
        this.close(CLOSES.badRequest)
        return
      case 'other':
        this.#send(errorText(command.id, ERRORS.notAvailable))
        break
      case 'send':
        break
    }
  }

  /** Runs what takes time; too much of it at once is refused. */
  #call(id: number, run: () => Promise<void>): void {
    if (this.#calls >= this.#services.limits.callsPerConnection) {
      this.#send(errorText(id, ERRORS.tooManyRequests))
      return
    }
    this.#calls += 1
    void run().finally(() => (this.#calls -= 1))
  }

  async #connect(command: { readonly id: number; readonly token: string | null }): Promise<void> {
    this.#state = 'connecting'
    const claims = await this.#authenticate(command.token)
    if (this.#isClosed()) return
    if ('code' in claims) {
      if (claims.code === CLOSES.invalidToken.code) this.close(CLOSES.invalidToken)
      else this.#refuse(command.id, claims)
      return
    }
    if (claims.user !== null && !this.#users.enter(claims.user)) {
      this.close(CLOSES.tooMany)
      return
    }
    this.#claims = claims
    this.#state = 'open'
    // Spread over the ping time, so that pings of connections that came together do not.
    this.#nextPing = this.#services.clock.now() + this.#services.limits.pingMs * (0.5 + Math.random() / 2)
    this.#send(replyText(command.id, 'connect', this.#connected(claims)))
    const waiting = this.#waiting
    this.#waiting = []
    for (const next of waiting) this.#take(next)
  }

  /** The client may connect once more, with another token. */
  #refuse(id: number, error: ProtocolError): void {
    this.#state = 'new'
    this.#waiting = []
    this.#send(errorText(id, error))
  }

  async #refresh(id: number, token: string): Promise<void> {
    const claims = await this.#authenticate(token)
    if (this.#isClosed()) return
    if ('code' in claims) {
      if (claims.code === CLOSES.invalidToken.code) this.close(CLOSES.invalidToken)
      else this.#send(errorText(id, claims))
    } else if (claims.user !== this.user) this.close(CLOSES.invalidToken)
    else {
      this.#claims = claims
      this.#send(replyText(id, 'refresh', this.#lifetime(claims)))
    }
  }

  /** Who it is, or why not: `CLOSES.invalidToken` for what is no token at all. */
  async #authenticate(token: string | null): Promise<Claims | ProtocolError> {
    if (token === null) {
      return this.#services.anonymous ? { user: null, role: null, expires: null, all: {} } : ERRORS.unauthorized
    }
    try {
      return await this.#services.identity.claims(token)
    } catch (error) {
      if (isSheetflowError(error) && error.details['expired'] === true) return ERRORS.tokenExpired
      // Who cannot be verified now shall come again: 3500 would send it off for good.
      if (isSheetflowError(error) && error.retry === 'later') return ERRORS.internal
      if (isSheetflowError(error, 'access/unauthenticated')) return { code: CLOSES.invalidToken.code, message: CLOSES.invalidToken.reason }
      this.#services.log.error('identity failed', { error: String(error) })
      return ERRORS.internal
    }
  }

  #connected(claims: Claims): Readonly<Record<string, unknown>> {
    const { limits } = this.#services
    return { ...this.#lifetime(claims), ping: Math.ceil(limits.pingMs / 1_000), pong: true, session: this.id, node: 'sheetflow' }
  }

  #lifetime(claims: Claims): Readonly<Record<string, unknown>> {
    const head = { client: this.id, version: VERSION }
    if (claims.expires === null) return head
    return { ...head, expires: true, ttl: Math.max(1, Math.ceil(claims.expires - this.#services.clock.now() / 1_000)) }
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #send(text: string): void {
    if (this.#state !== 'closed') this.#outbox.put(this.outlet, text)
  }
}
