import { randomBytes } from 'node:crypto'
import type { AcceptCommand, CommandAccepted, CommandRequest } from '@sheetflow/core/ports/commands'
import type { Claims } from '@sheetflow/core/ports/host'
import type { ViewTransaction } from '@sheetflow/core/ports/view-store'
import { receiptsView, RECEIPTS } from '@sheetflow/core/receipt'
import type { SheetSchema } from '@sheetflow/core/schema'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { devToken } from '../identity/dev-token.ts'
import { JwtIdentity } from '../identity/jwt-identity.ts'
import { startServe } from '../role/start-serve.ts'
import type { RunningServe, ServeOptions } from '../role/start-serve.ts'
import { GraphWriter } from './graph-writer.ts'
import type { WrittenTransaction } from './graph-writer.ts'
import { REAL_CLOCK, TestLog } from './host.ts'
import { MemoryViews } from './memory-views.ts'
import { CUSTOMERS, OPEN_ORDERS } from './shop.ts'

const SECRET: Uint8Array = new Uint8Array(randomBytes(32))

/** A GraphQL answer as a client reads it. */
export interface ClientAnswer {
  readonly status: number
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly unknown[]
    readonly extensions?: Readonly<Record<string, unknown>>
  }[]
  readonly extensions?: {
    readonly live: Readonly<Record<string, ClientLive>>
    readonly state: Readonly<Record<string, { readonly status: string }>>
  }
}

export interface ClientLive {
  readonly channel: string
  readonly token: string
  readonly epoch: string
  readonly offset: number
  readonly at: number
}

/** A serve role over one graph in memory, whose store and stream a test moves by hand. */
export class RunningShop implements AsyncDisposable {
  readonly bus: MemoryBus
  readonly views: MemoryViews
  readonly writer: GraphWriter
  readonly serve: RunningServe
  readonly log: TestLog
  readonly commands: RecordedCommands

  private constructor(parts: Omit<RunningShop, 'write' | 'writeAhead' | 'store' | 'ask' | typeof Symbol.asyncDispose>) {
    this.bus = parts.bus
    this.views = parts.views
    this.writer = parts.writer
    this.serve = parts.serve
    this.log = parts.log
    this.commands = parts.commands
  }

  static async start(
    options: Partial<ServeOptions> = {},
    schemas: readonly SheetSchema[] = [OPEN_ORDERS, CUSTOMERS],
  ): Promise<RunningShop> {
    const bus = new MemoryBus()
    const views = new MemoryViews()
    const log = new TestLog()
    const commands = new RecordedCommands()
    const writer = new GraphWriter('sales', bus)
    await writer.open()
    views.ensureNow(receiptsSchema('sales'))
    views.applyNow(writer.stream, {
      position: { epoch: 1, offset: 0, tx: '' },
      at: '',
      changes: [{ view: receiptsView('sales'), generation: 1, swap: true, rows: [] }],
    })
    for (const schema of schemas) views.ensureNow(schema)
    if (schemas.length > 0) views.applyNow(writer.stream, writer.write({ schemas }))
    const serve = await startServe({
      port: 0,
      host: '127.0.0.1',
      bus,
      stores: { main: views },
      graphs: ['sales'],
      commands,
      log,
      dev: true,
      key: SECRET,
      identity: new JwtIdentity({ secret: SECRET }, REAL_CLOCK),
      clock: REAL_CLOCK,
      signal: new AbortController().signal,
      ...options,
    })
    return new RunningShop({ bus, views, writer, serve, log, commands })
  }

  /** Onto the stream and into the store. */
  write(transaction: WrittenTransaction): number {
    return this.store(this.writeAhead(transaction))
  }

  /** Onto the stream alone: the store lags. */
  writeAhead(transaction: WrittenTransaction): ViewTransaction {
    for (const schema of transaction.schemas ?? []) this.views.ensureNow(schema)
    return this.writer.write(transaction)
  }

  store(transaction: ViewTransaction): number {
    this.views.applyNow(this.writer.stream, transaction)
    return transaction.position.offset
  }

  async ask(token: string | null, query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<ClientAnswer> {
    const response = await fetch(`${this.serve.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    })
    return { status: response.status, ...((await response.json()) as object) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serve.close()
  }
}

/** A token of the shop's development identity. */
export function tokenFor(user: string, role: string, more: Readonly<Record<string, unknown>> = {}, lifeSeconds = 3_600): Promise<string> {
  return devToken(SECRET, { user, role, more, lifeSeconds }, Date.now())
}

/** Takes every command and remembers it. */
export class RecordedCommands implements AcceptCommand {
  readonly taken: { readonly command: CommandRequest; readonly claims: Claims }[] = []

  accept(command: CommandRequest, claims: Claims): Promise<CommandAccepted> {
    this.taken.push({ command, claims })
    return Promise.resolve({ id: command.id, status: 'accepted', validForMs: 60_000 })
  }
}

function receiptsSchema(graph: string): SheetSchema {
  const { key, columns } = RECEIPTS
  return { v: 1, table: receiptsView(graph), schema: 1, hash: '', key, columns, generation: 1, index: [], search: [], lists: {} }
}
