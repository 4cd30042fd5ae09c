import { backOffMs } from '@sheetflow/core/back-off'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import type { StoredPosition } from '@sheetflow/core/position'
import { graphStream } from '@sheetflow/core/subject'
import { GraphFollower } from './graph-follower.ts'

/** What the store role needs. */
export interface StoreRoleOptions {
  readonly bus: Bus
  /** Opened for writing; the role does not dispose of it. */
  readonly store: ViewStore
  /** Name of the store in the configuration; sheets that name no store belong to `main`. */
  readonly name: string
  /** Graphs whose views it keeps. One that has never run is waited for. */
  readonly graphs: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Wakes those who wait for the store's position: called after each move, with the stream and the last applied commit. */
  readonly onApplied?: (stream: string, position: StoredPosition) => void
  /** Called when the views of a graph are others of which the store cannot keep a row: they are empty until they are filled anew. */
  readonly onRefused?: (graph: string, views: readonly string[]) => void
  /** A transaction with more rows waits on disk for its commit (default 20,000). */
  readonly pieceRows?: number
  /** One with more bytes on the bus does, too (default 8 MiB). */
  readonly pieceBytes?: number
}

const PIECE_ROWS = 20_000
const PIECE_BYTES = 8 * 1024 * 1024
/** How often the bus hears how far the store is: retention waits for it, and it must be renewed within 24 hours. */
const RETAIN_INTERVAL_MS = 30_000
/** Between two steps of housekeeping, so that changes go first. */
const TIDY_PAUSE_MS = 25
const IDLE_TIDY_PAUSE_MS = 2_000
const PAUSES = { firstMs: 100, mostMs: 5_000 }

/**
 * The store role: keeps the views of some graphs at rest, each transaction with its position, until the signal aborts; then it resolves.
 * What can pass by itself (no space, a bus that is away, a graph that has never run) is waited for; it rejects with what cannot,
 * `store/fenced` above all.
 */
export async function runStore(options: StoreRoleOptions): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const tasks = [...options.graphs.map((graph) => keepFollowing(options, graph, signal)), keepTidy(options, signal)]
  try {
    await Promise.all(tasks)
  } finally {
    stop.abort()
    await Promise.allSettled(tasks)
  }
}

/** Follows one graph, life after life. */
async function keepFollowing(options: StoreRoleOptions, graph: string, signal: AbortSignal): Promise<void> {
  const { bus, store, name, log, clock, pieceRows = PIECE_ROWS, pieceBytes = PIECE_BYTES } = options
  const { onApplied = ignore, onRefused = ignore } = options
  const retention = new Retention(bus, `store.${name}`, clock)
  const renewal = retention.keepRenewed(graphStream(graph), signal)
  let failures = 0
  const applied = (stream: string, position: StoredPosition): void => {
    failures = 0
    retention.moved(position.offset)
    onApplied(stream, position)
  }
  let setAside: readonly string[] = []
  const refused = (views: readonly string[]): void => {
    setAside = views
    onRefused(graph, views)
  }
  while (!signal.aborted) {
    try {
      if (setAside.length > 0) refused([])
      await new GraphFollower({ bus, store, name, graph, pieceRows, pieceBytes, log, onApplied: applied, onRefused: refused }).run(signal)
    } catch (error) {
      if (signal.aborted) break
      if (!passes(error)) throw error
      if (!isSheetflowError(error, 'bus/unknown-stream'))
        log.warn('store/waiting', { graph, error: error instanceof Error ? error.message : String(error) })
      failures += 1
      await clock.sleep(backOffMs(PAUSES, failures), signal)
    }
  }
  await renewal
}

function ignore(): void {}

/** Can it be over by itself? A gap in the stream is, because the next life asks for what is missing. */
function passes(error: unknown): boolean {
  if (isSheetflowError(error, 'bus/gone') || isSheetflowError(error, 'bus/unknown-stream')) return true
  return isSheetflowError(error) && error.retry !== 'never'
}

async function keepTidy({ store, clock, log }: StoreRoleOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let more = false
    try {
      more = await store.tidy()
    } catch (error) {
      if (!passes(error)) throw error
      log.warn('store/tidy', { error: error instanceof Error ? error.message : String(error) })
    }
    await clock.sleep(more ? TIDY_PAUSE_MS : IDLE_TIDY_PAUSE_MS, signal)
  }
}

/** Tells the bus which messages the store still needs. */
class Retention {
  readonly #bus: Bus
  readonly #reader: string
  readonly #clock: Clock
  #offset: number | null = null

  constructor(bus: Bus, reader: string, clock: Clock) {
    this.#bus = bus
    this.#reader = reader
    this.#clock = clock
  }

  moved(offset: number): void {
    this.#offset = offset
  }

  async keepRenewed(stream: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(RETAIN_INTERVAL_MS, signal)
      // A wish that cannot be noted now is noted the next time; the bus keeps the last one for a day. The last one of a life is told when it ends: until the next
      // life nobody would know how far it came.
      if (this.#offset !== null) await this.#bus.retain(stream, this.#reader, this.#offset).catch(() => undefined)
    }
  }
}
