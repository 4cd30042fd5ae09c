import { assert, unreachable } from '@sheetflow/core/assert'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '../bound.ts'
import type { FormulaValue } from '../value/grid.ts'

/** The row at hand, as the engine keeps it: a value by the column's index, in the form of the column's type. */
export interface RowReader {
  get(column: number): Value
}

/** A formula ready to run on any row. Pure but for what the host's closures read. */
export type Compiled<Row = RowReader> = (row: Row) => Value

/** As `Compiled`, for parts of a formula that may be arrays: their static type says which are. */
export type Flow<Row = RowReader> = (row: Row) => FormulaValue

/** What a lookup found nothing. */
export const MISSING: unique symbol = Symbol('sheetflow.missing')

/** One kind of node. */
export type ExprOf<K extends Expr['kind']> = Extract<Expr, { kind: K }>

/**
 * What reaches beyond the row at hand is the engine's: it gives a closure for each such node, once, when a formula is compiled.
 * Values come in the form of the node's type (`lookup`: of the result column's type). Errors are values.
 */
export interface CompileHost<Row = RowReader> {
  /** The value of the result column in the row that `search` finds; `MISSING` if there is none. `search` yields errors as values. */
  lookup(node: ExprOf<'lookup'>, search: Compiled<Row>): (row: Row) => Value | typeof MISSING
  /** `criteria`: one closure for each criterion's value, in order; `args`: one for each further argument. */
  aggregate(node: ExprOf<'aggregate'>, criteria: readonly Compiled<Row>[], args: readonly Compiled<Row>[]): Compiled<Row>
  /** The columns as they are now, rows in the order of the key; absent where formulas have no whole columns as arrays. */
  columns?(node: ExprOf<'columns'>): Flow<Row>
  /** A part that the host computes itself, as one that is the same for every row; null: it is computed with the formula. */
  part?(node: ExprOf<'call' | 'over'>): Flow<Row> | null
  /** `args`: one closure for each argument. Absent where nothing is called. `callArguments` says what is asked for. */
  async?(node: ExprOf<'async'>, args: readonly Compiled<Row>[]): Compiled<Row>
  named(node: ExprOf<'named'>): Compiled<Row>
  clock(node: ExprOf<'clock'>): Compiled<Row>
}

function beyondTheRow(): never {
  assert(false, 'this formula reads nothing beyond its row')
  return unreachable(undefined as never)
}

/** For formulas that read nothing beyond their row: constants, conditions of FILTER over columns. */
export const NO_HOST: CompileHost = { lookup: beyondTheRow, aggregate: beyondTheRow, named: beyondTheRow, clock: beyondTheRow }
