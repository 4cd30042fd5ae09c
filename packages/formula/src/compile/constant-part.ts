import type { Expr } from '../bound.ts'

/** Is it the same whenever it is computed, and known before anything runs? A constant, or what was kept of one because it has more digits. */
export function isConstantPart(expr: Expr): boolean {
  if (expr.kind === 'const' || expr.kind === 'grid') return true
  return expr.kind === 'call' && expr.unrounded === true && expr.args.every(isConstantPart)
}
