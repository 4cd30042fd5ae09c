import { SheetflowError } from '@sheetflow/core/errors'
import type { BlobCollector } from '../values/blob-collector.ts'
import { connectSql, sourceError } from '../session/connect.ts'
import { errorOfFrame, RawSocket } from '../session/raw-socket.ts'
import type { PostgresSettings } from '../settings.ts'
import type { TableLayout } from '../tables/table-layout.ts'
import type { ChunkRequest } from './chunk.ts'
import { Chunk } from './chunk.ts'
import { chunkSql, shapeOf } from './chunk-sql.ts'
import { CopyLine } from './copy-line.ts'
import type { DbSnapshot } from './visibility.ts'
import { parseSnapshot } from './visibility.ts'

/** A chunk, and how many bytes its rows had on the way. */
export interface ReadChunk {
  readonly chunk: Chunk
  readonly bytes: number
}

/** Reads chunks over a connection of its own, one at a time. Errors are coded; after one the reader is closed and a new one has to be opened. */
export class ChunkReader implements Disposable {
  readonly #settings: PostgresSettings
  readonly #blobs: BlobCollector
  readonly #signal: AbortSignal
  readonly #socket: RawSocket
  readonly #line = new CopyLine()
  #reading: Reading | null = null
  #failure: SheetflowError | null = null

  private constructor(
    settings: PostgresSettings,
    client: Awaited<ReturnType<typeof connectSql>>,
    blobs: BlobCollector,
    signal: AbortSignal,
  ) {
    this.#settings = settings
    this.#blobs = blobs
    this.#signal = signal
    this.#socket = new RawSocket(
      client,
      () => this.#drain(),
      (error) => this.#fail(sourceError(error)),
    )
  }

  static async open(settings: PostgresSettings, blobs: BlobCollector, signal: AbortSignal): Promise<ChunkReader> {
    const client = await connectSql({ ...settings, applicationName: `${settings.applicationName ?? 'sheetflow'} snapshot` }, signal)
    try {
      const { rows } = await client
        .query<{ standby: boolean }>(`SET lock_timeout TO '${String(LOCK_MS)}'; SELECT 1`)
        .then(() => client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby'))
      if (rows[0]?.standby === true) {
        throw new SheetflowError('source/unsupported', 'A standby does not know which transactions are running', {
          fix: 'Point the URL at the primary.',
        })
      }
    } catch (error) {
      void client.end().catch(() => {})
      throw sourceError(error)
    }
    return new ChunkReader(settings, client, blobs, signal)
  }

  async read(request: ChunkRequest, layout: TableLayout, partitioned: boolean, barrier: string): Promise<ReadChunk> {
    return await new Promise<ReadChunk>((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure)
      this.#reading = { request, layout, snapshot: null, isStale: false, rows: new Map(), read: 0, bytes: 0, error: null, resolve, reject }
      this.#socket.query(chunkSql(request, layout, partitioned, barrier, this.#settings.faults))
    })
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }

  #drain(): void {
    const frames = this.#socket.frames
    try {
      while (frames.next()) this.#frame()
    } catch (error) {
      return this.#fail(sourceError(error))
    }
    if (this.#blobs.full) this.#storeBlobs()
  }

  /** Big values of a chunk are stored while it is read: together they may be more than memory holds. */
  #storeBlobs(): void {
    this.#socket.pause()
    this.#blobs.flush(this.#signal).then(
      () => this.#socket.resume(),
      (error: unknown) => this.#fail(sourceError(error)),
    )
  }

  #frame(): void {
    const { type, buffer, start, end } = this.#socket.frames
    const reading = this.#reading
    if (reading === null) return
    switch (type) {
      case COPY_DATA:
        return this.#row(reading, buffer, start, end)
      case DATA_ROW:
        // The snapshot comes before the rows, the barrier's LSN behind them.
        if (reading.snapshot === null) readHead(reading, buffer.toString('utf8', start + 6, end))
        return
      case ERROR:
        reading.error ??= errorOfFrame(this.#socket.frames)
        return
      case READY:
        return this.#finish(reading)
      default:
        break
    }
  }

  #row(reading: Reading, buffer: Buffer, start: number, end: number): void {
    if (reading.isStale) return
    const { encoder, columns } = reading.layout
    const tuple = this.#line.read(buffer, start, end, columns.length)
    reading.rows.set(encoder.keyText(tuple), encoder.row('r', tuple))
    reading.read++
    reading.bytes += end - start
  }

  #finish(reading: Reading): void {
    this.#reading = null
    if (reading.error !== null || reading.snapshot === null) {
      // The session may stand in a failed transaction block, so it is not used again.
      const error = reading.error ?? new SheetflowError('source/protocol', 'A chunk came without its snapshot', { retry: 'later' })
      reading.reject(error)
      return this.#fail(error)
    }
    if (reading.isStale) {
      return reading.reject(
        new SheetflowError('source/protocol', `The columns of ${reading.request.table} are not those that the log has told of yet`, {
          retry: 'later',
        }),
      )
    }
    reading.resolve({ chunk: new Chunk(reading.request, reading.snapshot, reading.rows, reading.read), bytes: reading.bytes })
  }

  #fail(error: SheetflowError): void {
    this.#failure ??= error
    this.#socket.close()
    this.#reading?.reject(this.#failure)
    this.#reading = null
  }
}

interface Reading {
  readonly request: ChunkRequest
  readonly layout: TableLayout
  snapshot: DbSnapshot | null
  /** The table is not laid out as we believed: its rows cannot be read this way. */
  isStale: boolean
  readonly rows: Map<string, string>
  read: number
  bytes: number
  error: SheetflowError | null
  readonly resolve: (chunk: ReadChunk) => void
  readonly reject: (error: SheetflowError) => void
}

function readHead(reading: Reading, text: string): void {
  const end = text.indexOf('\n')
  reading.snapshot = parseSnapshot(text.slice(0, end))
  reading.isStale = text.slice(end + 1) !== shapeOf(reading.layout)
}

const COPY_DATA = 0x64
const DATA_ROW = 0x44
const ERROR = 0x45
const READY = 0x5a
/** An ALTER TABLE may hold the table for long; then others go first and this one is tried again. */
const LOCK_MS = 5_000
