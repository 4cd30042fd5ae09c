import type pg from 'pg'
import { SheetflowError } from '@sheetflow/core/errors'
import type { PostgresAddress } from '../session/connect.ts'
import { connectReplication, soon, sourceError } from '../session/connect.ts'
import type { Lsn } from './lsn.ts'
import { lsnOf, NO_LSN, writeLsn } from './lsn.ts'
import { POSTGRES_EPOCH_MS } from './pgoutput.ts'
import { errorOfFrame, RawSocket } from '../session/raw-socket.ts'
import { quoteName, quoteText } from '../session/sql-text.ts'

/** What `IDENTIFY_SYSTEM` says. */
export interface SystemIdentity {
  readonly system: string
  readonly timeline: string
  /** Up to where the log is flushed. */
  readonly flushed: Lsn
}

interface SystemRow {
  readonly systemid: string
  readonly timeline: string
  readonly xlogpos: string
}

/** Who gets the log. */
export interface ReplicationReader {
  /** One pgoutput message at `start`. False: it cannot be taken now; it comes again after `resume`. */
  message(buffer: Buffer, start: number): boolean
  /** All that has arrived was handed over. */
  dry(): void
  /** The stream is over. Called once. */
  ended(error: SheetflowError): void
}

/**
 * The change log of one slot, and the acknowledgement of what was made safe. Status is sent by timer, whether or not anything is read: a reader
 * that is paused stays alive for the server. Nothing is acknowledged but what `confirm` was told.
 */
export class ReplicationStream implements Disposable {
  /** End of the log that the server has told us about. */
  serverEnd: Lsn = NO_LSN
  readonly identity: SystemIdentity
  readonly #socket: RawSocket
  readonly #timer: NodeJS.Timeout
  readonly #status = Buffer.alloc(STATUS_BYTES)
  #reader: ReplicationReader | null = null
  #started: { resolve: () => void; reject: (error: SheetflowError) => void } | null = null
  #failure: SheetflowError | null = null
  #paused = false
  #confirmed: Lsn = NO_LSN
  #sent: Lsn = NO_LSN
  #sentAt = 0
  #heardBytes = 0
  #heardAt: number = performance.now()

  private constructor(client: Awaited<ReturnType<typeof connectReplication>>, identity: SystemIdentity) {
    this.identity = identity
    this.#socket = new RawSocket(
      client,
      () => this.#drain(),
      (error) => this.#fail(sourceError(error)),
    )
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** Connects and asks who the server is; streaming begins with `start`. */
  static async open(address: PostgresAddress, signal: AbortSignal): Promise<ReplicationStream> {
    const client = await connectReplication(address, signal)
    try {
      const identify = async (): Promise<pg.QueryResult<SystemRow>> => await client.query<SystemRow>('IDENTIFY_SYSTEM')
      const { rows } = await soon(client, identify, signal)
      const row = rows[0]
      const [high = '0', low = '0'] = (row?.xlogpos ?? '0/0').split('/')
      const flushed = lsnOf(Number.parseInt(high, 16), Number.parseInt(low, 16))
      return new ReplicationStream(client, { system: row?.systemid ?? '', timeline: String(row?.timeline ?? ''), flushed })
    } catch (error) {
      void client.end().catch(() => {})
      throw sourceError(error)
    }
  }

  /** Begins to stream from where the slot was confirmed. Errors as of `sourceError`; 55006 is `source/slot-in-use`. */
  async start(slot: string, publication: string, reader: ReplicationReader): Promise<void> {
    this.#reader = reader
    await new Promise<void>((resolve, reject) => {
      this.#started = { resolve, reject }
      if (this.#failure !== null) return reject(this.#failure)
      const options = `proto_version '1', publication_names ${quoteText(quoteName(publication))}, messages 'true'`
      this.#socket.query(`START_REPLICATION SLOT ${quoteName(slot)} LOGICAL 0/0 (${options})`)
    })
  }

  /** Everything before this commit is safe with us. Never goes back. */
  confirm(lsn: Lsn): void {
    if (lsn > this.#confirmed) this.#confirmed = lsn
  }

  /** Stops reading until `resume`. */
  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#drain()
    if (!this.#paused) this.#socket.resume()
  }

  get confirmed(): Lsn {
    return this.#confirmed
  }

  get receivedBytes(): number {
    return this.#socket.receivedBytes
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    if (this.#confirmed > this.#sent) this.#sendStatus(false)
    this.#socket.close()
  }

  #drain(): void {
    const frames = this.#socket.frames
    try {
      while (!this.#paused && frames.next()) {
        if (frames.type !== COPY_DATA) this.#other()
        else if (frames.buffer[frames.start] === LOG_DATA) {
          if (this.#reader?.message(frames.buffer, frames.start + LOG_HEAD) === false) {
            frames.back()
            this.pause()
            return
          }
        } else this.#keepalive(frames.buffer, frames.start)
      }
      if (!this.#paused) this.#reader?.dry()
    } catch (error) {
      this.#fail(sourceError(error))
    }
  }

  /** Frames outside the copy: the answer to START_REPLICATION, errors, the end. */
  #other(): void {
    switch (this.#socket.frames.type) {
      case COPY_BOTH:
        this.#started?.resolve()
        return
      case ERROR:
        return this.#fail(errorOfFrame(this.#socket.frames))
      case COPY_DONE:
        return this.#fail(new SheetflowError('source/unreachable', 'Postgres ended the change log', { retry: 'later' }))
      default:
        break
    }
  }

  #keepalive(buffer: Buffer, start: number): void {
    this.serverEnd = lsnOf(buffer.readUInt32BE(start + 1), buffer.readUInt32BE(start + 5))
    if (buffer[start + 17] === 1) this.#sendStatus(false)
  }

  #tick(): void {
    const now = performance.now()
    // Before it streams there is nothing to be said: a slot is made for as long as the transactions go on that it waits for.
    if (this.#heardBytes !== this.#socket.receivedBytes || this.#paused || this.#reader === null) {
      this.#heardBytes = this.#socket.receivedBytes
      this.#heardAt = now
    }
    const silent = now - this.#heardAt
    if (silent > DEAD_MS) {
      return this.#fail(new SheetflowError('source/unreachable', `Postgres was silent for ${String(DEAD_MS / 1000)} s`, { retry: 'later' }))
    }
    const due = this.#confirmed > this.#sent || now - this.#sentAt > STATUS_MS
    if (due) this.#sendStatus(silent > ASK_MS)
  }

  #sendStatus(ask: boolean): void {
    const status = this.#status
    status[0] = STATUS
    for (const at of [1, 9, 17]) writeLsn(this.#confirmed, status, at)
    const micros = BigInt(Date.now() - POSTGRES_EPOCH_MS) * 1000n
    status.writeBigInt64BE(micros, 25)
    status[33] = ask ? 1 : 0
    this.#socket.copyData(status)
    this.#sent = this.#confirmed
    this.#sentAt = performance.now()
  }

  #fail(error: SheetflowError): void {
    if (this.#failure !== null) return
    this.#failure = error
    clearInterval(this.#timer)
    this.#started?.reject(error)
    this.#reader?.ended(error)
    this.#socket.close()
  }
}

const COPY_DATA = 0x64
const COPY_BOTH = 0x57
const COPY_DONE = 0x63
const ERROR = 0x45
const LOG_DATA = 0x77
/** `w`, start, end of the log, time. */
const LOG_HEAD = 25
const STATUS = 0x72
const STATUS_BYTES = 34
const TICK_MS = 250
/** Well below the shortest sensible `wal_sender_timeout`. */
const STATUS_MS = 1_000
/** Silence after which an answer is asked for, and after which the connection counts as dead. */
const ASK_MS = 10_000
const DEAD_MS = 60_000
