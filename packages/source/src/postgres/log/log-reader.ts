import type { Cause } from '@sheetflow/core/message'
import { isUlid } from '@sheetflow/core/ulid'
import type { EventWriter } from './event-writer.ts'
import type { Lsn } from './lsn.ts'
import type { HistoryWitness } from './origin.ts'
import type { PgOutputSink, Relation, Tuple } from './pgoutput.ts'
import { PgOutputDecoder } from './pgoutput.ts'
import type { SnapshotWork } from '../snapshot/snapshot-work.ts'
import { BARRIER_PREFIX } from '../snapshot/chunk-sql.ts'
import type { CapturedTable, TableBook } from '../tables/table-book.ts'

/** Prefix of the logical message by which a command names itself as the cause of its transaction: JSON `{id, user}`. */
export const CAUSE_PREFIX = 'sf:cmd'
/** Prefix of our heartbeat. */
export const HEARTBEAT_PREFIX = 'sf:heartbeat'

/** Counters that `metrics()` shows. */
export interface LogCounters {
  rows: number
  transactions: number
  /** Transactions that came again and were on the bus already. */
  skipped: number
}

/** What the reader of the log needs from around it. */
export interface LogSurroundings {
  readonly book: TableBook
  readonly writer: EventWriter
  readonly snapshot: SnapshotWork
  /** Transactions up to this one are on the bus: they are not written again, but rebuild what the snapshot has to know. */
  readonly written: Lsn
  readonly heartbeat: (text: string) => void
  /** Is told of transactions before anything of them is said, and throws if the log is not the one we know. */
  readonly witness: HistoryWitness
}

/**
 * Turns the log of one slot into events, transaction by transaction and never more than one message in memory. A row whose table layout is not
 * known to be right is not taken: `take` answers false and `blockedOn` says which table has to be looked up first.
 */
export class LogReader implements PgOutputSink {
  readonly counters: LogCounters = { rows: 0, transactions: 0, skipped: 0 }
  /** Commit of the last transaction that was read to its end. */
  delivered: Lsn
  blockedOn: number | null = null
  readonly #around: LogSurroundings
  readonly #decoder = new PgOutputDecoder(this)
  #xid = 0
  #skip = false
  #heartbeat: string | null = null
  #causes: Cause[] = []

  constructor(around: LogSurroundings) {
    this.#around = around
    this.delivered = around.written
  }

  /** Low 32 bits of the id of the transaction that is being read. */
  get xid(): number {
    return this.#xid
  }

  /** One pgoutput message. False: a table has to be looked up first, then the same message again. */
  take(buffer: Buffer, start: number): boolean {
    if (!this.#known(buffer, start)) return false
    this.#decoder.decode(buffer, start)
    return true
  }

  begin(xid: number, commitLsn: Lsn): void {
    this.#around.witness.beginning(commitLsn)
    this.#xid = xid
    this.#skip = commitLsn <= this.#around.written
    this.#around.writer.begin(commitLsn, this.#skip)
  }

  commit(commitLsn: Lsn, at: string): void {
    const { writer, snapshot } = this.#around
    this.delivered = commitLsn
    if (this.#skip) {
      this.#around.witness.ended(commitLsn, at)
      this.counters.skipped++
      writer.abandon()
    } else {
      this.counters.transactions++
      if (writer.begun || this.#causes.length > 0 || this.#heartbeat !== null) writer.mark = commitLsn
      writer.commit(at, this.#causes, this.#heartbeat !== null)
    }
    this.#causes = []
    snapshot.committed(this.#xid, commitLsn)
    const heartbeat = this.#heartbeat
    this.#heartbeat = null
    if (heartbeat !== null) this.#around.heartbeat(heartbeat)
    snapshot.publish()
  }

  relation(relation: Relation): void {
    this.#around.book.heard(relation)
  }

  insert(oid: number, after: Tuple): void {
    const table = this.#around.book.resolved(oid)
    if (table === undefined) return
    const { encoder } = table.layout
    this.counters.rows++
    if (this.#skip && !this.#around.snapshot.wants(table.name)) return
    const text = encoder.row('c', after)
    if (!this.#skip) this.#around.writer.row(table.layout.schema, text)
    if (this.#around.snapshot.wants(table.name)) {
      const row = encoder.hasUnchanged(after) ? text : null
      this.#around.snapshot.change(table.name, { op: 'create', key: encoder.keyText(after), row })
    }
  }

  update(oid: number, before: Tuple | null, full: boolean, after: Tuple): void {
    const table = this.#around.book.resolved(oid)
    if (table === undefined) return
    const { encoder, schema } = table.layout
    this.counters.rows++
    const wanted = this.#around.snapshot.wants(table.name)
    if (this.#skip && !wanted) return
    // Of a partitioned table it is the root that promises whole old rows, and its leaves that log them.
    encoder.fill(after, before, full && !table.partitioned)
    const moved = before !== null && !encoder.sameKey(before, after)
    const text = encoder.row(moved ? 'c' : 'u', after)
    if (!this.#skip) {
      if (moved) this.#around.writer.row(schema, encoder.deleted(before))
      this.#around.writer.row(schema, text)
    }
    if (!wanted) return
    const key = encoder.keyText(after)
    const row = encoder.hasUnchanged(after) ? text : null
    this.#around.snapshot.change(table.name, { op: 'update', old: moved ? encoder.keyText(before) : key, key, row })
  }

  delete(oid: number, before: Tuple): void {
    const table = this.#around.book.resolved(oid)
    if (table === undefined) return
    const { encoder, schema } = table.layout
    this.counters.rows++
    if (!this.#skip) this.#around.writer.row(schema, encoder.deleted(before))
    if (this.#around.snapshot.wants(table.name)) this.#around.snapshot.change(table.name, { op: 'delete', key: encoder.keyText(before) })
  }

  truncate(oids: readonly number[]): void {
    const { book, snapshot, writer } = this.#around
    for (const oid of oids) {
      const table = book.resolved(oid)
      if (table === undefined) continue
      this.counters.rows++
      book.truncated(oid, this.#xid)
      if (!this.#skip) writer.row(table.layout.schema, '["t",null,null,null]')
      if (snapshot.wants(table.name)) snapshot.change(table.name, { op: 'truncate' })
    }
  }

  message(prefix: string, content: string): void {
    if (prefix === BARRIER_PREFIX) this.#around.snapshot.barrier(content)
    else if (prefix === HEARTBEAT_PREFIX) this.#heartbeat = content
    else if (prefix === CAUSE_PREFIX) {
      const cause = causeOf(content)
      if (cause !== null) this.#causes.push(cause)
    }
  }

  /** Is every table of this message known to be laid out as the log says? */
  #known(buffer: Buffer, start: number): boolean {
    const kind = buffer[start]
    if (kind === INSERT || kind === UPDATE || kind === DELETE) return this.#resolve(buffer.readUInt32BE(start + 1))
    if (kind !== TRUNCATE) return true
    const count = buffer.readUInt32BE(start + 1)
    for (let i = 0; i < count; i++) if (!this.#resolve(buffer.readUInt32BE(start + 6 + i * 4))) return false
    return true
  }

  #resolve(oid: number): boolean {
    const { book } = this.#around
    if (book.resolved(oid) !== undefined || book.ignores(oid)) return true
    if (this.#skip) return this.#resolveSkipped(book.get(oid))
    this.blockedOn = oid
    return false
  }

  /** What is on the bus already needs no layout; if a run is under way, what the log says cannot be told to it. */
  #resolveSkipped(table: CapturedTable | undefined): boolean {
    if (table !== undefined && this.#around.snapshot.wants(table.name)) this.#around.snapshot.blind()
    return true
  }
}

const INSERT = 0x49
const UPDATE = 0x55
const DELETE = 0x44
const TRUNCATE = 0x54

/** Somebody else could write such a message too: what is not well formed is no cause. */
function causeOf(content: string): Cause | null {
  try {
    const parsed = JSON.parse(content) as { id?: unknown; user?: unknown } | null
    if (typeof parsed?.id !== 'string' || !isUlid(parsed.id)) return null
    return { id: parsed.id, user: typeof parsed.user === 'string' ? parsed.user : null }
  } catch {
    return null
  }
}
