import type { LettersControl } from '../dead-letter.ts'
import type { SheetflowError } from '../errors.ts'
import type { CommitBody, GraphControl, RowsMessage, SourceControl } from '../message.ts'
import type { StoredPosition } from '../position.ts'
import type { StoredMessage } from '../ports/bus.ts'
import { commitBody } from './commit-body.ts'
import { tableOfSubject } from '../subject.ts'
import { decodeMessage, decodeOrDead } from './codec.ts'
import type { DecodedMessage, SchemaMessage } from './codec.ts'

/** What a half-written transaction means: of a source it is completed later, so its rows count; of a graph it never was. */
export type HalfRule = 'source' | 'graph'

/** Where a reader begins. */
export interface ReaderOptions {
  readonly rule: HalfRule
  /** The epoch in which reading begins: that of the position read before, else the stream's. */
  readonly epoch: number
  /** The commit read last; its redelivery is recognised. */
  readonly after?: StoredPosition | null
}

/**
 * What a stream says, in order. Every `begin` is followed by pieces and by one `commit` or `half`.
 *
 * `half`: another transaction began before this one was committed. With `keep` its rows count and are right at their place (a `snap-` chunk
 * that is closed; a source's transaction, of which the rest comes under the same tx, beginning with another `begin`); without it
 * nothing of it ever happened and whoever took its pieces gives them back.
 *
 * `dead`: rows of a table in a source's stream that cannot be read, whatever transaction they are of; it opens and closes none.
 */
export type StreamEvent =
  | { readonly kind: 'begin'; readonly tx: string; readonly big: boolean }
  | { readonly kind: 'rows'; readonly offset: number; readonly message: RowsMessage }
  | { readonly kind: 'schema'; readonly offset: number; readonly message: SchemaMessage }
  | { readonly kind: 'control'; readonly offset: number; readonly message: SourceControl | GraphControl | LettersControl }
  | DeadPiece
  | { readonly kind: 'commit'; readonly position: StoredPosition; readonly commit: CommitBody }
  | { readonly kind: 'half'; readonly tx: string; readonly keep: boolean }

/** A message of rows that cannot be read. */
export interface DeadPiece {
  readonly kind: 'dead'
  readonly offset: number
  /** `schema.table`, by its subject; null: it is no message of a table. */
  readonly table: string | null
  readonly error: SheetflowError
}

/** A transaction that stands half-written: `next` is the ordinal of the message that is missing. */
export interface HalfTransaction {
  readonly tx: string
  readonly next: number
}

/**
 * Reads the messages of one source or graph stream as transactions (FORMATS 4): finds their ends, leaves out what came before (by
 * ordinal, also parts of a message that was cut otherwise the second time), counts epochs. Subjects may be missing if `_commit`, `_schema` and
 * `_ctl` are among those read.
 */
export class TransactionReader {
  readonly #rule: HalfRule
  #epoch: number
  #position: StoredPosition | null
  #commit: CommitBody | null = null
  #offset = 0
  #open: { tx: string; next: number } | null = null
  /** Of a source: the transaction that was left open last. Its rest may still come. */
  #left: HalfTransaction | null = null

  constructor(options: ReaderOptions) {
    this.#rule = options.rule
    this.#epoch = options.epoch
    this.#position = options.after ?? null
    this.#offset = options.after?.offset ?? 0
  }

  /** The commit that was read last. */
  get position(): StoredPosition | null {
    return this.#position
  }

  /** Its body; null before the first one of this reader. */
  get lastCommit(): CommitBody | null {
    return this.#commit
  }

  /** The transaction that is open: at a stream's end, the one that its writer has to complete or drop. */
  get half(): HalfTransaction | null {
    return this.#open === null ? null : { ...this.#open }
  }

  get epoch(): number {
    return this.#epoch
  }

  /** The events of the next messages, in order of their offsets. `core/bad-message` or `core/unknown-format` for what cannot be read and is no `dead`. */
  push(messages: readonly StoredMessage[]): readonly StreamEvent[] {
    const events: StreamEvent[] = []
    for (const stored of messages) {
      if (stored.offset <= this.#offset) continue
      this.#offset = stored.offset
      this.#decode(stored, events)
    }
    return events
  }

  /** The events of a message that was `dead`, fetched once more, before anything behind it is pushed. */
  again(stored: StoredMessage): readonly StreamEvent[] {
    const events: StreamEvent[] = []
    this.#decode(stored, events)
    return events
  }

  #decode(stored: StoredMessage, events: StreamEvent[]): void {
    const decoded = this.#rule === 'source' ? decodeOrDead(stored) : decodeMessage(stored)
    if (decoded.kind === 'dead')
      events.push({ kind: 'dead', offset: stored.offset, table: tableOfSubject(stored.subject), error: decoded.error })
    else this.#read(stored.offset, decoded, events)
  }

  #read(offset: number, decoded: DecodedMessage, events: StreamEvent[]): void {
    const { tx } = decoded.message
    if (this.#open === null && tx === this.#position?.tx) return
    const open = this.#enter(tx, decoded, events)
    if (decoded.kind === 'commit') return this.#close(offset, tx, decoded.message, events)
    const piece = unseen(offset, decoded, open.next)
    open.next = Math.max(open.next, endOf(decoded))
    if (piece !== null) events.push(piece)
    if (decoded.kind === 'control' && decoded.message.kind === 'epoch') this.#epoch = decoded.message.epoch
    if (decoded.message.commit !== undefined) this.#close(offset, tx, decoded.message.commit, events)
  }

  /** The open transaction of that tx, after closing another one. */
  #enter(tx: string, decoded: DecodedMessage, events: StreamEvent[]): { next: number } {
    const open = this.#open
    if (open?.tx === tx) return open
    if (open !== null) {
      const keep = this.#rule === 'source'
      events.push({ kind: 'half', tx: open.tx, keep })
      this.#left = keep ? open : null
    }
    const resumed = this.#left?.tx === tx ? this.#left.next : 0
    const begun = { tx, next: resumed }
    this.#open = begun
    events.push({ kind: 'begin', tx, big: decoded.message.big === true })
    return begun
  }

  #close(offset: number, tx: string, commit: CommitBody, events: StreamEvent[]): void {
    this.#open = null
    this.#left = null
    this.#position = { epoch: this.#epoch, offset, tx }
    this.#commit = commitBody(commit)
    events.push({ kind: 'commit', position: this.#position, commit: this.#commit })
  }
}

/** Ordinal behind the message. */
function endOf(decoded: Exclude<DecodedMessage, { kind: 'commit' }>): number {
  return decoded.message.first + (decoded.kind === 'rows' ? decoded.message.rows.length : 1)
}

/** The part of a message at or behind an ordinal; null if all of it came before. */
function unseen(offset: number, decoded: Exclude<DecodedMessage, { kind: 'commit' }>, next: number): StreamEvent | null {
  if (endOf(decoded) <= next) return null
  if (decoded.kind !== 'rows' || decoded.message.first >= next) return { offset, ...decoded }
  const { message } = decoded
  return { kind: 'rows', offset, message: { ...message, first: next, rows: message.rows.slice(next - message.first) } }
}
