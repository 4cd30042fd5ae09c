import type { FormulaCode, Range } from '../diagnostic.ts'
import type { Criterion, Expr } from '../bound.ts'
import type { Node } from '../syntax/node.ts'
import type { Locals } from './locals.ts'
import type { Scope, ScopeColumn, ScopeRelation } from './scope.ts'

/** Why and fix of a diagnostic. */
export interface Advice {
  readonly why?: string
  readonly fix?: string
}

/** What the parts of the binder share while one formula is bound. */
export interface Binding {
  readonly scope: Scope
  /** In the condition of a FILTER: the table whose columns (`t[x]`) are read row by row. */
  readonly filtered: ScopeRelation | null
  error(code: FormulaCode, range: Range, message: string, advice?: Advice): void
  warn(code: FormulaCode, range: Range, message: string, advice?: Advice): void
  /** One value for the row at hand. Never fails: what cannot be bound is reported and stands as Blank. */
  value(node: Node, locals: Locals): Expr
  /** One value or an array. */
  shaped(node: Node, locals: Locals): Expr
  /** As `shaped`, for what takes arrays: whole columns are some, inside of it too. */
  array(node: Node, locals: Locals): Expr
  /** A slot that nothing else of this formula uses. `value`: what stands in it; null: something else each time, as in a parameter of a LAMBDA over an array. */
  slot(value: Expr | null): number
  /** What stands in a slot, whatever its name hides or is hidden by at the place at hand; null: see `slot`. */
  inSlot(slot: number): Expr | null
  /** What stands in slots that are read with all digits: bind/chain.ts. */
  readonly unrounded: Map<number, Expr | null>
  /** Binds the formula of a named function: what is found there is reported where it is called. */
  inside<T>(name: string, site: Range, bind: () => T): T
  /** Binds the formula of a function in place of a call at `site`; refused where calls in such formulas never end. */
  inBody(label: string, site: Range, bind: () => Expr): Expr
}

/** A whole column of a table. `group`: only of the rows that meet these, which are those of this row's group. */
export interface ColumnOf {
  readonly relation: ScopeRelation
  readonly column: ScopeColumn
  readonly group: readonly Criterion[]
}
