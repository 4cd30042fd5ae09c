import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { BoundGraph, Expr } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'

/** The asynchronous functions that formulas of the graph call, out of those that may be called. */
export function calledFunctions(graph: BoundGraph, functions: FunctionSignatures): FunctionSignatures {
  const called = new Set<string>()
  const seen = new Set<Expr>()
  const visit = (expr: Expr): void => {
    // A name of LET or a LAMBDA may make one part stand in many places.
    if (seen.has(expr)) return
    seen.add(expr)
    if (expr.kind === 'async') called.add(expr.fn)
    partsOf(expr).forEach(visit)
  }
  for (const { rows, columns } of graph.sheets) {
    for (const { steps } of rowsInputs(rows)) for (const step of steps) if (step.kind === 'filter') visit(step.where)
    for (const { formula } of columns) if (formula !== undefined) visit(formula)
  }
  return Object.fromEntries(Object.entries(functions).filter(([name]) => called.has(name)))
}
