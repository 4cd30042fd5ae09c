import { assert, must } from '../assert.ts'
import type { DeadLetters } from '../dead-letter.ts'
import type { CommitBody, GraphControl, RowChange } from '../message.ts'
import type { BusMessage } from '../ports/bus.ts'
import type { ControlDraft, SourceEvent } from '../ports/source.ts'
import type { InboxPlace } from '../position.ts'
import type { SheetSchema, TableSchema } from '../schema.ts'
import { JsonBytes } from '../json-bytes.ts'
import { ByteBlock } from './byte-block.ts'
import type { RowBytes } from './byte-block.ts'
import { commitText, inboxOf } from './commit-body.ts'
import { encodeBody } from './codec.ts'
import { RowBlock } from './row-block.ts'
import type { StreamSubjects } from './subjects.ts'

/** Which stream is written. */
export interface PackerOptions {
  readonly stream: string
  readonly epoch: number
  readonly subjects: StreamSubjects
}

/** How a transaction begins. */
export interface BeginOptions {
  /** Completing a half-written transaction: everything below this ordinal stands on the bus and is not sent again. */
  readonly next?: number
  /** It is above `limits.stepRows`: its first message says so. */
  readonly big?: boolean
}

/** A commit but for its counts, which the packer knows. */
export type CommitDraft = Omit<CommitBody, 'counts'>

/** A control message of a source or a graph without its head. */
export type AnyControlDraft = ControlDraft | Omit<GraphControl, 'v' | 'tx' | 'first' | 'commit'>

/**
 * Writes the transactions of one source or graph as messages (FORMATS 4): counts ordinals, cuts rows into messages, closes with a commit.
 *
 * `begin`, then `rows` `changes` `schema` `control` in any order, then `commit`; `take` gives the messages that are complete so far, in order.
 * A `d` and the `c` that follows it are never cut apart. The commit of a transaction that is one message without causes rides in it.
 * Rows come as JSON, text or bytes, and are joined, never parsed.
 */
export class TransactionPacker {
  readonly #stream: string
  readonly #subjects: StreamSubjects
  #epoch: number
  #out: BusMessage[] = []
  #rows: RowBlock | ByteBlock | null = null
  /** What is written of a message whose rows are bytes. */
  readonly #bytes = new JsonBytes()
  /** The last message but rows, held back because it might be the only one. */
  #held: Held | null = null
  #tx: string | null = null
  #ordinal = 0
  #skipBelow = 0
  /** Has this transaction any message outside of `#rows` and `#held`, here or already on the bus? */
  #begun = false
  #big = false
  #counts: Record<string, number> = {}

  constructor(options: PackerOptions) {
    this.#stream = options.stream
    this.#subjects = options.subjects
    this.#epoch = options.epoch
  }

  /** The epoch that message ids carry. A new one is set between transactions. */
  get epoch(): number {
    return this.#epoch
  }

  set epoch(epoch: number) {
    assert(this.#tx === null, 'an epoch begins between transactions')
    this.#epoch = epoch
  }

  /** Opens a transaction; none is open. */
  begin(tx: string, options: BeginOptions = {}): void {
    assert(this.#tx === null, 'transactions do not nest')
    this.#tx = tx
    this.#ordinal = 0
    this.#skipBelow = options.next ?? 0
    this.#begun = this.#skipBelow > 0
    this.#big = options.big ?? false
    this.#counts = {}
  }

  /** Rows of one table, each a `RowChange` as JSON text. */
  rows(table: string, schema: number, rows: readonly string[]): void {
    assert(this.#tx !== null, 'rows stand inside a transaction')
    if (rows.length === 0) return
    this.#counts[table] = (this.#counts[table] ?? 0) + rows.length
    for (const row of rows) {
      const ordinal = this.#ordinal++
      if (ordinal >= this.#skipBelow) this.#addRow(table, schema, row, ordinal)
    }
  }

  /** As `rows`, of rows that are bytes already. */
  rowBytes(table: string, schema: number, rows: RowBytes): void {
    assert(this.#tx !== null, 'rows stand inside a transaction')
    const count = rows.ends.length
    if (count === 0) return
    this.#counts[table] = (this.#counts[table] ?? 0) + count
    const first = this.#ordinal
    this.#ordinal += count
    let row = Math.max(0, this.#skipBelow - first)
    while (row < count) row += this.#addBytes(this.#byteBlock(table, schema, first + row), rows, row)
  }

  /** Rows of one table or sheet as objects. */
  changes(table: string, schema: number, rows: readonly RowChange[]): void {
    this.rows(
      table,
      schema,
      rows.map((row) => JSON.stringify(row)),
    )
  }

  schema(schema: TableSchema | SheetSchema): void {
    this.#single(this.#subjects.schema(schema.table), schema)
  }

  control(control: AnyControlDraft): void {
    this.#single(this.#subjects.control, control)
  }

  /** How the dead letters of a graph stand. */
  letters(letters: DeadLetters): void {
    this.#single(`${this.#subjects.control}.letters`, { kind: 'letters', ...letters })
  }

  /** Closes the transaction. All of its messages can be taken now. */
  commit(draft: CommitDraft): void {
    const tx = must(this.#tx, 'a commit closes a transaction')
    const counts = this.#counts
    const alone = !this.#begun && draft.causes.length === 0 && (this.#rows === null) !== (this.#held === null)
    const text = commitText({ ...draft, counts }, alone)
    if (alone) this.#flush(`,"commit":{${text}}`)
    else {
      this.#flush('')
      this.#send(this.#subjects.commit, this.#ordinal, encodeBody(`{"v":1,"tx":${JSON.stringify(tx)},"first":${this.#ordinal},${text}}`))
    }
    this.#tx = null
  }

  /** Gives up the open transaction; what has been taken of it stays half-written. */
  abandon(): void {
    this.#tx = null
    if (this.#rows instanceof ByteBlock) this.#rows.end('')
    this.#rows = null
    this.#held = null
  }

  /** Nothing more to read at once: what is packed so far may be taken, also in the middle of a transaction. */
  idle(): void {
    this.#flush('')
  }

  /** One event of a source; `inbox` is up to where its inbox is finished, for a commit. */
  event(event: SourceEvent, inbox?: InboxPlace): void {
    switch (event.kind) {
      case 'begin':
        return this.begin(event.tx)
      case 'rows':
        return this.rows(event.table, event.schema, event.rows)
      case 'schema':
        return this.schema(event.schema)
      case 'control':
        return this.control(event.control)
      case 'commit':
        return this.commit({ at: event.at, mark: event.mark, ...(inbox === undefined ? {} : inboxOf(inbox)), causes: event.causes })
      case 'idle':
        return this.idle()
    }
  }

  /** The messages that are complete, in order; each is given once. */
  take(): readonly BusMessage[] {
    const taken = this.#out
    this.#out = []
    return taken
  }

  #addRow(table: string, schema: number, row: string, ordinal: number): void {
    if (this.#held !== null) this.#flush('')
    const block = this.#rows
    if (!(block instanceof RowBlock) || block.table !== table || block.schema !== schema) {
      this.#flush('')
      this.#rows = new RowBlock(table, schema, ordinal, row)
    } else if (!block.add(row)) {
      const next = block.cut(row)
      this.#flush('')
      this.#rows = next
    }
  }

  /** Adds rows from row `row` on to that block, or to the one behind it. Gives how many. */
  #addBytes(block: ByteBlock, rows: RowBytes, row: number): number {
    const added = block.add(rows, row)
    if (added > 0) return added
    const moved = block.giveUp(rows, row)
    this.#flush('')
    const next = this.#byteBlock(block.table, block.schema, block.next)
    if (moved !== null) next.add(moved, 0)
    return next.add(rows, row)
  }

  /** The block that the next row of that table goes into; an empty one begins with this ordinal. */
  #byteBlock(table: string, schema: number, ordinal: number): ByteBlock {
    const block = this.#rows
    if (this.#held === null && block instanceof ByteBlock && block.table === table && block.schema === schema) return block
    this.#flush('')
    const fresh = new ByteBlock(table, schema, ordinal, this.#head(table, schema, ordinal), this.#bytes)
    this.#rows = fresh
    return fresh
  }

  /** A message that is no rows. A body that was read from a stream loses the head that it had there. */
  #single(subject: string, body: object): void {
    const tx = must(this.#tx, 'every message stands inside a transaction')
    const ordinal = this.#ordinal++
    if (ordinal < this.#skipBelow) return
    this.#flush('')
    const head = { v: 1, tx, first: ordinal }
    this.#held = { subject, ordinal, text: JSON.stringify({ ...head, ...body, ...head, big: undefined, commit: undefined }).slice(0, -1) }
  }

  /** Sends what is pending: rows or a held message, never both. @param tail goes in front of the closing brace. */
  #flush(tail: string): void {
    const held = this.#held
    const rows = this.#rows
    this.#held = null
    this.#rows = null
    if (held !== null) this.#send(held.subject, held.ordinal, encodeBody(`${held.text}${this.#bigMark()}${tail}}`))
    if (rows === null) return
    const { table, schema, first } = rows
    const end = `]${this.#bigMark()}${tail}}`
    const body = rows instanceof ByteBlock ? rows.end(end) : encodeBody(`${this.#head(table, schema, first)}${rows.text()}${end}`)
    this.#send(this.#subjects.rows(table), first, body)
  }

  /** What stands in front of the rows of a message. */
  #head(table: string, schema: number, first: number): string {
    return `{"v":1,"table":${JSON.stringify(table)},"schema":${schema},"tx":${JSON.stringify(this.#tx)},"first":${first},"rows":[`
  }

  #bigMark(): string {
    return this.#big && !this.#begun ? ',"big":true' : ''
  }

  #send(subject: string, ordinal: number, body: Uint8Array): void {
    this.#begun = true
    this.#out.push({ subject, id: `${this.#stream}/${this.#epoch}/${this.#tx ?? ''}/${ordinal}`, body })
  }
}

interface Held {
  readonly subject: string
  readonly ordinal: number
  /** JSON without the closing brace. */
  readonly text: string
}
