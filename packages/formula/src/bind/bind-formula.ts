import type { Expr } from '../bound.ts'
import { Diagnostics, type FormulaDiagnostic } from '../diagnostic.ts'
import type { ParsedFormula } from '../syntax/parse.ts'
import { bindInBudget } from '../value/budget.ts'
import { Binder } from './binder.ts'
import { Locals } from './locals.ts'
import type { Scope } from './scope.ts'

/** A bound formula. With an error among the diagnostics `expr` is not to be run. */
export interface BoundFormula {
  readonly expr: Expr
  readonly diagnostics: readonly FormulaDiagnostic[]
}

/** Binds a formula that gives one value for each row (or, without a row in scope, one value). Never throws for what is in the formula. */
export function bindFormula(formula: ParsedFormula, scope: Scope): BoundFormula {
  const diagnostics = new Diagnostics()
  for (const one of formula.diagnostics) diagnostics.add(one)
  const expr = bindInBudget(() => new Binder(scope, diagnostics).value(formula.node, Locals.NONE))
  if (expr.type?.type === 'any' && scope.dynamic !== true) {
    diagnostics.error('formula/type', formula.node, 'the kind of this value is only known when it is there, and a column has one type', {
      fix: 'make it one: VALUE(…) for a number, ""&… for a text',
    })
  }
  return { expr, diagnostics: diagnostics.all }
}
