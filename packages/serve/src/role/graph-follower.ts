import { backOffMs } from '@sheetflow/core/back-off'
import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { Bus, StreamInfo } from '@sheetflow/core/ports/bus'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'
import { decodeMessage } from '@sheetflow/core/framing/codec'
import { isPlaceIn } from '@sheetflow/core/framing/place'
import type { SheetSchema } from '@sheetflow/core/schema'
import { receiptsView } from '@sheetflow/core/receipt'
import { ALL_SHEET_SCHEMAS, graphStream } from '@sheetflow/core/subject'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { GraphReader } from '../live/graph-reader.ts'
import type { GraphTransaction } from '../live/graph-transaction.ts'
import { LiveHub } from '../live/live-hub.ts'
import { readRows } from '../live/read-rows.ts'
import { StoreWatch } from '../live/store-watch.ts'
import type { ServeLimits } from '../limits.ts'

/** What following a graph needs. */
export interface FollowerHost {
  readonly bus: Bus
  /** The stores that keep views of this graph. */
  readonly stores: readonly ReadableViewStore[]
  readonly catalogue: Catalogue
  readonly limits: ServeLimits
  /** See `LiveHubHost.readers`. */
  readonly readers: () => number
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const PAUSES = { firstMs: 100, mostMs: 5_000 }
/** So much is decoded within some ten milliseconds. */
const TURN_BYTES = 512 * 1024

/** Follows one graph's stream: tells the catalogue of schemas and states, the hub of changes. */
export class GraphFollower {
  readonly graph: string
  readonly stream: string
  readonly #host: FollowerHost
  readonly #watch: StoreWatch
  #hub: LiveHub | null = null

  constructor(graph: string, host: FollowerHost) {
    this.graph = graph
    this.stream = graphStream(graph)
    this.#host = host
    this.#watch = new StoreWatch(host.stores, this.stream, host)
  }

  /** Undefined until the graph's stream exists. */
  get hub(): LiveHub | undefined {
    return this.#hub ?? undefined
  }

  saw(offset: number): void {
    this.#watch.saw(offset)
  }

  /** Reads on and on, beginning again after faults; resolves when the signal aborts. `started` resolves after the first schemas are known. */
  async run(started: () => void): Promise<void> {
    const { clock, log, signal } = this.#host
    let failures = 0
    while (!signal.aborted) {
      try {
        const info = await this.#info(started)
        if (info === null) return
        await this.#start(info)
        started()
        failures = 0
        await this.#follow()
      } catch (error) {
        if (signal.aborted) return
        log.warn('following the graph failed, trying again', { graph: this.graph, error: String(error) })
        if (isSheetflowError(error, 'bus/gone') || isSheetflowError(error, 'bus/set-back')) this.#hub?.lose()
        failures += 1
        await clock.sleep(backOffMs(PAUSES, failures), signal)
      }
    }
  }

  /** Waits until the graph has written its first message; null if the signal comes first. */
  async #info(started: () => void): Promise<StreamInfo | null> {
    const { bus, clock, signal } = this.#host
    while (!signal.aborted) {
      try {
        return await bus.range(this.stream)
      } catch (error) {
        if (!isSheetflowError(error, 'bus/unknown-stream')) throw error
        started()
        await clock.sleep(PAUSES.firstMs, signal)
      }
    }
    return null
  }

  /** The first time: from the store's place on, so that the router is never far from what queries answer. */
  async #start(info: StreamInfo): Promise<void> {
    const { bus, stores, catalogue } = this.#host
    const statuses = new Map<string, GraphTransaction['controls'][number]['status']>()
    for (const store of stores) for (const { view, status } of await store.views()) statuses.set(view, status)
    const schemas: SheetSchema[] = []
    for (const message of await bus.last(this.stream, ALL_SHEET_SCHEMAS)) {
      const decoded = decodeMessage(message)
      if (decoded.kind === 'schema' && 'generation' in decoded.message) schemas.push(decoded.message)
    }
    for (const schema of schemas) catalogue.set(this.graph, schema, statuses.get(schema.table) ?? 'ready')
    if (this.#hub !== null) {
      if (info.last < this.#hub.position) this.#hub.lose(info.last)
      return
    }
    const position = await stores[0]?.position(this.stream)
    // In the epoch of that place, which may have ended behind it: who stood there goes on from there, and hears of the later epoch when the stream comes to it.
    const isPlace = position !== null && position !== undefined && (await isPlaceIn(bus, info, position))
    this.#hub = isPlace ? this.#makeHub(position.epoch, position.offset) : this.#makeHub(info.epoch, info.first - 1)
    for (const schema of schemas) this.#hub.setView(schema, statuses.get(schema.table) ?? 'ready')
    const receipts = catalogue.get(receiptsView(this.graph))
    if (receipts !== undefined) this.#hub.setView(receipts.schema, 'ready')
  }

  async #follow(): Promise<void> {
    const hub = this.#hub
    if (hub === null) return
    const { bus, limits, signal } = this.#host
    const reader = new GraphReader({ epoch: hub.epoch, after: null, maxBytes: limits.transactionBytes })
    let read = 0
    for await (const messages of bus.read(this.stream, { from: hub.position + 1, passing: true, signal })) {
      for (const message of messages) {
        const transaction = reader.push(message)
        if (transaction !== null) this.#apply(hub, transaction)
        read += message.body.length
        if (read < TURN_BYTES) continue
        // Questions and sockets wait for this thread: what a large transaction holds is read with them in between.
        read = 0
        await new Promise((next) => setImmediate(next))
      }
    }
  }

  #apply(hub: LiveHub, transaction: GraphTransaction): void {
    const { catalogue } = this.#host
    const statuses = new Map(transaction.controls.map((control) => [control.view, control]))
    for (const schema of transaction.schemas) catalogue.set(this.graph, schema, statuses.get(schema.table)?.status ?? 'ready')
    for (const { view, generation, status } of transaction.controls) catalogue.setStatus(view, generation, status)
    hub.apply(transaction)
  }

  #makeHub(epoch: number, from: number): LiveHub {
    const { catalogue, ...host } = this.#host
    return new LiveHub(
      { epoch, from },
      {
        ...host,
        graph: this.graph,
        watch: this.#watch,
        readRows: async (description, limit, signal) => {
          const schema = catalogue.generation(description.view, description.generation)
          const store = catalogue.get(description.view)?.store
          if (schema === undefined || store === undefined) throw this.#unknownView(description.view)
          return readRows({ store, stream: this.stream, schema }, description, limit, signal)
        },
      },
    )
  }

  #unknownView(view: string): SheetflowError {
    return new SheetflowError('query/not-ready', `the view ${view} is not known any more`, { retry: 'later' })
  }
}
