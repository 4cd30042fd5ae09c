import { isoFromMs } from '@sheetflow/core/calendar'
import type { CaptureState, Cause } from '@sheetflow/core/message'
import type { ControlDraft } from '@sheetflow/core/ports/source'
import type { TableSchema } from '@sheetflow/core/schema'
import type { EventQueue } from './event-queue.ts'
import type { Lsn } from './lsn.ts'

/** A control message before the driver's state is put in. */
export type ControlText = ControlDraft extends infer C ? (C extends ControlDraft ? Omit<C, 'state'> : never) : never

/** Rows of one table go on together up to these. */
const BATCH_ROWS = 256
const BATCH_BYTES = 256 * 1024

/**
 * Writes the events of transactions into the queue: `begin` only when there is something to say, rows of one table in batches. One transaction is open
 * at a time. Every transaction carries the mark of the last one of the log.
 */
export class EventWriter {
  /** The last transaction of the log that was written; before any, the slot's consistent point. */
  mark: Lsn
  readonly #queue: EventQueue
  readonly #state: () => CaptureState
  #tx: string | null = null
  #begun = false
  #table = ''
  #schema = 0
  #rows: string[] = []
  #rowBytes = 0
  #lastNumber = 0
  #silent = false
  #later: ControlText[] = []

  /** `state` gives what a control message says of the whole capture. */
  constructor(queue: EventQueue, mark: Lsn, state: () => CaptureState) {
    this.#queue = queue
    this.mark = mark
    this.#state = state
  }

  /** Stands it between two transactions? */
  get between(): boolean {
    return this.#tx === null
  }

  /** Has the open transaction said something? */
  get begun(): boolean {
    return this.#begun || this.#rows.length > 0
  }

  /** Ends a silent transaction. */
  abandon(): void {
    this.#tx = null
    const later = this.#later
    this.#later = []
    for (const text of later) this.control(text)
  }

  /** A number for a transaction of our own; larger than every earlier one, also of earlier lives. */
  nextNumber(): number {
    this.#lastNumber = Math.max(this.#lastNumber + 1, Date.now())
    return this.#lastNumber
  }

  /** Opens a transaction. A silent one is on the bus already: control messages that arise in it follow behind it. */
  begin(tx: string, silent: boolean = false): void {
    this.#tx = tx
    this.#begun = false
    this.#silent = silent
  }

  row(schema: TableSchema, text: string): void {
    if (this.#table !== schema.table || this.#schema !== schema.schema) {
      this.flush()
      this.#table = schema.table
      this.#schema = schema.schema
    }
    this.#rows.push(text)
    this.#rowBytes += text.length
    if (this.#rows.length >= BATCH_ROWS || this.#rowBytes >= BATCH_BYTES) this.flush()
  }

  schema(schema: TableSchema): void {
    this.flush()
    this.#open()
    this.#queue.push({ kind: 'schema', schema })
  }

  /** Inside a transaction a part of it, else a transaction `ctl-<n>` of its own. */
  control(text: ControlText): void {
    if (this.#tx === null) return this.standalone(`ctl-${String(this.nextNumber())}`, () => this.control(text))
    if (this.#silent) {
      this.#later.push(text)
      return
    }
    this.flush()
    this.#open()
    // The union of drafts is closed under adding the state; the compiler cannot see that through the distribution.
    this.#queue.push({ kind: 'control', control: { ...text, state: this.#state() } as ControlDraft })
  }

  /** Runs `write` inside the transaction that is open, or in one of its own. */
  standalone(tx: string, write: () => void): void {
    this.begin(tx)
    write()
    this.commit(isoNow(), [], false)
  }

  /** Ends the transaction. One that said nothing is left out, unless `always`. */
  commit(at: string, causes: readonly Cause[], always: boolean): void {
    this.flush()
    if (always || causes.length > 0) this.#open()
    if (this.#begun) this.#queue.push({ kind: 'commit', at, mark: this.mark, causes })
    this.#tx = null
    this.#begun = false
  }

  /** Hands on what is batched. */
  flush(): void {
    if (this.#rows.length === 0) return
    this.#open()
    this.#queue.push({ kind: 'rows', table: this.#table, schema: this.#schema, rows: this.#rows }, this.#rowBytes)
    this.#rows = []
    this.#rowBytes = 0
  }

  #open(): void {
    if (this.#begun || this.#tx === null) return
    this.#begun = true
    this.#queue.push({ kind: 'begin', tx: this.#tx })
  }
}

/** Now, with the six decimals that all times of the bus have. */
export function isoNow(): string {
  return isoFromMs(Date.now())
}
