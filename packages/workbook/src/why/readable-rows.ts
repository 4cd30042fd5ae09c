import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import type { RelationId } from '@sheetflow/formula/bound'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'

/**
 * The rows of a graph at one moment: of its source tables and of all its sheets. A row is a slot, a number that names it in its relation. Sheets
 * that pass rows of a table on may share its slots, but need not. The engine has one (`GraphRows`).
 */
export interface ReadableRows {
  /** −1: there is no such row. */
  find(relation: RelationId, key: KeyJson): number
  /** All rows, in the order of the key. */
  slots(relation: RelationId): readonly number[]
  key(relation: RelationId, slot: number): KeyJson
  /** Is the column kept? */
  has(relation: RelationId, column: number): boolean
  value(relation: RelationId, slot: number, column: number): Value
  json(relation: RelationId, slot: number, column: number): JsonValue
  /** What the workbook's zone shows; null: no time was told. */
  now(workbook: string): Timestamp | null
  /** What a function has answered for those arguments; undefined: nothing that is known. */
  answer(called: Pick<ExprOf<'async'>, 'fn' | 'version'>, args: readonly JsonValue[]): Value | undefined
}

/** One cell: a row and the index of a column. */
export interface CellPlace {
  readonly relation: RelationId
  readonly slot: number
  readonly column: number
}
