import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSqliteBus } from '@sheetflow/bus'
import type { Client } from '@sheetflow/client'
import { createClient } from '@sheetflow/client'
import { isSheetflowError } from '@sheetflow/core/errors'
import { encodeBody } from '@sheetflow/core/framing/codec'
import type { AcceptCommand } from '@sheetflow/core/ports/commands'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import type { ReadableViewStore, ViewStore } from '@sheetflow/core/ports/view-store'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'
import { runGraph } from '@sheetflow/engine'
import { devToken, JwtIdentity, startServe } from '@sheetflow/serve'
import type { RunningServe, ServeOptions } from '@sheetflow/serve'
import { REAL_CLOCK, TestLog, until } from '@sheetflow/serve/testing/host'
import { openSqliteViews, openSqliteViewsReadOnly, runStore } from '@sheetflow/store'
import { Random } from '@sheetflow/testkit/random'
import { SEED } from '@sheetflow/testkit/runs'
import { makeDeployment } from '@sheetflow/workbook/deployment'
import { WebSocket } from 'ws'
import { compileDeployment } from '../../src/deploy/compile-deployment.ts'
import { Bank, FILES, TABLES } from './bank.ts'
import type { Gate } from './gates.ts'

/** How the ring of a test differs from the usual one. */
export interface BankOptions {
  /** The bus as a role sees it: `graph`, `store`, `serve`. A graph asks anew at the begin of each of its lives. */
  readonly busOf?: (role: 'graph' | 'store' | 'serve', bus: Bus) => Bus
  /** Where views are kept; absent: a file of SQLite. */
  readonly views?: BankViews
  /** The store as its role writes to it. */
  readonly storeOf?: (store: ViewStore) => ViewStore
  readonly limits?: ServeOptions['limits']
  /** Serve's clock. */
  readonly clock?: Clock
  readonly commands?: AcceptCommand
  /** Opened at the end: roles that are held there could not end. */
  readonly gate?: Gate
}

/** A store of views, to be written and to be read. */
export interface BankViews {
  open(): Promise<ViewStore>
  openReader(): Promise<ReadableViewStore>
}

const KEY = new Uint8Array(randomBytes(32))
const NO_COMMANDS: AcceptCommand = { accept: () => Promise.reject(new Error('no commands here')) }
/** Small, so that big transactions are met: they spill, and are stored in pieces. */
const BIG_ROWS = 30

/**
 * The whole ring but the database: bus and store in SQLite (the store elsewhere, if a test says so), engine, store and serve roles, real sockets, real clients. The source's stream is
 * written by the test, as capture writes it.
 */
export class RunningBank implements AsyncDisposable {
  readonly bus: Bus
  readonly bank: Bank
  readonly serve: RunningServe
  readonly log: TestLog
  readonly random: Random
  readonly seed: number
  readonly #stop: AbortController
  readonly #running: Promise<unknown>
  readonly #stack: AsyncDisposableStack
  readonly #gate: Gate | undefined
  readonly #clients: Client[] = []
  readonly #sockets = new Set<WebSocket>()

  private constructor(parts: Pick<RunningBank, 'bus' | 'bank' | 'serve' | 'log' | 'random' | 'seed'>, life: Life) {
    this.bus = parts.bus
    this.bank = parts.bank
    this.serve = parts.serve
    this.log = parts.log
    this.random = parts.random
    this.seed = parts.seed
    this.#stop = life.stop
    this.#running = life.running
    this.#stack = life.stack
    this.#gate = life.gate
  }

  /** Runs, with a first content, when it resolves. `SHEETFLOW_SEED` repeats a run's choices. */
  static async start(options: BankOptions = {}): Promise<RunningBank> {
    const { busOf = (_, own) => own, storeOf = (own) => own } = options
    const stack = new AsyncDisposableStack()
    const dir = await mkdtemp(path.join(tmpdir(), 'running-bank-'))
    stack.defer(() => rm(dir, { recursive: true }))
    const bus = stack.use(await openSqliteBus({ dir: path.join(dir, 'bus') }))
    const views = options.views ?? viewsIn(path.join(dir, 'views.db'))
    const store = stack.use(await views.open())
    const reading = stack.use(await views.openReader())
    const random = new Random(SEED)
    const bank = new Bank(bus, random)
    await bank.open()
    await deploy(bus)
    const stop = new AbortController()
    const log = new TestLog()
    const host = { log, signal: stop.signal }
    const keeping = {
      bus: busOf('store', bus),
      store: storeOf(store),
      name: 'main',
      graphs: ['bank'],
      clock: REAL_CLOCK,
      pieceRows: BIG_ROWS,
    }
    const running = Promise.all([runLives(() => busOf('graph', bus), host), runStore({ ...keeping, ...host })])
    const serve = await startServe({
      ...host,
      port: 0,
      host: '127.0.0.1',
      bus: busOf('serve', bus),
      stores: { main: reading },
      graphs: ['bank'],
      identity: new JwtIdentity({ secret: KEY }, REAL_CLOCK),
      key: KEY,
      dev: false,
      clock: options.clock ?? REAL_CLOCK,
      limits: options.limits ?? {},
      commands: options.commands ?? NO_COMMANDS,
    })
    return new RunningBank({ bus, bank, serve, log, random, seed: SEED }, { stop, running, stack, gate: options.gate })
  }

  token(role = 'teller', more: Readonly<Record<string, unknown>> = {}, user = '1'): Promise<string> {
    return devToken(KEY, { user, role, more }, Date.now())
  }

  /** A client of its own connection. */
  client(token: string): Client {
    const sockets = this.#sockets
    class Socket extends WebSocket {
      constructor(url: string) {
        super(url)
        sockets.add(this)
        this.on('close', () => sockets.delete(this))
      }
    }
    const client = createClient({
      url: `${this.serve.url}/graphql`,
      realtimeUrl: this.serve.realtimeUrl,
      token: () => token,
      clock: () => Date.now(),
      random: Math.random,
      webSocket: Socket,
    })
    this.#clients.push(client)
    return client
  }

  /** Cuts one of the clients' connections; they come back by themselves. */
  cut(): void {
    const open = [...this.#sockets]
    if (open.length > 0) this.random.pick(open).terminate()
  }

  /** Asks once, over HTTP. */
  async ask<T>(token: string, query: string): Promise<T> {
    const response = await fetch(`${this.serve.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as T
  }

  /** Resolves when the page can be asked. */
  async ready(): Promise<void> {
    const token = await this.token()
    let isReady = false
    const look = async (): Promise<void> => {
      const { data } = await this.ask<{ readonly data?: { readonly accounts: readonly unknown[] | null } }>(token, '{ accounts { id } }')
      isReady = (data?.accounts?.length ?? 0) > 0
    }
    while (!isReady) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close()
    this.#gate?.open()
    this.#stop.abort()
    await this.serve.close()
    await this.#running
    await this.#stack.disposeAsync()
  }
}

interface Life {
  readonly stop: AbortController
  readonly running: Promise<unknown>
  readonly stack: AsyncDisposableStack
  readonly gate: Gate | undefined
}

export { until }

function viewsIn(file: string): BankViews {
  return {
    open: () => Promise.resolve(openSqliteViews(file)),
    openReader: () => Promise.resolve(openSqliteViewsReadOnly(file)),
  }
}

async function deploy(bus: Bus): Promise<void> {
  const stream = graphInbox('bank')
  await bus.ensure(stream)
  const body = encodeBody({ v: 1, kind: 'deploy', ...makeDeployment(FILES, TABLES, '2026-11-23T10:00:00.000000Z') })
  await bus.append(stream, [{ subject: graphInboxSubject('bank', 'deploy'), id: 'deploy/1', body }])
}

/** The graph role, begun again after each of its deaths, as the supervisor does. */
async function runLives(bus: () => Bus, { log, signal }: { readonly log: TestLog; readonly signal: AbortSignal }): Promise<void> {
  for (let life = 1; !signal.aborted; life++) {
    const options = { bus: bus(), graph: 'bank', sources: ['vault'], stateStore: null, compile: compileDeployment, log, signal }
    await runGraph({ ...options, startedAt: 1_795_000_000 + life, stepRows: BIG_ROWS }).catch((error: unknown) => {
      // Deaths that a test has ordered; others would be repeated for ever, and the test waits in vain.
      if (!isSheetflowError(error)) log.error('graph/died', { error: String(error) })
    })
  }
}
