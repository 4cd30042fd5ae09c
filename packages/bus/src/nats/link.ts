import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import {
  connect,
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  type Authenticator,
  type NatsConnection,
  type TlsOptions,
} from '@nats-io/transport-node'
import { SheetflowError } from '@sheetflow/core/errors'
import { Acks } from './acks.ts'
import { closeConnection } from './close-connection.ts'
import { featuresOf, OLDEST_SERVER, type Features } from './features.ts'
import { PATIENCE_MS, REQUEST_MS, RETRY_MS } from './limits.ts'

/** JetStream is not available: a cluster without a leader. */
const NO_LEADER = 10_008

/** Where the servers are and who we are there. */
export interface LinkOptions {
  /** `nats://host:4222` or `tls://…`, one or some of a cluster: the others are learnt from it. */
  readonly servers: readonly string[]
  /** Seen in the server's list of connections. */
  readonly name?: string
  /** One of: user and password, a token, an nkey seed, a JWT with its seed, the text of a `.creds` file. */
  readonly user?: string
  readonly password?: string
  readonly token?: string
  readonly nkey?: string
  readonly jwt?: string
  readonly creds?: string
  readonly tls?: LinkTls
  /** False: appends of several messages are sent one by one also where the server has atomic batches. */
  readonly batches?: boolean
  /** How long to wait for a server that is away; default a minute. */
  readonly patienceMs?: number
}

/** Files in PEM format. Without any, `tls://` asks for a certificate that the system trusts. */
export interface LinkTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** The server speaks TLS from the first byte on. */
  readonly first?: boolean
}

/** One connection to the servers: questions to JetStream, acknowledgements, and news of cuts. Reconnects by itself for ever. */
export class Link implements AsyncDisposable {
  readonly nc: NatsConnection
  readonly manager: JetStreamManager
  readonly features: Features
  readonly acks: Acks
  readonly patienceMs: number
  /** Aborts when the link is closed by us. */
  readonly closing: AbortController = new AbortController()
  readonly #onCut = new Set<() => void>()
  readonly #onUp = new Set<() => void>()
  #isUp = true

  constructor(nc: NatsConnection, manager: JetStreamManager, features: Features, patienceMs: number) {
    this.nc = nc
    this.manager = manager
    this.features = features
    this.patienceMs = patienceMs
    this.acks = new Acks(nc)
    void this.#watch()
  }

  /** Largest message that the server takes, headers included. */
  get maxPayload(): number {
    return this.nc.info?.max_payload ?? 1024 * 1024
  }

  /** Calls back at each loss of the connection: what is under way may be lost. Returns what ends that. */
  onCut(listener: () => void): () => void {
    this.#onCut.add(listener)
    return () => void this.#onCut.delete(listener)
  }

  /** Resolves when there is a connection; `bus/unavailable` if there is none for `patienceMs`. What is sent without one is lost. */
  async connected(): Promise<void> {
    if (this.#isUp || this.closing.signal.aborted) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(away()), this.patienceMs)
      const up = (): void => {
        clearTimeout(timer)
        this.#onUp.delete(up)
        resolve()
      }
      this.#onUp.add(up)
    })
  }

  /**
   * Asks until there is an answer: a server that restarts or elects a leader is waited for. An answer that is an error is passed on at once.
   * Throws the last failure after `patienceMs`, or when the link closes.
   */
  async patiently<T>(ask: () => Promise<T>, signal: AbortSignal = this.closing.signal): Promise<T> {
    const deadline = performance.now() + this.patienceMs
    for (;;) {
      try {
        await this.connected()
        return await this.#unlessCut(ask)
      } catch (error) {
        if (!isPassing(error) || this.nc.isClosed() || signal.aborted || performance.now() > deadline) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort()
    for (const up of this.#onUp) up()
    await closeConnection(this.nc)
  }

  /** The answer; a question whose connection is cut gets none, so it fails at once. */
  async #unlessCut<T>(ask: () => Promise<T>): Promise<T> {
    const { promise: cut, reject } = Promise.withResolvers<never>()
    const off = this.onCut(() => reject(new Cut()))
    const asked = ask()
    asked.catch(() => undefined)
    try {
      return await Promise.race([asked, cut])
    } finally {
      off()
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.nc.status()) {
      if (type === 'disconnect' || type === 'close') {
        this.#isUp = false
        for (const listener of this.#onCut) listener()
      } else if (type === 'reconnect') {
        this.#isUp = true
        for (const up of this.#onUp) up()
      }
    }
  }
}

/** Connects. Errors: `bus/unavailable` if no server answers, refuses us, is too old or has no JetStream. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const nc = await connected(options)
  try {
    const version = nc.info?.version ?? ''
    const features = featuresOf(version)
    if (features === null) {
      const fix = `Upgrade the server to ${OLDEST_SERVER} or newer.`
      throw new SheetflowError('bus/unavailable', `the NATS server is of version ${version}`, { fix })
    }
    const patienceMs = options.patienceMs ?? PATIENCE_MS
    const manager = await jetstreamManager(nc, { timeout: REQUEST_MS, checkAPI: false })
    await answers(manager, patienceMs)
    return new Link(nc, manager, options.batches === false ? { ...features, atomicBatches: false } : features, patienceMs)
  } catch (error) {
    await closeConnection(nc)
    if (error instanceof SheetflowError) throw error
    throw new SheetflowError('bus/unavailable', `the NATS server has no JetStream for this user: ${textOf(error)}`, {
      retry: 'later',
      fix: 'Start it with `-js`, or with a block `jetstream` in its configuration and in the account of this user.',
      cause: error,
    })
  }
}

/** Waits for a cluster that elects its leader; a server that has no JetStream says so at once. */
async function answers(manager: JetStreamManager, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      await manager.getAccountInfo()
      return
    } catch (error) {
      const isElecting = error instanceof Error && (error.name === 'TimeoutError' || ('code' in error && error.code === NO_LEADER))
      if (!isElecting || performance.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

async function connected(options: LinkOptions): Promise<NatsConnection> {
  const { servers, user, password, token, tls } = options
  const authenticator = authenticatorOf(options)
  try {
    return await connect({
      servers: [...servers],
      name: options.name ?? 'sheetflow',
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      // A user who is refused twice in a row may be known again after the servers' next reload.
      ignoreAuthErrorAbort: true,
      pingInterval: 10_000,
      maxPingOut: 3,
      timeout: REQUEST_MS,
      ...(user === undefined ? {} : { user, pass: password ?? '' }),
      ...(token === undefined ? {} : { token }),
      ...(authenticator === null ? {} : { authenticator }),
      ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    })
  } catch (error) {
    throw new SheetflowError(
      'bus/unavailable',
      `no NATS server of ${servers.map(withoutSecret).join(', ')} can be used: ${textOf(error)}`,
      {
        retry: 'later',
        fix: 'Check the addresses, that the server runs, and user, credentials and certificates of `bus`.',
        cause: error,
      },
    )
  }
}

function authenticatorOf({ creds, jwt, nkey }: LinkOptions): Authenticator | null {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  if (creds !== undefined) return credsAuthenticator(bytes(creds))
  if (jwt !== undefined) return jwtAuthenticator(jwt, nkey === undefined ? undefined : bytes(nkey))
  return nkey === undefined ? null : nkeyAuthenticator(bytes(nkey))
}

function tlsOf({ ca, cert, key, first }: LinkTls): TlsOptions {
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
    ...(first === true ? { handshakeFirst: true } : {}),
  }
}

/** The connection went while somebody waited for an answer. */
export class Cut extends SheetflowError {
  constructor() {
    super('bus/unavailable', 'the connection to the NATS server was cut', { retry: 'now' })
  }
}

function away(): SheetflowError {
  return new SheetflowError('bus/unavailable', 'there is no connection to the NATS server', {
    retry: 'later',
    fix: 'Check that the server runs and can be reached; it is tried for all the time.',
  })
}

/** Will the same question perhaps be answered a moment later? */
function isPassing(error: unknown): boolean {
  if (error instanceof Cut) return true
  const name = error instanceof Error ? error.name : ''
  if (['TimeoutError', 'NoRespondersError', 'RequestError', 'ConnectionError', 'JetStreamNotEnabled'].includes(name)) return true
  // 10076: the account is not set up yet, while a server starts.
  const code = error instanceof Error && 'code' in error ? error.code : 0
  return code === NO_LEADER || code === 10_076
}

function withoutSecret(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
