import { SheetflowError } from '@sheetflow/core/errors'
import { stableJson } from '@sheetflow/core/json-text'
import { sha256Hex } from '@sheetflow/core/sha256'
import { memoryCache } from './cache/memory-cache.ts'
import type { PageCache } from './cache/page-cache.ts'
import type { ReaderMemory } from './cache/reader-memory.ts'
import { Commands, type CommandEvent, type CommandHandle, type CommandOptions } from './commands/commands.ts'
import type { CommandPayload } from './commands/payload.ts'
import { Feeds } from './follow/feeds.ts'
import { PAGE_TIMERS, type ClockSource, type RandomSource, type Timers } from './host.ts'
import { Addresses, type Address } from './net/addresses.ts'
import { CentrifugeChannels } from './net/centrifuge-channels.ts'
import { GraphqlQueries, type TokenSource } from './net/graphql-queries.ts'
import type { Channels, LinkState, Queries } from './net/transport.ts'
import { Page } from './page/page.ts'
import { planPage } from './plan/plan-page.ts'
import { Reader } from './reader.ts'
import { RowTable } from './rows/row-table.ts'

/** What a client needs to know. */
export interface ClientOptions {
  /**
   * The GraphQL endpoint, absolute or (on a page) relative: `/graphql`. Of several (processes that serve the same, without a balancer before them) one is used at a time, and the next one
   * when it does not answer or sends its clients away.
   */
  readonly url: string | readonly string[]
  /** The realtime endpoint, as many as of `url`; by default `/connection/websocket` at the host of each. */
  readonly realtimeUrl?: string | readonly string[]
  /**
   * Milliseconds after which an address that says nothing has not answered a question: the next one is asked, or, of one address, the client is offline and asks again. Longer than
   * the slowest question of the pages takes; default 20,000.
   */
  readonly silenceMs?: number
  /** The reader's token; asked anew whenever one is needed. */
  readonly token?: TokenSource
  /**
   * The claim of the tokens that names the person: what `serve.identity.user` of the server says; default `sub`, as there. By it the client knows that somebody else reads, and takes away
   * what the reader before saw.
   */
  readonly userClaim?: string
  readonly clock: ClockSource
  readonly random: RandomSource
  /** A WebSocket class, only where there is none built in. */
  readonly webSocket?: unknown
  /** Where pages are kept for the time without a server; by default nowhere. */
  readonly cache?: PageCache
  /** Who read last, for pages that are loaded while nobody gives tokens; by default nobody is remembered and such a page shows nothing. */
  readonly readerMemory?: ReaderMemory
  readonly timers?: Timers
}

/** The ways to the server, for clients that bring their own. */
export interface ClientParts {
  readonly queries: Queries
  readonly channels: Channels
  readonly reader: Reader
  readonly clock: ClockSource
  readonly random: RandomSource
  readonly cache: PageCache
  readonly timers: Timers
  /** Tells servers apart in the cache. */
  readonly url: string
}

/** A client: one connection, any number of pages, and the commands that they give. */
export class Client {
  readonly #parts: ClientParts
  readonly #feeds: Feeds
  readonly #commands: Commands
  readonly #pages = new Set<Page>()

  constructor(parts: ClientParts) {
    const { queries, channels, reader, clock, random, timers } = parts
    this.#parts = parts
    this.#feeds = new Feeds({ channels, table: new RowTable() })
    this.#commands = new Commands({ queries, channels, clock, random, timers, pages: () => this.#pages })
    reader.onChange(() => {
      this.#commands.readerChanged()
      for (const page of this.#pages) page.readerChanged()
    })
  }

  /** Asks a query and follows it. `query/parse`, `query/invalid` for what is not one query. */
  page(query: string, variables: Readonly<Record<string, unknown>> = {}): Page {
    const { queries, channels, timers, random, cache } = this.#parts
    const page = new Page(planPage(query, variables), {
      queries,
      channels,
      feeds: this.#feeds,
      timers,
      random,
      cache,
      naming: () => this.#naming(query, variables),
      onReceipts: (receipts) => this.#commands.take(receipts),
      onEarlierHistory: () => this.#beginAnew(),
      onClose: (closed) => this.#pages.delete(closed),
    })
    this.#pages.add(page)
    for (const id of this.#commands.pending) page.expect(id, [])
    return page
  }

  /** Gives a command. Its effect comes back as a change (law 1); its receipt says that it has. */
  command(name: string, payload: CommandPayload, options: CommandOptions = {}): CommandHandle {
    return this.#commands.send(name, payload, options)
  }

  /** Calls back with every step of every command. Returns the end of it. */
  onCommand(listener: (event: CommandEvent) => void): () => void {
    return this.#commands.onEvent(listener)
  }

  get link(): LinkState {
    return this.#parts.channels.state
  }

  /** Calls back at every change of the connection. Returns the end of it. */
  onLink(listener: (state: LinkState) => void): () => void {
    return this.#parts.channels.onState(listener)
  }

  close(): void {
    for (const page of this.#pages) page.close()
    this.#commands.close()
    this.#parts.channels.close()
  }

  #beginAnew(): void {
    for (const page of this.#pages) page.beginAnew()
  }

  /** Names the page for the reader of now; rejects from when another one reads. */
  #naming(query: string, variables: Readonly<Record<string, unknown>>): () => Promise<string> {
    const { reader, url } = this.#parts
    const { changes } = reader
    return async () => {
      const name = await reader.name()
      if (reader.changes !== changes) throw new SheetflowError('access/denied', 'somebody else reads now')
      return sha256Hex(stableJson([url, name, query, variables]))
    }
  }
}

/** A client over HTTP and one WebSocket. */
export function createClient(options: ClientOptions): Client {
  const { clock, random, cache = memoryCache(), timers = PAGE_TIMERS } = options
  const all = addressesOf(options)
  const url = all.map(({ graphql }) => graphql).join(' ')
  const addresses = new Addresses(all, all.length > 1 ? random() : 0)
  const reader = new Reader(url, options.token ?? (() => null), {
    timers,
    ...(options.readerMemory === undefined ? {} : { memory: options.readerMemory }),
    ...(options.userClaim === undefined ? {} : { userClaim: options.userClaim }),
  })
  const channels = new CentrifugeChannels(addresses, {
    token: reader.token,
    timers,
    ...(options.webSocket === undefined ? {} : { webSocket: options.webSocket }),
  })
  const client = new Client({
    queries: new GraphqlQueries(addresses, reader.token, {
      timers,
      ...(options.silenceMs === undefined ? {} : { silenceMs: options.silenceMs }),
    }),
    channels,
    reader,
    clock,
    random,
    cache,
    timers,
    url,
  })
  // Behind the pages, which have left what they followed by then.
  reader.onChange(() => channels.reconnect())
  return client
}

function addressesOf({ url, realtimeUrl }: Pick<ClientOptions, 'url' | 'realtimeUrl'>): readonly Address[] {
  const realtime = realtimeUrl === undefined ? [] : listOf(realtimeUrl)
  if (url.length === 0) throw new SheetflowError('core/bad-value', 'a client needs an address', { fix: "For example url: '/graphql'." })
  return listOf(url).map((each, i) => {
    const absolute = new URL(each, pageUrl())
    return { graphql: absolute.href, realtime: realtime[i] ?? realtimeUrlOf(absolute) }
  })
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

function pageUrl(): string | undefined {
  return typeof document === 'undefined' ? undefined : document.baseURI
}

function realtimeUrlOf(graphql: URL): string {
  const url = new URL('/connection/websocket', graphql)
  url.protocol = graphql.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
