import type { Expr } from './bound.ts'
import { partsOf } from './expr-parts.ts'

/**
 * The part of a formula with the names of LET that it reads around it: it can stand outside of its LET. `values`: what the names known at its place stand for,
 * each behind those that it reads. Their nodes stay what they are, so that what is planned in them is planned once.
 */
export function withNames(part: Expr, values: ReadonlyMap<number, Expr>): Expr {
  if (values.size === 0) return part
  const read = new Set<number>()
  const bound = new Set<number>()
  const visit = (expr: Expr): void => {
    if (expr.kind === 'let') bound.add(expr.slot)
    if (expr.kind === 'local' && !read.has(expr.slot)) {
      read.add(expr.slot)
      const value = values.get(expr.slot)
      if (value !== undefined && !bound.has(expr.slot)) visit(value)
    }
    for (const inner of partsOf(expr)) visit(inner)
  }
  visit(part)
  const names = [...values].filter(([slot]) => read.has(slot) && !bound.has(slot))
  return names.reduceRight<Expr>((body, [slot, value]) => named(slot, value, body), part)
}

function named(slot: number, value: Expr, body: Expr): Expr {
  const { type, nullable } = body
  return { kind: 'let', slot, value, body, type, nullable, ...(body.array === true ? { array: true } : {}) }
}
