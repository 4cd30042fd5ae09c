import type { RowChange, ViewStatus } from '@sheetflow/core/message'
import type { SheetSchema } from '@sheetflow/core/schema'

/** One output transaction of a graph as the gateway reads it. Its `offset` is that of its commit (FORMATS 4). */
export interface GraphTransaction {
  readonly epoch: number
  readonly offset: number
  readonly tx: string
  /** ISO time of the commit. */
  readonly at: string
  readonly views: readonly ViewRows[]
  readonly schemas: readonly SheetSchema[]
  readonly controls: readonly ViewControl[]
  /** Size of its messages: what it costs to keep. */
  readonly bytes: number
}

/** The changes of one view in one transaction. */
export interface ViewRows {
  readonly view: string
  /** In order, at most one per key. Empty if `reset`. */
  readonly rows: readonly RowChange[]
  /** It cannot be told row by row (truncated, or too big to hold): the view's channels get a reset. */
  readonly reset: boolean
}

/** A view's generation or status changed. A greater generation than the last replaces all of the view's rows. */
export interface ViewControl {
  readonly view: string
  readonly generation: number
  readonly status: ViewStatus
}
