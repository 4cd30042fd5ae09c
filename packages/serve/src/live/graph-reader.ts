import { TransactionReader } from '@sheetflow/core/framing/assembler'
import type { StreamEvent } from '@sheetflow/core/framing/assembler'
import type { RowChange, RowsMessage } from '@sheetflow/core/message'
import type { StoredPosition } from '@sheetflow/core/position'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { GraphTransaction, ViewControl } from './graph-transaction.ts'

/**
 * Reads a graph's stream as transactions for the router: as framing reads it (half-written ones never were), except that one that is too big
 * to hold is told as a reset of its views: for live lists it is one.
 */
export class GraphReader {
  readonly #maxBytes: number
  readonly #reader: TransactionReader
  #pending = new PendingTransaction('')

  constructor(options: { readonly epoch: number; readonly after: StoredPosition | null; readonly maxBytes: number }) {
    this.#maxBytes = options.maxBytes
    this.#reader = new TransactionReader({ rule: 'graph', epoch: options.epoch, after: options.after })
  }

  /** The transaction that this message closes, else null. `core/bad-message` for what is no message of a graph. */
  push(message: StoredMessage): GraphTransaction | null {
    // Millions of rows that nobody will be told of would be parsed for nothing.
    if (this.#pending.leavesOut(message)) return null
    let closed: GraphTransaction | null = null
    for (const event of this.#reader.push([message])) closed = this.#take(event, message) ?? closed
    return closed
  }

  #take(event: StreamEvent, message: StoredMessage): GraphTransaction | null {
    const pending = this.#pending
    switch (event.kind) {
      case 'begin':
        this.#pending = new PendingTransaction(placeOf(message))
        return null
      case 'rows':
        pending.addRows(event.message, message, this.#maxBytes)
        return null
      case 'schema':
        if ('generation' in event.message) pending.schemas.push(event.message)
        return null
      case 'control':
        if (event.message.kind === 'view') pending.controls.push(event.message)
        return null
      case 'half':
      case 'dead':
        return null
      case 'commit':
        return {
          epoch: epochOf(message) ?? event.position.epoch,
          offset: event.position.offset,
          tx: event.position.tx,
          at: event.commit.at,
          views: [...pending.views].map(([view, held]) => ({ view, rows: held?.rows ?? [], reset: held === null })),
          schemas: pending.schemas,
          controls: pending.controls,
          bytes: Math.max(pending.bytes, message.body.length),
        }
    }
  }
}

/** Rows of one view, and what their messages took. */
interface HeldRows {
  readonly rows: RowChange[]
  bytes: number
}

/** A transaction whose commit has not come yet. */
class PendingTransaction {
  /** null: this view cannot be told row by row. */
  readonly views = new Map<string, HeldRows | null>()
  readonly schemas: SheetSchema[] = []
  readonly controls: ViewControl[] = []
  /** Of the rows that are held. */
  bytes = 0
  readonly #place: string
  /** Of views that are null. */
  readonly #leftOut = new Set<string>()

  constructor(place: string) {
    this.#place = place
  }

  /** Is it another message of this transaction, of rows that are not told? Only the first message of a transaction can be its last one too. */
  leavesOut(message: StoredMessage): boolean {
    return this.#leftOut.has(message.subject) && placeOf(message) === this.#place && !message.id.endsWith('/0')
  }

  addRows({ table, rows, big }: RowsMessage, { subject, body: { length: bytes } }: StoredMessage, maxBytes: number): void {
    const known = this.views.get(table)
    if (known === null) return
    if (big === true || this.bytes + bytes > maxBytes || !rows.every(isTold)) {
      this.bytes -= known?.bytes ?? 0
      this.views.set(table, null)
      this.#leftOut.add(subject)
      return
    }
    this.bytes += bytes
    if (known === undefined) this.views.set(table, { rows: [...rows], bytes })
    else {
      known.bytes += bytes
      for (const row of rows) known.rows.push(row)
    }
  }
}

/** Is it a change that channels can be told of: with its key and, where there was a row, that row? */
function isTold([op, key, , before]: RowChange): boolean {
  return op !== 't' && key !== null && (before !== null || op === 'c' || op === 'r')
}

/** Epoch and transaction of a message, as its id has them. */
function placeOf({ id }: StoredMessage): string {
  return id.slice(0, id.lastIndexOf('/'))
}

/** Message ids are `<stream>/<epoch>/<tx>/<first>`. */
function epochOf(message: StoredMessage): number | undefined {
  const epoch = Number(message.id.split('/', 2)[1])
  return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : undefined
}
