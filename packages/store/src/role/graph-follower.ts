import { randomUUID } from 'node:crypto'
import { must } from '@sheetflow/core/assert'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { SheetflowError } from '@sheetflow/core/errors'
import { TransactionReader } from '@sheetflow/core/framing/assembler'
import type { StreamEvent } from '@sheetflow/core/framing/assembler'
import { decodeMessage, encodeBody } from '@sheetflow/core/framing/codec'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { ViewChanges, ViewStore, ViewTransaction } from '@sheetflow/core/ports/view-store'
import type { StoredPosition } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import { ALL_SHEET_SCHEMAS, graphInbox, graphInboxSubject, graphStream } from '@sheetflow/core/subject'
import { beginOf, firstOffset } from './begin.ts'
import { sheetOf, TransactionBuffer } from './transaction-buffer.ts'
import type { Held, ViewKnowledge } from './transaction-buffer.ts'

/** One database transaction of the store takes up to so much of the stream. */
const JOINED_ROWS = 10_000
const JOINED_TRANSACTIONS = 256
/** What waits on disk anyway is given to it in smaller pieces: the objects of one, when they are made and when they are read, are dead before the collector has moved them to those that live long. */
const LATER_PARTS = 4
/** The main store keeps the sheets that name no other. */
const MAIN = 'main'

export interface GraphFollowerOptions {
  readonly bus: Bus
  readonly store: ViewStore
  /** Name of the store in the configuration. */
  readonly name: string
  readonly graph: string
  /** A transaction with more rows or bytes than this waits on disk for its commit. */
  readonly pieceRows: number
  readonly pieceBytes: number
  readonly log: Log
  /** Called after the store has moved, with how far it is. */
  readonly onApplied: (stream: string, position: StoredPosition) => void
  /** Called when the views of the graph are others of which the store cannot keep a row. */
  readonly onRefused: (views: readonly string[]) => void
}

/**
 * Follows the stream of one graph from the store's position and keeps the graph's views (FORMATS 5). One life: what fails ends `run`, and the
 * next follower begins at what is stored.
 *
 * A store that is new, lost or behind the stream cannot go on: it asks the graph to fill its views anew (`refill`), and leaves out
 * the changes of each view until that comes, because rows without their base are no prefix of the stream. So it does with a view of which the database has no
 * room for a row, or no table (`store/refused`), but that it does not ask for: the next generation may do without the row, or with fewer columns.
 */
export class GraphFollower implements ViewKnowledge {
  readonly #options: GraphFollowerOptions
  readonly #stream: string
  readonly #schemas = new Map<string, SheetSchema>()
  readonly #held = new Map<string, Held>()
  /** Views as another stream left them: a sheet may have moved to this graph since. */
  readonly #foreign = new Map<string, Held>()
  readonly #missing = new Set<string>()
  readonly #refused = new Set<string>()
  /** Views for which the database has no table as they are now. */
  readonly #unfit = new Set<string>()
  /** The stored position is of another history, whose offsets say nothing about those that come. */
  #isAnew = false
  #reader: TransactionReader | null = null
  #open: TransactionBuffer | null = null
  /** What `#open` holds in memory, as bytes on the bus. */
  #openBytes = 0
  #ready: ViewTransaction[] = []
  #readyRows = 0

  constructor(options: GraphFollowerOptions) {
    this.#options = options
    this.#stream = graphStream(options.graph)
  }

  schema(view: string): SheetSchema | undefined {
    const schema = this.#schemas.get(view)
    return schema !== undefined && this.isOurs(schema) && !this.#unfit.has(view) ? schema : undefined
  }

  held(view: string): Held | undefined {
    return this.#held.get(view)
  }

  isMissing(view: string): boolean {
    return this.#missing.has(view)
  }

  /** Until the signal aborts. `bus/unknown-stream` while the graph has never run. */
  async run(signal: AbortSignal): Promise<void> {
    const { bus, store } = this.#options
    const info = await bus.range(this.#stream)
    await this.#loadSchemas()
    for (const { view, generation, status, stream } of await store.views()) {
      if (stream === this.#stream) this.#held.set(view, { generation, status })
      else this.#foreign.set(view, { generation, status })
    }
    const stored = await store.position(this.#stream)
    const begin = await beginOf(bus, info, stored)
    this.#isAnew = stored !== null && begin.kind !== 'resume'
    this.#options.log.info('store/follow', { stream: this.#stream, begin: begin.kind, offset: stored?.offset ?? null })
    // Says how far the store is to those who waited for it to start.
    if (begin.kind === 'resume') this.#options.onApplied(this.#stream, begin.after)
    await this.#askForMissing(begin.kind)
    const from = firstOffset(begin, info)
    this.#reader = newReader(info.epoch, begin.kind === 'resume' ? begin.after : null)
    for await (const messages of bus.read(this.#stream, { from, passing: true, signal })) await this.#take(messages)
  }

  async #loadSchemas(): Promise<void> {
    for (const message of await this.#options.bus.last(this.#stream, ALL_SHEET_SCHEMAS)) {
      const decoded = decodeMessage(message)
      if (decoded.kind === 'schema') await this.#learn(sheetOf(decoded.message))
    }
  }

  async #learn(schema: SheetSchema): Promise<void> {
    const { table: view } = schema
    this.#schemas.set(view, schema)
    if (!this.isOurs(schema)) return
    try {
      await this.#options.store.ensure(schema)
      this.#unfit.delete(view)
    } catch (error) {
      if (!isSheetflowError(error, 'store/refused')) throw error
      this.#unfit.add(view)
      this.#missing.add(view)
      this.#setAside(view, error)
      this.#options.onRefused([...this.#refused])
    }
  }

  /** What must be filled anew before its changes count: everything after a gap; else what an earlier life was still waiting for. */
  async #askForMissing(begin: 'resume' | 'whole' | 'lost'): Promise<void> {
    const ours = [...this.#schemas.values()].filter((schema) => this.isOurs(schema)).map((schema) => schema.table)
    for (const view of ours) if (begin !== 'resume' || this.#held.get(view)?.status === 'loading') this.#missing.add(view)
    const wanted = [...this.#missing].filter((view) => !this.#unfit.has(view))
    // A history that is whole fills every view by itself.
    if (begin === 'lost') await this.#askFor(wanted, 'the store and the stream have lost each other')
    if (begin === 'resume') await this.#askFor(wanted, 'the store was still waiting for them')
  }

  async #askFor(views: readonly string[], why: string): Promise<void> {
    if (views.length === 0) return
    const { bus, graph, log } = this.#options
    log.warn('store/refill', { stream: this.#stream, views, why })
    const body = encodeBody({ v: 1, kind: 'refill', views })
    await bus.ensure(graphInbox(graph))
    await bus.append(graphInbox(graph), [{ subject: graphInboxSubject(graph, 'refill'), id: randomUUID(), body }])
  }

  async #take(messages: readonly StoredMessage[]): Promise<void> {
    for (const message of messages) {
      const reader = this.#readerFor(message)
      for (const event of reader.push([message])) await this.#event(event, message.body.byteLength)
    }
    await this.#flush()
  }

  /** The epoch of a message stands in its id; a transaction that the epoch before left open never was. */
  #readerFor(message: StoredMessage): TransactionReader {
    const reader = must(this.#reader)
    const epoch = epochOf(message)
    if (epoch === null || epoch === reader.epoch) return reader
    this.#open = null
    this.#reader = newReader(epoch, reader.position)
    return this.#reader
  }

  async #event(event: StreamEvent, bytes: number): Promise<void> {
    switch (event.kind) {
      case 'begin':
        this.#open = new TransactionBuffer(event.tx, this)
        this.#openBytes = 0
        break
      case 'half':
        this.#open = null
        break
      case 'dead':
        // In a source's stream alone.
        break
      case 'rows':
      case 'schema':
      case 'control':
        must(this.#open).add(event)
        this.#openBytes += bytes
        if (this.#isTooBig(must(this.#open))) await this.#stage(must(this.#open))
        break
      case 'commit':
        await this.#commit(this.#open ?? new TransactionBuffer(event.position.tx, this), event.position, event.commit.at)
        this.#open = null
        break
    }
  }

  #isTooBig({ rows, isStaged }: TransactionBuffer): boolean {
    const { pieceRows, pieceBytes } = this.#options
    const parts = isStaged ? LATER_PARTS : 1
    return rows >= pieceRows / parts || (rows > 0 && this.#openBytes >= pieceBytes / parts)
  }

  async #stage(open: TransactionBuffer): Promise<void> {
    await this.#flush()
    for (const schema of open.schemas) await this.#learn(schema)
    const { piece, changes } = open.takePiece()
    this.#openBytes = 0
    await this.#options.store.stage(this.#stream, open.tx, piece, changes)
  }

  async #commit(open: TransactionBuffer, position: StoredPosition, at: string): Promise<void> {
    if (open.isPartial) return
    for (const schema of open.schemas) await this.#learn(schema)
    this.#readyRows += open.rows
    const notOurs = new Set([...this.#unfit, ...(await this.#movedAway(open.schemas))])
    this.#ready.push([...notOurs].reduce(withoutView, open.finish(position, at)))
    for (const [view, held] of open.filled) {
      if (notOurs.has(view)) continue
      this.#held.set(view, held)
      this.#missing.delete(view)
    }
    if (this.#readyRows >= JOINED_ROWS || this.#ready.length >= JOINED_TRANSACTIONS) await this.#flush()
  }

  /** Views that this graph gives up (nobody may read them any more) and another one has filled here already: they are that one's. */
  async #movedAway(schemas: readonly SheetSchema[]): Promise<readonly string[]> {
    const given = new Set(schemas.filter(({ read }) => read === undefined).map(({ table }) => table))
    if (given.size === 0) return []
    const views = await this.#options.store.views()
    return views.filter(({ view, stream }) => given.has(view) && stream !== this.#stream).map(({ view }) => view)
  }

  /** Applies what is complete; then the store stands at the last of it. */
  async #flush(): Promise<void> {
    const last = this.#ready.at(-1)
    if (last === undefined) return
    const before = [...this.#refused].join()
    await this.#apply(this.#withEmptied(this.#isAnew ? begunAnew(this.#ready) : this.#ready))
    this.#isAnew = false
    // What has been filled anew since then is missing no more.
    for (const view of this.#refused) if (!this.#missing.has(view)) this.#refused.delete(view)
    if ([...this.#refused].join() !== before) this.#options.onRefused([...this.#refused])
    this.#ready = []
    this.#readyRows = 0
    this.#options.onApplied(this.#stream, last.position)
  }

  /** A view that the store cannot go on with is left out, and asked for if that may help; everything else goes on. */
  async #apply(transactions: readonly ViewTransaction[]): Promise<void> {
    try {
      await this.#options.store.apply(this.#stream, transactions)
    } catch (error) {
      const view = brokenView(error)
      if (view === null || this.#missing.has(view)) throw error
      this.#missing.add(view)
      if (isSheetflowError(error, 'store/refused')) this.#setAside(view, error)
      else await this.#askFor([view], error instanceof Error ? error.message : String(error))
      await this.#apply(this.#withEmptied(transactions.map((one) => withoutView(one, view))))
    }
  }

  #setAside(view: string, { message, fix }: SheetflowError): void {
    this.#refused.add(view)
    this.#options.log.error('store/refused', { stream: this.#stream, view, error: message, fix })
  }

  /**
   * Views that wait to be filled anew become empty and `loading` in the very transaction that moves the position: rows of an older history
   * must not stand beside newer ones.
   */
  #withEmptied(transactions: readonly ViewTransaction[]): readonly ViewTransaction[] {
    const [first, ...rest] = transactions
    if (first === undefined) return transactions
    const emptied: ViewChanges[] = []
    for (const view of this.#missing) {
      const held = this.#held.get(view) ?? this.#left(view)
      if (held === undefined || held.status === 'loading') continue
      this.#held.set(view, { ...held, status: 'loading' })
      emptied.push({ view, generation: held.generation, swap: true, status: 'loading', rows: [] })
    }
    return emptied.length === 0 ? transactions : [{ ...first, changes: [...emptied, ...first.changes] }, ...rest]
  }

  /** What another stream left of a view that is ours now. One that nobody may read has not come here: it has gone. */
  #left(view: string): Held | undefined {
    return this.#schemas.get(view)?.read === undefined ? undefined : this.#foreign.get(view)
  }

  isOurs(schema: SheetSchema): boolean {
    return (schema.store ?? MAIN) === this.#options.name
  }
}

function newReader(epoch: number, after: StoredPosition | null): TransactionReader {
  return new TransactionReader({ rule: 'graph', epoch, after })
}

/** `<stream>/<epoch>/<tx>/<first>` */
function epochOf(message: StoredMessage): number | null {
  const epoch = Number(message.id.split('/', 2)[1])
  return Number.isSafeInteger(epoch) ? epoch : null
}

function begunAnew([first, ...rest]: readonly ViewTransaction[]): readonly ViewTransaction[] {
  return first === undefined ? [] : [{ ...first, anew: true }, ...rest]
}

function withoutView(transaction: ViewTransaction, view: string): ViewTransaction {
  const changes = transaction.changes.filter((one) => one.view !== view)
  return transaction.staged === true
    ? { ...transaction, changes, without: [...(transaction.without ?? []), view] }
    : { ...transaction, changes }
}

/** With these a view cannot go on: the store lacks what a change builds on, or has no room for a row. */
const BROKEN = ['store/unknown', 'source/base-missing', 'store/refused'] as const

/** The view that cannot go on. */
function brokenView(error: unknown): string | null {
  if (!isSheetflowError(error) || !BROKEN.some((code) => code === error.code)) return null
  const view = error.details['view']
  return typeof view === 'string' ? view : null
}
