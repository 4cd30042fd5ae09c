import type { RowBytes } from '@sheetflow/core/framing/byte-block'
import { JsonBytes } from '@sheetflow/core/json-bytes'
import type { RowChange } from '@sheetflow/core/message'
import type { Column } from '../state/column.ts'

/**
 * Rows of one view in one step, sorted by key. Few are an array; many are made as they are read, out of the state, which a step of millions of rows would
 * otherwise hold twice: they can be read until the next message enters the graph.
 */
export type StepRows = Iterable<RowChange> & { readonly length: number }

/** The same rows as bytes, each a `RowChange`: some at a time. How long they can be read: as `StepRows`; the bytes of a part, until the next one is asked for. */
export interface EncodedRows {
  /** Rows of all parts. */
  readonly length: number
  readonly parts: Iterable<RowBytes>
  /** Of the rows that have been read: how many had values that no message could carry (`fittedCells`). */
  shortened(): number
}

/** Changes of one view in one step: sorted by key, each key once, only what differs for a reader. To be read before the step ends. */
export interface ViewChanges {
  /** Rows that changed. */
  readonly size: number
  /** So many that `json` and `bytes` make them as they are read: the step stays open until the next message enters. */
  readonly isMany: boolean
  /** As messages carry them. */
  json(): StepRows
  /** The same as the UTF-8 of their JSON. */
  bytes(): EncodedRows
  /** The cells themselves; null where rows are in no lanes (`_receipts`, a view that is no more). */
  readonly lanes: ViewLanes | null
}

/** The cells of changed rows where the engine keeps them. Nothing of it is valid behind the step, nothing may be written. */
export interface ViewLanes {
  readonly keys: readonly Column[]
  /** The published columns, in the order of the schema. */
  readonly columns: readonly Column[]
  /** `c`: `now` of the slot alone; `d`: what was before it alone; `u`: both. */
  op(i: number): 'c' | 'u' | 'd'
  slot(i: number): number
}

/** Changes that were made as JSON. */
export function jsonChanges(rows: readonly RowChange[]): ViewChanges {
  return { size: rows.length, isMany: false, json: () => rows, bytes: () => encoded(rows), lanes: null }
}

function encoded(rows: readonly RowChange[]): EncodedRows {
  const to = new JsonBytes()
  const ends = rows.map((row, i) => {
    if (i > 0) to.text(',')
    to.json(row)
    return to.size
  })
  return { length: rows.length, parts: [{ bytes: to.cut(), ends }], shortened: () => 0 }
}
