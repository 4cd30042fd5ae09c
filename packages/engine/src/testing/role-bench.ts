import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { TransactionCollector } from '@sheetflow/core/framing/collector'
import type { WholeTransaction } from '@sheetflow/core/framing/collector'
import type { GraphInbox } from '@sheetflow/core/message'
import type { AppendOptions, AppendResult, Bus, BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { StateStore } from '@sheetflow/core/ports/state-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { graphInbox, graphInboxSubject, graphStream } from '@sheetflow/core/subject'
import type { BoundGraph } from '@sheetflow/formula/bound'
import type { ViewStep } from '../graph/step-output.ts'
import { runGraph } from '../role/run-graph.ts'
import type { RunGraphOptions } from '../role/run-graph-options.ts'
import { compileFrom } from './compile-from.ts'
import { Reader } from './reader.ts'
import type { SourceWriter } from './source-writer.ts'

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** Turns of the event loop that a wait takes at most. */
const PATIENCE = 2_000

export interface RoleBenchOptions {
  readonly bus: Bus
  readonly sources: readonly string[]
  readonly graphs: Readonly<Record<string, BoundGraph>>
  readonly stateStore: StateStore | null
  readonly checkpointRows?: number
  readonly partRows?: number
  readonly functions?: RunGraphOptions['functions']
  readonly log?: Log
}

/** One graph role over a bus, started and ended as often as wanted. */
export class RoleBench {
  readonly #options: RoleBenchOptions
  #sent = 0
  #life: { readonly stop: AbortController; readonly done: Promise<unknown> } | null = null
  /** Has the life that runs (or ran last) caught up with the ones before it? */
  live = false

  constructor(options: RoleBenchOptions) {
    this.#options = options
  }

  /** Begins a life on this bus (default: the bench's own). */
  start(bus: Bus = this.#options.bus, limits: Pick<RunGraphOptions, 'stateBytes'> = {}): void {
    const stop = new AbortController()
    this.live = false
    const { sources, graphs, stateStore, checkpointRows, partRows, functions } = this.#options
    const done = runGraph({
      bus,
      graph: 'g',
      sources,
      stateStore,
      compile: compileFrom(graphs),
      signal: stop.signal,
      log: this.#options.log ?? SILENT,
      ...limits,
      startedAt: 1_795_000_000,
      ...(checkpointRows === undefined ? {} : { checkpointRows }),
      ...(partRows === undefined ? {} : { partRows }),
      ...(functions === undefined ? {} : { functions }),
      onLive: () => {
        this.live = true
      },
    }).catch((error: unknown) => error)
    this.#life = { stop, done }
  }

  /** Ends the life; what it died of, if it did. */
  async stop(): Promise<unknown> {
    const life = must(this.#life)
    life.stop.abort()
    this.#life = null
    return life.done
  }

  /** What the life dies of. */
  async death(): Promise<unknown> {
    const life = must(this.#life)
    this.#life = null
    return life.done
  }

  async say(message: GraphInbox): Promise<void> {
    const stream = graphInbox('g')
    await this.#options.bus.ensure(stream)
    this.#sent += 1
    const body = encodeBody(message)
    await this.#options.bus.append(stream, [{ subject: graphInboxSubject('g', message.kind), id: `m${this.#sent}`, body }])
  }

  /** Waits until the output stream says so. The whole stream is read from its beginning, strictly. */
  async until(condition: (reader: Reader, transactions: readonly WholeTransaction[]) => boolean): Promise<Reader> {
    const life = this.#life
    const death: { of: unknown } = { of: undefined }
    void life?.done.then((error) => {
      death.of = error
    })
    for (let turn = 0; turn < PATIENCE; turn++) {
      if (death.of !== undefined) throw new Error('the role ended', { cause: death.of })
      const { reader, transactions } = await readOutputs(this.#options.bus)
      if (condition(reader, transactions)) return reader
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    throw new Error('waited in vain')
  }

  /**
   * Waits until every message that the inputs hold now has been read, as the last commit says. Commits that say nothing else are written
   * once a second of the inputs' time: `writers` let it go by.
   */
  async untilRead(writers: readonly SourceWriter[]): Promise<Reader> {
    const ends = new Map<string, number>()
    for (const stream of [graphInbox('g'), ...this.#options.sources.map((source) => `SF_SRC_${source}`)]) {
      ends.set(stream, (await this.#options.bus.range(stream)).last)
    }
    for (;;) {
      const seen = (await readOutputs(this.#options.bus)).transactions.length
      for (const writer of writers) await writer.heartbeat()
      const reader = await this.until((_, transactions) => transactions.length > seen)
      const { transactions } = await readOutputs(this.#options.bus)
      const inputs = transactions.at(-1)?.commit?.inputs ?? {}
      if ([...ends].every(([stream, last]) => (inputs[stream]?.offset ?? 0) >= last)) return reader
    }
  }
}

/** All whole transactions of the graph's stream, read as a store reads them. */
export async function readOutputs(bus: Bus): Promise<{ readonly reader: Reader; readonly transactions: readonly WholeTransaction[] }> {
  const stream = graphStream('g')
  const { epoch, first, last } = await bus.ensure(stream)
  const collector = new TransactionCollector({ rule: 'graph', epoch })
  const transactions: WholeTransaction[] = []
  if (last >= first) {
    for await (const messages of bus.read(stream, { from: first, untilNow: true })) transactions.push(...collector.push(messages))
  }
  const reader = new Reader()
  for (const transaction of transactions) reader.apply({ views: viewsOf(transaction) })
  return { reader, transactions }
}

/** What a transaction says of each view. */
function viewsOf({ pieces }: WholeTransaction): ViewStep[] {
  const views = new Map<string, { -readonly [K in keyof ViewStep]: ViewStep[K] }>()
  const of = (view: string): { -readonly [K in keyof ViewStep]: ViewStep[K] } => {
    const known = views.get(view) ?? { view, schema: 0, control: null, newSchema: null, rows: [] }
    views.set(view, known)
    return known
  }
  for (const piece of pieces) {
    if (piece.kind === 'dead') throw piece.error
    if (piece.kind === 'rows') of(piece.message.table).rows = [...of(piece.message.table).rows, ...piece.message.rows]
    else if (piece.kind === 'schema') of(piece.message.table).newSchema = piece.message as unknown as SheetSchema
    else if (piece.message.kind === 'view')
      of(piece.message.view).control = { generation: piece.message.generation, status: piece.message.status }
  }
  return [...views.values()].sort((a, b) => (a.view < b.view ? -1 : 1))
}

/**
 * A bus whose `n`-th append to a stream stores only the first `kept` messages and fails, as do all that follow: a writer that was killed in
 * the middle of a transaction.
 */
export function breakingBus(bus: Bus, stream: string, n: number, kept: number): Bus {
  let appends = 0
  return {
    atomic: false,
    durableAfterMs: bus.durableAfterMs,
    ensure: (name, options) => bus.ensure(name, options),
    read: (name, options): AsyncIterable<readonly StoredMessage[]> => bus.read(name, options),
    last: (name, subject) => bus.last(name, subject),
    range: (name) => bus.range(name),
    retain: (name, reader, offset) => bus.retain(name, reader, offset),
    trim: (name, limits) => bus.trim(name, limits),
    append: async (name: string, messages: readonly BusMessage[], options: AppendOptions = {}): Promise<AppendResult> => {
      if (name !== stream) return bus.append(name, messages, options)
      appends += 1
      if (appends < n) return bus.append(name, messages, options)
      if (appends === n && kept > 0) await bus.append(name, messages.slice(0, Math.min(kept, messages.length - 1)), options)
      throw new SheetflowError('bus/unavailable', 'killed')
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
