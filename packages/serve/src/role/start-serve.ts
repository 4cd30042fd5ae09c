import type { AcceptCommand } from '@sheetflow/core/ports/commands'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock, Identity, Log } from '@sheetflow/core/ports/host'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'
import { must } from '@sheetflow/core/assert'
import { Catalogue } from '../catalogue/catalogue.ts'
import { Gateway, WEBSOCKET_PATH } from '../gateway/gateway.ts'
import { Cursors } from '../graphql/cursor.ts'
import { GraphqlService } from '../graphql/graphql-service.ts'
import type { Operations } from '../graphql/operations.ts'
import { rightsIn } from '../graphql/rights.ts'
import { blobHandler, BlobUrls } from '../http/blob-handler.ts'
import { graphiqlHandler } from '../http/graphiql-handler.ts'
import type { ExplorerOptions } from '../http/graphiql-handler.ts'
import { graphqlHandler } from '../http/graphql-handler.ts'
import { listen, makeHttpServer } from '../http/http-server.ts'
import type { HttpHandler } from '../http/http-server.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { ServeLimits } from '../limits.ts'
import { SubscriptionTokens } from '../live/subscription-tokens.ts'
import { GraphFollower, type FollowerHost } from './graph-follower.ts'

/** What the serve role is given. */
export interface ServeOptions {
  /** 0 = any free port. */
  readonly port: number
  readonly host: string
  readonly bus: Bus
  /** By name; `main` keeps every view whose sheet names no other. */
  readonly stores: Readonly<Record<string, ReadableViewStore>>
  readonly graphs: readonly string[]
  readonly identity: Identity
  /** ≥ 32 secret bytes for channel names, tokens and cursors: the same over restarts and in all processes of one deployment. */
  readonly key: Uint8Array
  /** Development: introspection and the explorer. */
  readonly dev: boolean
  /** What may be asked; absent: everything that the rights allow. */
  readonly operations?: Operations
  /** Where the explorer's files lie; absent: no explorer. */
  readonly explorer?: ExplorerOptions
  /** May readers without a token ask? They have no role, so they see what no rule protects: nothing but the page. */
  readonly anonymous?: boolean
  readonly limits?: Partial<ServeLimits>
  /** Pages of other hosts that may ask and connect. */
  readonly origins?: readonly string[]
  readonly commands: AcceptCommand
  readonly blobs?: BlobStore
  /** The page, health, metrics: asked after `/graphql` and the explorer. */
  readonly handlers?: readonly HttpHandler[]
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Numbers for `/metrics`, by graph where they belong to one. */
export interface ServeMetrics {
  readonly connections: number
  readonly subscriptions: number
  readonly graphs: Readonly<
    Record<string, { readonly position: number; readonly channels: number; readonly residual: number; readonly ringBytes: number }>
  >
}

/** A running serve role. */
export interface RunningServe {
  readonly port: number
  readonly url: string
  readonly realtimeUrl: string
  metrics(): ServeMetrics
  /**
   * Sends clients elsewhere over `ms`, before `close`: from now on no HTTP connection is kept for another request. In the first half everything is taken as before, so that
   * a balancer can see that this one is not ready any more; in the second half new sockets are refused (503) and those that are open are ended (3001), evenly, so that their clients do
   * not come to the others all at once. Queries are answered all the while.
   */
  drain(ms: number): void
  /** Ends connections (3001), finishes what is being answered, frees the port. Idempotent. */
  close(): Promise<void>
}

/** Starts GraphQL and the realtime gateway on one port; resolves when it listens and knows the schemas of every graph that has written any. */
export async function startServe(options: ServeOptions): Promise<RunningServe> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const { clock, log, identity, key, commands, origins = [], anonymous = false } = options
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, options.signal])
  const catalogue = new Catalogue()
  // The gateway comes later, and asks the followers; until then nobody is connected.
  const door: { gateway?: Gateway } = {}
  const followers = followGraphs(options, { catalogue, limits, signal, readers: () => door.gateway?.size ?? 0 })
  await Promise.all(followers.started)
  const tokens = new SubscriptionTokens({ key, tokenMs: limits.tokenMs, clock, rightsOf: rightsIn(catalogue) })
  const urls = new BlobUrls(key, clock)
  const service = new GraphqlService({
    catalogue,
    limits,
    tokens,
    commands,
    clock,
    log,
    cursors: new Cursors(key),
    blobUrl: (hash) => urls.sign(hash),
    introspection: options.dev,
    operations: options.operations ?? null,
    saw: (stream, offset) => followers.byStream.get(stream)?.saw(offset),
  })
  const hubOf = (view: string): GraphFollower['hub'] => followers.byStream.get(catalogue.get(view)?.graph.stream ?? '')?.hub
  const gateway = new Gateway({ limits, clock, log, identity, anonymous, tokens, commands, hubOf }, origins)
  door.gateway = gateway
  let draining = false
  const handlers: HttpHandler[] = [lastOfItsConnection(() => draining), graphqlHandler({ service, identity, limits, anonymous, origins })]
  if (options.dev && options.explorer !== undefined) handlers.push(graphiqlHandler(options.explorer))
  if (options.blobs !== undefined) handlers.push(blobHandler(urls, options.blobs))
  const server = makeHttpServer([...handlers, ...(options.handlers ?? [])], log)
  gateway.attach(server)
  const port = await listen(server, options.port, options.host).catch(async (error: unknown) => {
    // Who cannot be reached ends what has begun: nobody else would.
    stop.abort()
    gateway.close()
    await followers.ended
    throw error
  })
  const sweep = setInterval(() => followers.sweep(), SWEEP_MS)
  sweep.unref()
  const where = `${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  const close = async (): Promise<void> => {
    clearInterval(sweep)
    stop.abort()
    gateway.close()
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    server.closeIdleConnections()
    const force = setTimeout(() => server.closeAllConnections(), FORCE_MS)
    await closed
    clearTimeout(force)
    await followers.ended
  }
  return {
    port,
    drain: (ms) => {
      draining = true
      void clock.sleep(ms / 2, signal).then(() => gateway.drain(ms / 2))
    },
    url: `http://${where}`,
    realtimeUrl: `ws://${where}${WEBSOCKET_PATH}`,
    metrics: () => ({ ...gateway.metrics(), graphs: followers.metrics() }),
    close,
  }
}

const SWEEP_MS = 5_000
/** How long requests in flight may take once the role ends. */
const FORCE_MS = 2_000

/** While it drains: who has another request shall ask elsewhere. */
function lastOfItsConnection(isLast: () => boolean): HttpHandler {
  return (_request, response) => {
    if (isLast()) response.setHeader('connection', 'close')
    return false
  }
}

interface Followers {
  readonly byStream: ReadonlyMap<string, GraphFollower>
  readonly started: readonly Promise<void>[]
  readonly ended: Promise<unknown>
  sweep(): void
  metrics(): ServeMetrics['graphs']
}

function followGraphs(options: ServeOptions, own: Pick<FollowerHost, 'catalogue' | 'limits' | 'signal' | 'readers'>): Followers {
  const main = must(options.stores['main'] ?? Object.values(options.stores)[0], 'serve has a store')
  const others = Object.values(options.stores).filter((store) => store !== main)
  const followers = options.graphs.map((graph) => {
    const follower = new GraphFollower(graph, { ...options, ...own, stores: [main, ...others] })
    own.catalogue.addGraph({
      graph,
      stream: follower.stream,
      storeOf: ({ store }) => (store === undefined ? main : (options.stores[store] ?? main)),
    })
    return follower
  })
  const started: Promise<void>[] = []
  const ended: Promise<void>[] = []
  for (const follower of followers) {
    const { promise, resolve } = Promise.withResolvers<void>()
    started.push(promise)
    ended.push(follower.run(resolve).finally(resolve))
  }
  return {
    byStream: new Map(followers.map((follower) => [follower.stream, follower])),
    started,
    ended: Promise.all(ended),
    sweep: () => {
      for (const { hub } of followers) hub?.sweep()
    },
    metrics: () => {
      const all: Record<string, ServeMetrics['graphs'][string]> = {}
      for (const { graph, hub } of followers) if (hub !== undefined) all[graph] = { position: hub.position, ...hub.metrics() }
      return all
    },
  }
}
