import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { backOffMs } from '@sheetflow/core/back-off'
import type { SheetflowError } from '@sheetflow/core/errors'
import type { SnapshotRequest, SourceEvent } from '@sheetflow/core/ports/source'
import type { BlobCollector } from './values/blob-collector.ts'
import type { CatalogueWatch, Findings } from './catalogue/catalogue-watch.ts'
import { sourceError } from './session/connect.ts'
import type { EventQueue } from './log/event-queue.ts'
import type { EventWriter } from './log/event-writer.ts'
import type { LogReader } from './log/log-reader.ts'
import type { Lsn } from './log/lsn.ts'
import { minLsn } from './log/lsn.ts'
import type { CatalogueQuery } from './catalogue/pg-type.ts'
import type { PublicationWatch } from './publication/publication-watch.ts'
import type { ReplicationReader, ReplicationStream } from './log/replication-stream.ts'
import type { PostgresSettings } from './settings.ts'
import { publicationOf, slotOf } from './settings.ts'
import { ChunkReader } from './snapshot/chunk-reader.ts'
import { passGate } from './snapshot/gate.ts'
import type { SnapshotProgress } from './snapshot/progress.ts'
import type { SnapshotWork } from './snapshot/snapshot-work.ts'
import type { TableBook } from './tables/table-book.ts'
import { TableChanges } from './tables/table-changes.ts'

/** Everything that one `follow` is made of; put together by `open-following.ts`. */
export interface FollowingParts {
  readonly settings: PostgresSettings
  readonly sql: pg.Client
  readonly query: CatalogueQuery
  readonly stream: ReplicationStream
  readonly book: TableBook
  readonly progress: SnapshotProgress
  readonly blobs: BlobCollector
  readonly queue: EventQueue
  readonly writer: EventWriter
  readonly snapshot: SnapshotWork
  readonly log: LogReader
  readonly watch: CatalogueWatch
  readonly publication: PublicationWatch
}

/** A name of this life, for barriers and heartbeats. */
export function newLife(): string {
  return randomBytes(6).toString('hex')
}

const READ_PAUSES = { firstMs: 250, mostMs: 10_000 }

/**
 * One life of following a Postgres: from connecting until the signal or an error. Four things go on beside each other: the log is read and turned into
 * events, chunks are read, gates are waited for, and the catalogue is watched. They meet in `SnapshotWork` and `EventQueue`, which do no I/O.
 */
export class Following implements ReplicationReader {
  readonly #parts: FollowingParts
  readonly #abort: AbortController
  readonly #tables: TableChanges
  readonly #signal: AbortSignal
  #failure: SheetflowError | null = null
  #lookingUp = false
  #wake: (() => void)[] = []
  /** Findings of the start, for the first heartbeat that comes by. */
  #first: Findings | null

  constructor(parts: FollowingParts, first: Findings, signal: AbortSignal) {
    this.#parts = parts
    this.#first = first
    this.#signal = signal
    this.#tables = new TableChanges(parts)
    this.#abort = new AbortController()
    signal.addEventListener('abort', () => this.#abort.abort(), { once: true })
    if (signal.aborted) this.#abort.abort()
    this.#abort.signal.addEventListener('abort', () => {
      parts.queue.wake()
      this.#kick()
    })
  }

  get parts(): FollowingParts {
    return this.#parts
  }

  /** The events, until the signal aborts (then it ends) or something fails (then it throws, coded). */
  async *events(): AsyncGenerator<SourceEvent, void> {
    const { queue, blobs, stream, settings } = this.#parts
    try {
      await stream.start(slotOf(settings), publicationOf(settings), this)
      const tasks = [this.#beats(), this.#reads(), this.#gates()]
      for (const task of tasks) task.catch((error: unknown) => this.ended(sourceError(error)))
      let said = true
      for (;;) {
        const event = queue.take()
        if (this.#abort.signal.aborted) break
        if (event === undefined) {
          if (this.#failure !== null) break
          if (blobs.full) {
            // Reading waits for room, and rows wait in the writer for their batch to be full: no event comes before this.
            await this.#storeBlobs()
            continue
          }
          // In the middle of a transaction nothing is gained by handing on less than a full message.
          if (said && this.#parts.writer.between) yield { kind: 'idle' }
          else await queue.arrived()
          said = false
          continue
        }
        if (blobs.pending) await this.#storeBlobs()
        said = true
        yield event
      }
      if (this.#failure !== null && !this.#signal.aborted) throw this.#failure
    } finally {
      this.#abort.abort()
      stream[Symbol.dispose]()
      void this.#parts.sql.end().catch(() => {})
    }
  }

  /** Everything up to this mark is safe: the server may forget what no run needs any more. */
  confirm(mark: Lsn): void {
    const { snapshot, stream } = this.#parts
    snapshot.safe(mark)
    const floor = snapshot.floor()
    stream.confirm(floor === null ? mark : minLsn(floor, mark))
  }

  request(request: SnapshotRequest): void {
    const { snapshot, book, writer } = this.#parts
    if (request.kind === 'keys') snapshot.reread(request.table, request.keys)
    else if (writer.between) snapshot.begin(request.tables.filter((table) => book.byName(table) !== undefined))
    else this.#requests.push(request.tables)
    this.#kick()
  }

  readonly #requests: (readonly string[])[] = []

  // ── the log ──────────────────────────────────────────────────────────────────────────────────────────

  message(buffer: Buffer, start: number): boolean {
    const { log, stream, blobs, queue } = this.#parts
    if (!log.take(buffer, start)) {
      this.#lookingUp = true
      this.#tables.lookUp(log.blockedOn ?? 0, log.xid, this.#abort.signal).then(
        () => {
          this.#lookingUp = false
          this.#kick()
          this.#goOn()
        },
        (error: unknown) => this.ended(sourceError(error)),
      )
      return false
    }
    if (this.#mustWait()) stream.pause()
    if (blobs.full) queue.wake()
    return true
  }

  dry(): void {
    const { writer, snapshot, book } = this.#parts
    if (this.#requests.length > 0 && writer.between) {
      const tables = this.#requests.splice(0).flat()
      snapshot.begin([...new Set(tables)].filter((table) => book.byName(table) !== undefined))
    }
    this.#kick()
  }

  ended(error: SheetflowError): void {
    this.#failure ??= error
    this.#parts.queue.wake()
  }

  heartbeat(name: string): void {
    const first = this.#first
    const found = this.#parts.watch.arrived(name)
    if (first !== null && this.#parts.watch.isOurs(name)) {
      this.#first = null
      this.#apply(first)
    }
    if (found !== undefined) this.#apply(found)
    this.#kick()
  }

  #apply(found: Findings): void {
    this.#parts.watch.lookAgain(this.#tables.apply(found))
  }

  #mustWait(): boolean {
    const { queue, snapshot, blobs } = this.#parts
    return this.#lookingUp || queue.full || snapshot.overfull || blobs.full
  }

  async #storeBlobs(): Promise<void> {
    await this.#parts.blobs.flush(this.#abort.signal)
    this.#goOn()
  }

  #goOn(): void {
    if (!this.#mustWait()) this.#parts.stream.resume()
  }

  /** Called by the queue when there is room again. */
  room(): void {
    this.#goOn()
  }

  // ── what goes on beside ──────────────────────────────────────────────────────────────────────────────

  async #beats(): Promise<void> {
    const { settings, watch, snapshot, publication, book } = this.#parts
    while (!this.#abort.signal.aborted) {
      const seen = await watch.beat(book.told, async (tables, changed) => {
        const captured = tables.filter((table) => book.get(table.oid) !== undefined)
        const found = await publication.look(captured, this.#tables.fresh(changed))
        for (const { table, why, fix } of found?.refused ?? [])
          settings.log?.warn('source.refused', { source: settings.name, table, why, fix })
        return found
      })
      snapshot.saw(seen)
      await this.#sleep(settings.heartbeatMs ?? 1_000)
    }
  }

  async #gates(): Promise<void> {
    const { snapshot, query } = this.#parts
    while (!this.#abort.signal.aborted) {
      const waiting = snapshot.waitingForGate()
      if (waiting.length === 0) {
        await this.#woken()
        continue
      }
      if (this.#parts.settings.faults?.off?.has('gate') !== true) await passGate(query, this.#abort.signal)
      snapshot.gated(waiting)
      this.#kick()
    }
  }

  async #reads(): Promise<void> {
    const { snapshot, settings, blobs } = this.#parts
    let reader: ChunkReader | null = null
    let failures = 0
    // A read may take long, and nobody waits for its rows any more.
    this.#abort.signal.addEventListener('abort', () => reader?.[Symbol.dispose](), { once: true })
    try {
      while (!this.#abort.signal.aborted) {
        const job = snapshot.nextRead()
        if (job === null) {
          await this.#woken()
          continue
        }
        try {
          reader ??= await ChunkReader.open(settings, blobs, this.#abort.signal)
          snapshot.answered(await reader.read(job.request, job.table.layout, job.table.partitioned, job.barrier))
          failures = 0
        } catch (cause) {
          const error = sourceError(cause)
          reader?.[Symbol.dispose]()
          reader = null
          snapshot.failed(job.request)
          if (this.#abort.signal.aborted) return
          settings.log?.warn('source.chunk', { source: settings.name, table: job.request.table, code: error.code, message: error.message })
          failures += 1
          await this.#sleep(backOffMs(READ_PAUSES, failures))
        }
        this.#goOn()
      }
    } finally {
      reader?.[Symbol.dispose]()
    }
  }

  async #sleep(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#abort.signal }).catch(() => {})
  }

  async #woken(): Promise<void> {
    if (this.#abort.signal.aborted) return
    await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  #kick(): void {
    if (this.#wake.length === 0) return
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }
}
