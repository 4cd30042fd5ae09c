import { SheetflowError } from '@sheetflow/core/errors'
import type { Lsn } from './lsn.ts'
import { lsnOf } from './lsn.ts'

/** One row as the log carries it: for each column a kind and where its text stands in `buffer`. Reused from message to message. */
export interface Tuple {
  buffer: Buffer
  count: number
  kinds: Uint8Array
  starts: Int32Array
  ends: Int32Array
}

/** Kinds of a column's value in a tuple. */
export const TUPLE_NULL: number = 0x6e
export const TUPLE_UNCHANGED: number = 0x75
export const TUPLE_TEXT: number = 0x74

/** A table's layout at the place where the message stands. */
export interface Relation {
  readonly oid: number
  readonly namespace: string
  readonly name: string
  readonly columns: readonly RelationColumn[]
}

export interface RelationColumn {
  readonly name: string
  readonly typeOid: number
  readonly typmod: number
  /** Is it part of the replica identity? */
  readonly key: boolean
}

/** What the log says, in order. Tuples are valid only during the call. */
export interface PgOutputSink {
  begin(xid: number, commitLsn: Lsn): void
  commit(commitLsn: Lsn, at: string): void
  relation(relation: Relation): void
  insert(oid: number, after: Tuple): void
  /** `before` is null unless the key may have changed (`full` false: only key columns are there) or the replica identity is FULL. */
  update(oid: number, before: Tuple | null, full: boolean, after: Tuple): void
  delete(oid: number, before: Tuple): void
  truncate(oids: readonly number[]): void
  /** A logical message of a transaction. Others (not transactional) are dropped. */
  message(prefix: string, content: string): void
}

/** Decodes pgoutput messages (protocol version 1, text form, with logical messages) and tells them to a sink. Keeps no state between messages. */
export class PgOutputDecoder {
  readonly #sink: PgOutputSink
  readonly #before = newTuple()
  readonly #after = newTuple()

  constructor(sink: PgOutputSink) {
    this.#sink = sink
  }

  /** One message at `start` of `buffer`. Errors: `source/protocol` for a kind that is not known. */
  decode(buffer: Buffer, start: number): void {
    const kind = buffer[start] as number
    switch (kind) {
      case INSERT:
        readTuple(buffer, start + 6, this.#after)
        return this.#sink.insert(buffer.readUInt32BE(start + 1), this.#after)
      case UPDATE:
        return this.#update(buffer, start)
      case DELETE:
        readTuple(buffer, start + 6, this.#before)
        return this.#sink.delete(buffer.readUInt32BE(start + 1), this.#before)
      case BEGIN:
        return this.#sink.begin(buffer.readUInt32BE(start + 17), readLsn(buffer, start + 1))
      case COMMIT:
        return this.#sink.commit(readLsn(buffer, start + 2), readTime(buffer, start + 18))
      case RELATION:
        return this.#sink.relation(readRelation(buffer, start + 1))
      case TRUNCATE:
        return this.#truncate(buffer, start)
      case MESSAGE:
        return this.#message(buffer, start)
      case TYPE:
      case ORIGIN:
        return
      default:
        throw new SheetflowError('source/protocol', `The log holds a message of the unknown kind 0x${kind.toString(16)}`, {
          fix: 'Use a Postgres of version 14 to 18, or report this.',
        })
    }
  }

  #update(buffer: Buffer, start: number): void {
    const oid = buffer.readUInt32BE(start + 1)
    let at = start + 5
    let before: Tuple | null = null
    const full = buffer[at] === FULL_TUPLE
    if (buffer[at] !== NEW_TUPLE) {
      at = readTuple(buffer, at + 1, this.#before)
      before = this.#before
    }
    readTuple(buffer, at + 1, this.#after)
    this.#sink.update(oid, before, full, this.#after)
  }

  #truncate(buffer: Buffer, start: number): void {
    const count = buffer.readUInt32BE(start + 1)
    const oids: number[] = []
    for (let i = 0; i < count; i++) oids.push(buffer.readUInt32BE(start + 6 + i * 4))
    this.#sink.truncate(oids)
  }

  #message(buffer: Buffer, start: number): void {
    const transactional = buffer[start + 1] === 1
    const prefixEnd = buffer.indexOf(0, start + 10)
    const length = buffer.readUInt32BE(prefixEnd + 1)
    const content = prefixEnd + 5
    if (transactional)
      this.#sink.message(buffer.toString('utf8', start + 10, prefixEnd), buffer.toString('utf8', content, content + length))
  }
}

/** An empty tuple, to be filled. */
export function newTuple(columns: number = 64): Tuple {
  return {
    buffer: Buffer.alloc(0),
    count: 0,
    kinds: new Uint8Array(columns),
    starts: new Int32Array(columns),
    ends: new Int32Array(columns),
  }
}

/** Makes room for `count` columns. */
export function growTuple(tuple: Tuple, count: number): void {
  if (count <= tuple.kinds.length) return
  const wider = newTuple(count * 2)
  tuple.kinds = wider.kinds
  tuple.starts = wider.starts
  tuple.ends = wider.ends
}

/** ISO time with 6 decimals of Postgres' microseconds since 2000. */
function isoOfPostgresMicros(micros: number): string {
  const ms = Math.floor(micros / 1000)
  const rest = micros - ms * 1000
  const iso = new Date(ms + POSTGRES_EPOCH_MS).toISOString()
  return `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}

/** Milliseconds from 1970 to 2000, where Postgres begins to count. */
export const POSTGRES_EPOCH_MS: number = 946_684_800_000

const INSERT = 0x49
const UPDATE = 0x55
const DELETE = 0x44
const BEGIN = 0x42
const COMMIT = 0x43
const RELATION = 0x52
const TRUNCATE = 0x54
const MESSAGE = 0x4d
const TYPE = 0x59
const ORIGIN = 0x4f
const NEW_TUPLE = 0x4e
const FULL_TUPLE = 0x4f

function readTuple(buffer: Buffer, start: number, tuple: Tuple): number {
  const count = ((buffer[start] as number) << 8) | (buffer[start + 1] as number)
  growTuple(tuple, count)
  tuple.buffer = buffer
  tuple.count = count
  const { kinds, starts, ends } = tuple
  let at = start + 2
  for (let i = 0; i < count; i++) {
    const kind = buffer[at++] as number
    kinds[i] = kind
    if (kind !== TUPLE_TEXT) continue
    const length =
      ((buffer[at] as number) << 24) | ((buffer[at + 1] as number) << 16) | ((buffer[at + 2] as number) << 8) | (buffer[at + 3] as number)
    at += 4
    starts[i] = at
    at += length
    ends[i] = at
  }
  return at
}

function readRelation(buffer: Buffer, start: number): Relation {
  const oid = buffer.readUInt32BE(start)
  const namespaceEnd = buffer.indexOf(0, start + 4)
  const nameEnd = buffer.indexOf(0, namespaceEnd + 1)
  const count = buffer.readUInt16BE(nameEnd + 2)
  const columns: RelationColumn[] = []
  let at = nameEnd + 4
  for (let i = 0; i < count; i++) {
    const end = buffer.indexOf(0, at + 1)
    columns.push({
      key: ((buffer[at] as number) & 1) === 1,
      name: buffer.toString('utf8', at + 1, end),
      typeOid: buffer.readUInt32BE(end + 1),
      typmod: buffer.readInt32BE(end + 5),
    })
    at = end + 9
  }
  const namespace = buffer.toString('utf8', start + 4, namespaceEnd)
  return { oid, namespace: namespace === '' ? 'pg_catalog' : namespace, name: buffer.toString('utf8', namespaceEnd + 1, nameEnd), columns }
}

function readLsn(buffer: Buffer, at: number): Lsn {
  return lsnOf(buffer.readUInt32BE(at), buffer.readUInt32BE(at + 4))
}

function readTime(buffer: Buffer, at: number): string {
  return isoOfPostgresMicros(buffer.readInt32BE(at) * 2 ** 32 + buffer.readUInt32BE(at + 4))
}
