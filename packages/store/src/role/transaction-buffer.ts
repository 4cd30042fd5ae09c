import type { StreamEvent } from '@sheetflow/core/framing/assembler'
import type { SchemaMessage } from '@sheetflow/core/framing/codec'
import type { GraphControl, ViewStatus } from '@sheetflow/core/message'
import type { ViewChanges, ViewTransaction } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'

/** A generation that the store holds, as far as the role knows. */
export interface Held {
  readonly generation: number
  readonly status: ViewStatus
}

/** What the role knows about views. */
export interface ViewKnowledge {
  /** The last schema of a view that belongs to this store; undefined: not ours. */
  schema(view: string): SheetSchema | undefined
  /** Does this store keep the sheet? */
  isOurs(schema: SheetSchema): boolean
  held(view: string): Held | undefined
  /** Rows of it are left out until it is filled anew. */
  isMissing(view: string): boolean
}

/**
 * One open transaction of a graph: pieces come in, changes of our views go out. Nothing of it counts until its commit (FORMATS 4).
 *
 * A `view` message fills a view anew if its generation is another than the one held, or the one held has never been filled (`loading`);
 * otherwise it only says the view's status.
 */
export class TransactionBuffer {
  readonly tx: string
  readonly #known: ViewKnowledge
  readonly #schemas: SheetSchema[] = []
  readonly #filled = new Map<string, Held>()
  /** `view` messages come first in their transaction, also before the schema of a view that nobody knows yet. */
  readonly #waiting = new Map<string, GraphControl>()
  #changes: ViewChanges[] = []
  #rows = 0
  /** Pieces that were given to the store already. */
  #staged = 0
  #begun = false
  /** Reading began in its middle: it was written before we came and is no business of ours. */
  #partial = false

  constructor(tx: string, known: ViewKnowledge) {
    this.tx = tx
    this.#known = known
  }

  /** Rows held in memory. */
  get rows(): number {
    return this.#rows
  }

  /** Was a part of it given to the store already? */
  get isStaged(): boolean {
    return this.#staged > 0
  }

  get isPartial(): boolean {
    return this.#partial
  }

  /** Schemas of our views in it, in order. */
  get schemas(): readonly SheetSchema[] {
    return this.#schemas
  }

  /** Views that it fills anew, with what they then are. */
  get filled(): ReadonlyMap<string, Held> {
    return this.#filled
  }

  add(event: Extract<StreamEvent, { kind: 'rows' | 'schema' | 'control' }>): void {
    if (!this.#begun) this.#partial = event.message.first !== 0
    this.#begun = true
    if (this.#partial) return
    switch (event.kind) {
      case 'schema':
        this.#learn(sheetOf(event.message))
        break
      case 'control':
        if (event.message.kind === 'view') this.#control(event.message)
        break
      case 'rows':
        this.#addRows(event.message.table, event.message.rows)
        break
    }
  }

  /** Takes what has come so far out of memory, to be staged; the number of the piece. */
  takePiece(): { readonly piece: number; readonly changes: readonly ViewChanges[] } {
    const changes = this.#changes
    this.#changes = []
    this.#rows = 0
    return { piece: this.#staged++, changes }
  }

  /** The whole, at its commit. */
  finish(position: ViewTransaction['position'], at: string): ViewTransaction {
    return { position, at, changes: this.#changes, ...(this.#staged === 0 ? {} : { staged: true }) }
  }

  #learn(schema: SheetSchema): void {
    if (!this.#known.isOurs(schema)) return
    this.#schemas.push(schema)
    const control = this.#waiting.get(schema.table)
    this.#waiting.delete(schema.table)
    if (control !== undefined) this.#control(control)
  }

  #control(control: GraphControl): void {
    const { view, generation, status } = control
    if (this.#schemaOf(view) === undefined) return void this.#waiting.set(view, control)
    const held = this.#filled.get(view) ?? this.#known.held(view)
    const swap = held === undefined || this.#isMissing(view) || held.generation !== generation || held.status === 'loading'
    this.#filled.set(view, { generation, status })
    this.#changes.push({ view, generation, swap, status, rows: [] })
  }

  #addRows(view: string, rows: ViewChanges['rows']): void {
    if (this.#schemaOf(view) === undefined || this.#isMissing(view)) return
    const held = this.#filled.get(view) ?? this.#known.held(view)
    // A view that was never filled has no generation: the store will say so, and it is asked for.
    this.#changes.push({ view, generation: held?.generation ?? 0, swap: false, rows })
    this.#rows += rows.length
  }

  #isMissing(view: string): boolean {
    return this.#known.isMissing(view) && !this.#filled.has(view)
  }

  #schemaOf(view: string): SheetSchema | undefined {
    return this.#schemas.findLast((schema) => schema.table === view) ?? this.#known.schema(view)
  }
}

/** The sheet that a message of a graph's stream describes: without its place there, so that a second delivery is the same. */
export function sheetOf({ tx: _tx, first: _first, commit: _commit, ...schema }: SchemaMessage): SheetSchema {
  // A graph's stream holds sheets' schemas alone.
  return schema as SheetSchema
}
