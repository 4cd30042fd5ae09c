import { must } from '@sheetflow/core/assert'
import { compareRows } from '@sheetflow/core/order'
import type { ViewStatus } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { ChannelDescription } from '@sheetflow/core/wire'
import { graphStream } from '@sheetflow/core/subject'
import type { ServeLimits } from '../limits.ts'
import type { Channel } from './channel.ts'
import type { Delivery } from './delivery.ts'
import type { GraphTransaction } from './graph-transaction.ts'
import { Semaphore } from './semaphore.ts'
import { ListChannel } from './list-channel.ts'
import type { KeyedRow, RollContext, StoreRows } from './rolled-read.ts'
import type { StoreWatch } from './store-watch.ts'
import { TransactionRing } from './transaction-ring.ts'
import { ViewChannels } from './view-channels.ts'
import { WindowChannel } from './window-channel.ts'
import { WindowContent } from './window-content.ts'

/** What the hub of one graph works with. */
export interface LiveHubHost {
  readonly bus: Bus
  readonly graph: string
  readonly limits: ServeLimits
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly watch: StoreWatch
  /** Connections that a reset may send asking. */
  readonly readers: () => number
  /** See `RollContext.readRows`. */
  readRows(description: ChannelDescription, limit: number, signal: AbortSignal): Promise<StoreRows>
}

/** Who waits until the router has come to an offset. */
interface Waiter {
  readonly offset: number
  readonly isWanted: () => boolean
  readonly resolve: (isThere: boolean) => void
}

/** Rows that stand by behind a window, as a share of its limit. */
const OVERSCAN = 0.2

const SPREAD_PER_READER_MS = 2
const MAX_SPREAD_MS = 2000

/**
 * Routes the transactions of one graph to the channels of its views, and keeps the recent ones for those who come back.
 *
 * Everything it knows comes from the stream, so a hub that starts anew serves the same tokens from the same offsets: it keeps no state that a
 * restart loses. It is single-threaded on purpose: joining a channel and reading its history are one turn, nothing is routed in between.
 */
export class LiveHub {
  readonly context: RollContext
  /** Recoveries that read the bus. */
  readonly historyReads: Semaphore
  readonly #host: LiveHubHost
  readonly #ring: TransactionRing
  readonly #views = new Map<string, ViewChannels>()
  readonly #channels = new Map<string, Channel>()
  readonly #resets = new Map<string, number>()
  readonly #waiting = new Set<Waiter>()
  #epoch: number
  #position: number
  /** The stream is known to reach so far. */
  #end = 0

  /** Transactions with an offset above `from` will be given to `apply`, all of them. */
  constructor(start: { readonly epoch: number; readonly from: number }, host: LiveHubHost) {
    this.#host = host
    this.#epoch = start.epoch
    this.#position = start.from
    this.historyReads = new Semaphore(host.limits.recoveries)
    this.#ring = new TransactionRing(host.limits.ringBytes, start.from)
    this.context = {
      ring: this.#ring,
      watch: host.watch,
      clock: host.clock,
      log: host.log,
      signal: host.signal,
      position: () => this.#position,
      routed: (offset, isWanted) => this.#routed(offset, isWanted),
      resetAt: (view) => this.#resets.get(view) ?? 0,
      readRows: host.readRows.bind(host),
    }
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Offset of the last transaction that was routed. */
  get position(): number {
    return this.#position
  }

  get host(): LiveHubHost {
    return this.#host
  }

  /** Numbers for `/metrics`. */
  metrics(): { readonly channels: number; readonly residual: number; readonly ringBytes: number } {
    let residual = 0
    for (const view of this.#views.values()) residual += view.residualSize
    return { channels: this.#channels.size, residual, ringBytes: this.#ring.bytes }
  }

  /** The generation of a view whose changes are routed; undefined if the view is unknown. */
  view(view: string): ViewChannels | undefined {
    return this.#views.get(view)
  }

  /** The view as it stands before the first transaction. Later generations come with the stream. */
  setView(schema: SheetSchema, status: ViewStatus): void {
    this.#views.set(schema.table, new ViewChannels(schema, status, this.#position))
  }

  /** Routes one transaction. Transactions come in stream order. */
  apply(transaction: GraphTransaction): void {
    const touched = new Set<Channel>()
    if (transaction.epoch !== this.#epoch) this.#startAgain(transaction.epoch, transaction.offset)
    this.#position = transaction.offset
    this.#ring.push(transaction)
    const replaced = this.#replaceGenerations(transaction, touched)
    this.#takeStatuses(transaction, touched)
    for (const { view, rows, reset } of transaction.views) {
      const channels = this.#views.get(view)
      if (channels === undefined || replaced.has(view)) continue
      if (!reset) {
        channels.route(rows, touched)
        continue
      }
      this.#resets.set(view, transaction.offset)
      channels.reset(transaction.offset, touched)
    }
    tell(touched, transaction.offset)
    this.#wake()
  }

  /** What lies between the last transaction and the next is not known: everybody asks again. The next one is the first behind `position`, which a stream that was set back may have before the last. */
  lose(position: number = this.#position): void {
    this.#position = position
    this.#end = 0
    this.#startAgain(this.#epoch, position)
  }

  /** The channel of that name; made if nobody has it yet. The description must be of the view's current generation. */
  channel(name: string, description: ChannelDescription): Channel {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const view = must(this.#views.get(description.view), 'only channels of known views are opened')
    const channel =
      description.window === undefined ? this.#listChannel(name, description, view) : this.#windowChannel(name, description, view)
    channel.audience.emptySince = this.#host.clock.now()
    this.#channels.set(name, channel)
    view.add(channel, description.predicate)
    return channel
  }

  /** The connection has no use for the channel any more. */
  leave(channel: Channel, delivery: Delivery): void {
    channel.audience.leave(delivery, this.#host.clock.now())
  }

  /** Frees channels that nobody has had for `limits.lingerMs` (law 9), and those who wait for an offset that may never come after nobody wants it any more. */
  sweep(): void {
    for (const waiter of this.#waiting) if (!waiter.isWanted()) this.#release(waiter, false)
    const oldest = this.#host.clock.now() - this.#host.limits.lingerMs
    for (const channel of this.#channels.values()) {
      const { emptySince } = channel.audience
      if (emptySince !== null && emptySince <= oldest) this.#drop(channel)
    }
  }

  #drop(channel: Channel): void {
    this.#channels.delete(channel.name)
    this.#views.get(channel.description.view)?.remove(channel)
    if (channel instanceof WindowChannel) channel.close()
  }

  /** A greater generation replaces everything: the old channels get their last word, a reset, and are known no more. */
  #replaceGenerations(transaction: GraphTransaction, touched: Set<Channel>): ReadonlySet<string> {
    const replaced = new Set<string>()
    for (const schema of transaction.schemas) {
      const old = this.#views.get(schema.table)
      if (old !== undefined && old.schema.generation >= schema.generation) continue
      this.#retire(old, transaction.offset, touched)
      const status = transaction.controls.findLast(({ view }) => view === schema.table)?.status ?? 'ready'
      this.#views.set(schema.table, new ViewChannels(schema, status, transaction.offset))
      this.#resets.set(schema.table, transaction.offset)
      replaced.add(schema.table)
    }
    return replaced
  }

  #takeStatuses({ controls, offset }: GraphTransaction, touched: Set<Channel>): void {
    for (const { view, generation, status } of controls) {
      const channels = this.#views.get(view)
      if (channels?.schema.generation === generation) channels.stands(status, offset, touched)
    }
  }

  #retire(view: ViewChannels | undefined, offset: number, touched: Set<Channel>): void {
    for (const channel of view?.channels ?? []) {
      this.#channels.delete(channel.name)
      if (channel instanceof WindowChannel) channel.retire(offset)
      else {
        channel.reset(offset)
        touched.add(channel)
      }
    }
  }

  /** History was lost or rebuilt: nothing known before may be joined with what follows. */
  #startAgain(epoch: number, offset: number): void {
    this.#epoch = epoch
    this.#ring.clear(offset)
    const touched = new Set<Channel>()
    for (const [name, view] of this.#views) {
      this.#retire(view, offset, touched)
      this.#views.set(name, view.anew(offset))
      this.#resets.set(name, offset)
    }
    tell(touched, offset)
    for (const waiter of this.#waiting) this.#release(waiter, false)
  }

  #listChannel(name: string, description: ChannelDescription, view: ViewChannels): Channel {
    return new ListChannel(name, description, view.projection(description.columns), {
      limits: this.#host.limits,
      watch: this.#host.watch,
      spreadMs: () => this.#spreadMs(),
      limitHold: (isLong) => this.#limitHold(isLong),
    })
  }

  #windowChannel(name: string, description: ChannelDescription, view: ViewChannels): Channel {
    const { limit, order } = must(description.window)
    const capacity = limit + Math.ceil(limit * OVERSCAN)
    const projection = view.projection(description.columns)
    const compareRow = compareRows(order, view.schema.key, view.schema.columns)
    const compare = (a: KeyedRow, b: KeyedRow): number => compareRow(a.row, b.row)
    return new WindowChannel(name, description, new WindowContent({ limit, capacity, compare, projection }), {
      limits: this.#host.limits,
      watch: this.#host.watch,
      spreadMs: () => this.#spreadMs(),
      limitHold: (isLong) => this.#limitHold(isLong),
      context: this.context,
      statusBehind: (after) => view.statusBehind(after),
      holds: compileRowPredicate(description.predicate, view.schema),
      capacity,
    })
  }

  /** A page alone asks at once; a thousand do not ask in one moment. */
  #spreadMs(): number {
    return Math.min(MAX_SPREAD_MS, this.#host.readers() * SPREAD_PER_READER_MS)
  }

  #limitHold(isLong: () => void): void {
    void this.#host.clock.sleep(this.#host.limits.holdMs, this.#host.signal).then(isLong)
  }

  /** See `RollContext.routed`. */
  async #routed(offset: number, isWanted: () => boolean): Promise<boolean> {
    if (offset > this.#position && !(await this.#reaches(offset))) return false
    if (offset <= this.#position) return true
    return await new Promise((resolve) => {
      this.#waiting.add({ offset, isWanted, resolve })
    })
  }

  /** Does the stream reach to `offset`? Taken for granted where the bus cannot be asked. */
  async #reaches(offset: number): Promise<boolean> {
    if (offset <= this.#end) return true
    const { bus, graph, log } = this.#host
    const stream = graphStream(graph)
    try {
      this.#end = (await bus.range(stream)).last
    } catch (error) {
      log.warn('where the stream ends is not known', { stream, error: String(error) })
      return true
    }
    return offset <= this.#end
  }

  #wake(): void {
    for (const waiter of this.#waiting) if (waiter.offset <= this.#position) this.#release(waiter, true)
  }

  #release(waiter: Waiter, isThere: boolean): void {
    this.#waiting.delete(waiter)
    waiter.resolve(isThere)
  }
}

/** All gates are closed before anything is said: one list must not be ahead of another that has to wait. */
function tell(channels: ReadonlySet<Channel>, offset: number): void {
  for (const channel of channels) channel.prepare(offset)
  for (const channel of channels) channel.flush(offset)
}
