import type { LettersControl } from '../dead-letter.ts'
import type { CommitBody, GraphControl, RowsMessage, SourceControl } from '../message.ts'
import type { StoredPosition } from '../position.ts'
import type { StoredMessage } from '../ports/bus.ts'
import { TransactionReader } from './assembler.ts'
import type { DeadPiece, ReaderOptions, StreamEvent } from './assembler.ts'
import type { SchemaMessage } from './codec.ts'

/** One piece of a transaction, in its order. */
export type TransactionPiece =
  | { readonly kind: 'rows'; readonly offset: number; readonly message: RowsMessage }
  | { readonly kind: 'schema'; readonly offset: number; readonly message: SchemaMessage }
  | { readonly kind: 'control'; readonly offset: number; readonly message: SourceControl | GraphControl | LettersControl }
  | DeadPiece

/** A whole transaction. `position` and `commit` are null only for a source's half-written one, whose rows count all the same. */
export interface WholeTransaction {
  readonly tx: string
  readonly position: StoredPosition | null
  readonly commit: CommitBody | null
  readonly pieces: readonly TransactionPiece[]
}

/**
 * Reads a stream transaction by transaction: holds the pieces back until the commit. For readers of graph streams and for tools; a
 * transaction above `limits.stepRows` (`big`) would not fit into memory: who may meet one uses `TransactionReader` and spills.
 */
export class TransactionCollector {
  readonly #reader: TransactionReader
  #pieces: TransactionPiece[] = []

  constructor(options: ReaderOptions) {
    this.#reader = new TransactionReader(options)
  }

  /** The reader underneath, for its position. */
  get reader(): TransactionReader {
    return this.#reader
  }

  /** The transactions that these messages completed. */
  push(messages: readonly StoredMessage[]): readonly WholeTransaction[] {
    const whole: WholeTransaction[] = []
    for (const event of this.#reader.push(messages)) {
      const done = this.#take(event)
      if (done !== null) whole.push(done)
    }
    return whole
  }

  #take(event: StreamEvent): WholeTransaction | null {
    switch (event.kind) {
      case 'begin':
        this.#pieces = []
        return null
      case 'rows':
      case 'schema':
      case 'control':
      case 'dead':
        this.#pieces.push(event)
        return null
      case 'commit':
        return { tx: event.position.tx, position: event.position, commit: event.commit, pieces: this.#pieces }
      case 'half':
        return event.keep ? { tx: event.tx, position: null, commit: null, pieces: this.#pieces } : null
    }
  }
}
