import type { CompileHost, ExprOf, MISSING } from '@sheetflow/formula/compile/compile-host'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'
import type { ColumnType } from '@sheetflow/core/type'
import type { DirectWrite, Thunk } from '../operators/map-nodes.ts'
import type { MapNode } from '../operators/row-map.ts'
import type { Operator, Relation } from '../operators/relation.ts'
import type { RowStore } from '../state/row-store.ts'
import type { Needs } from './needs.ts'
import type { ProgramSources } from './sources.ts'

/** Something that formulas read: a column, an aggregate, a named value, the day. */
export interface Cell {
  readonly run: Thunk
  readonly needs: Needs
  /** A way around values, where there is one. */
  readonly direct?: DirectCell
}

/** A cell that can be written without making a value of it. */
export interface DirectCell {
  /** The type of lane that `write` takes. */
  readonly type: ColumnType
  readonly write: DirectWrite
}

/** What a lookup finds. */
export interface LookupCell {
  readonly run: (slot: number) => Value | typeof MISSING
  readonly needs: Needs
  /** See `Cell`; false also where nothing is found. */
  readonly direct?: DirectCell
}

/** The nodes that reach beyond the row at hand. */
export type BeyondExpr = ExprOf<'lookup' | 'aggregate' | 'named' | 'clock' | 'columns'>

/** A row as compiled formulas see it: its slot, and its columns by index. */
export interface SlotRow {
  slot: number
  get(column: number): Value
}

/** What compiled formulas of the engine are given. */
export type EngineHost = CompileHost<SlotRow>

/** What plans of lookups and aggregates ask of the plan of the row that they stand in. */
export interface Planner {
  readonly sources: ProgramSources
  /** That of the rows. */
  readonly store: RowStore
  /** Is this relation the sheet that is being planned? */
  isOwn(relation: string): boolean
  /** The relation of an id; of the own sheet, whose columns may still be in the making. */
  relation(id: string): Relation
  /** A column of this row; planned first, if it is a computed one. */
  column(index: number): Cell
  /** An expression without locals of LETs around it, ready to run. */
  part(expr: Expr): Cell
  /** Adds a node with its needs; the answer is what depends on the node. */
  addNode(node: MapNode, needs: Needs): Needs
  /** The cell of that key, made once. */
  shared(key: string, make: () => Cell): Cell
  /** An index over the own sheet: it runs behind the stage that fills its columns. The answer is its number among those of this sheet. */
  addOwnIndex(stage: number, operator: Operator): number
}
