import type { Expr } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'

/** What stands somewhere in an expression, as bits. */
const CALLS = 1
const HOLDS = 2
const ARRAYS = 4

/** What is known of a node stays known, for names of LETs make a formula's parts many times over; one without parts is looked at again. */
const KNOWN = new WeakMap<Expr, number>()

/** Does it call an asynchronous function? */
export function callsFunctions(expr: Expr): boolean {
  return (factsOf(expr) & CALLS) !== 0
}

/** Does it call one that holds? Then the whole formula waits for it. */
export function holdsFormula(expr: Expr): boolean {
  return (factsOf(expr) & HOLDS) !== 0
}

/** Does it go through whole columns? */
export function readsArrays(expr: Expr): boolean {
  return (factsOf(expr) & ARRAYS) !== 0
}

function factsOf(expr: Expr): number {
  const parts = partsOf(expr)
  if (parts.length === 0) return ownFacts(expr)
  const known = KNOWN.get(expr)
  if (known !== undefined) return known
  let facts = ownFacts(expr)
  for (const part of parts) facts |= factsOf(part)
  KNOWN.set(expr, facts)
  return facts
}

function ownFacts(expr: Expr): number {
  if (expr.kind === 'columns') return ARRAYS
  if (expr.kind !== 'async') return 0
  return expr.onPending === 'hold' ? CALLS | HOLDS : CALLS
}
