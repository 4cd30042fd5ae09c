import type { Timestamp, Value } from '@sheetflow/core/value'
import type { Expr, ExprType } from '@sheetflow/formula/bound'
import type { FormulaValue } from '@sheetflow/formula/value/grid'
import type { Node } from '@sheetflow/formula/syntax/node'
import type { PlainRelation, PlainRow } from './model.ts'

/** What a name of the workbook is. */
export type Named =
  | { readonly kind: 'value'; readonly type: ExprType; readonly value: () => Value }
  | { readonly kind: 'lambda'; readonly node: Node }

/** What the names in formulas mean. */
export interface Names {
  readonly timeZone: string
  /** What the workbook's zone shows now. */
  readonly now: Timestamp
  relation(source: string | null, table: string): PlainRelation | null
  named(name: string): Named | null
  /** Of a spreadsheet: what cells, and functions about cells, stand for; values may be of any kind then. `single`: one value is wanted. */
  cells?(node: Node, single: boolean): Expr | null
}

/** Where a formula stands. `own`: the sheet whose row is at hand; `filtered`: in a condition, the table that is gone through. */
export interface Place {
  readonly own: PlainRelation | null
  readonly filtered: PlainRelation | null
}

/** A formula that was read. */
export interface ReadFormula extends ExprType {
  /** Its value, if that depends on nothing. */
  readonly constant?: Value
  run(row: PlainRow): FormulaValue
}

/** What a name of LET or of a LAMBDA's parameter stands for: a formula where it stood, a value, a function. */
export type Local =
  | { readonly kind: 'formula'; readonly node: Node; readonly locals: Locals }
  | { readonly kind: 'expr'; readonly expr: Expr }
  | { readonly kind: 'lambda'; readonly params: readonly string[]; readonly body: Node; readonly locals: Locals }
export type Locals = ReadonlyMap<string, Local>

/** What reads one formula, as its parts see it. */
export interface FormulaReader {
  readonly names: Names
  readonly place: Place
  /** A part that is computed by that closure. */
  cell(type: ExprType, run: (row: PlainRow) => Value): Expr
  /** The same, of an array. */
  array(type: ExprType, run: (row: PlainRow) => FormulaValue): Expr
  /** A part by itself, to be asked row by row. */
  valueOf(expr: Expr): (row: PlainRow) => Value
  call(fn: string, args: readonly Expr[], node: Node): Expr
  /** What is computed of parts of the formula, each asked when its value is wanted. */
  combine(type: ExprType, parts: readonly Expr[], run: (value: (part: number) => Value) => Value): Expr
  /** What stands in place of a name of LET or a function that is called; null: the node is none. */
  entered(node: Node, locals: Locals): { readonly node: Node; readonly locals: Locals } | null
  /** `array`: a range of cells is one. */
  expr(node: Node, locals: Locals, array?: boolean): Expr
}
