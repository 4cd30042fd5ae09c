import { bindFormula } from '../bind/bind-formula.ts'
import { bindRows } from '../bind/bind-rows.ts'
import type { Scope } from '../bind/scope.ts'
import type { CostClass, ExprType } from '../bound.ts'
import { costOf } from '../cost.ts'
import type { FormulaDiagnostic } from '../diagnostic.ts'
import { parseFormula } from '../syntax/parse.ts'
import { costContext } from './cost-context.ts'

/** What is wrong with a formula, and what it gives. After an error type and cost are null, as they are for formulas of rows. */
export interface Diagnosis {
  readonly diagnostics: readonly FormulaDiagnostic[]
  readonly type: ExprType | null
  readonly cost: CostClass | null
}

/** Reads, binds and types a formula: one value (a column, a named value), or the rows of a sheet (`rows:`). Everything wrong is said at once. */
export function diagnose(text: string, scope: Scope, gives: 'value' | 'rows' = 'value'): Diagnosis {
  const parsed = parseFormula(text)
  if (gives === 'rows') return { diagnostics: bindRows(parsed, scope).diagnostics, type: null, cost: null }
  const { expr, diagnostics } = bindFormula(parsed, scope)
  if (diagnostics.some((one) => one.severity === 'error')) return { diagnostics, type: null, cost: null }
  return { diagnostics, type: { type: expr.type, nullable: expr.nullable }, cost: costOf(expr, costContext(scope)) }
}
