import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { FieldError } from '../answer/answered.ts'
import type { PaintState } from './page-state.ts'

/** One row as a page shows it. The object is the same from picture to picture as long as nothing in it changes. */
export interface PaintedRow {
  /** Text that tells the row apart in its list. */
  readonly id: string
  readonly key: KeyJson
  /** By the names of the query (aliases). A cell error is `{e: '#N/A'}`. */
  readonly values: Readonly<Record<string, JsonValue>>
  readonly nested: Readonly<Record<string, PaintedField>>
  /** Ids of commands that have not come round yet and concern this row. */
  readonly pending: readonly string[]
  /** A pending command is expected to take the row away. */
  readonly leaving: boolean
}

/** One list or row field of a page. */
export interface PaintedField {
  readonly state: PaintState
  /** 0..1 while loading, if known. */
  readonly progress: number | null
  /** A row (`…_by_pk`, values) rather than a list: one row at most. */
  readonly single: boolean
  readonly rows: readonly PaintedRow[]
  /** `workbook.sheet`; null if not live. */
  readonly view: string | null
  readonly graph: string | null
  /** Why it could not be read. */
  readonly error: FieldError | null
}

/** One picture of a page: what widgets draw. Everything live in it is of one moment of its graph, unless its state is `stale`. */
export interface Picture {
  readonly state: PaintState
  readonly fields: Readonly<Record<string, PaintedField>>
  /** Graph → the offset of its stream that its lists are as of. */
  readonly offsets: Readonly<Record<string, number>>
  /** What is wrong with the page as a whole. */
  readonly error: FieldError | null
}

/** The picture before anything is known. */
export const EMPTY_PICTURE: Picture = { state: 'loading', fields: {}, offsets: {}, error: null }

/** Do they show the same? What did not change is the same object. */
export function isSamePicture(a: Picture, b: Picture): boolean {
  const names = Object.keys(b.fields)
  return (
    a.state === b.state &&
    a.error === b.error &&
    Object.keys(a.fields).length === names.length &&
    names.every((name) => a.fields[name] === b.fields[name]) &&
    Object.entries(b.offsets).every(([graph, offset]) => a.offsets[graph] === offset)
  )
}
