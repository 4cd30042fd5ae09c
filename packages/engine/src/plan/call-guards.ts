import type { Expr } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { withNames } from '@sheetflow/formula/with-names'
import { callsFunctions } from './expr-facts.ts'

/** The condition of an IF around a call, and the side of it on which the call stands. */
export interface Guard {
  /** TRUE or FALSE, or an error. */
  readonly test: Expr
  readonly when: boolean
}

/**
 * Which IFs of a formula stand around the calls of functions in it: where they do not come to a call, nothing is asked. A part that is reached on several
 * ways, as one that a name stands for, is asked in any case, and so is what other functions may leave out.
 */
export class CallGuards {
  readonly #once: ReadonlySet<Expr>
  #guards: readonly Guard[] = []

  constructor(formula: Expr) {
    this.#once = callsReachedOnce(formula)
  }

  /** Those around the call at the place at hand. */
  of(call: Expr): readonly Guard[] {
    return this.#once.has(call) ? this.#guards : []
  }

  /** Walks through a branch of an IF. `names`: what is known at its place. */
  within(condition: Expr, when: boolean, names: ReadonlyMap<number, Expr>, walk: () => void): void {
    const outer = this.#guards
    const test = guardTest(withNames(condition, names))
    if (condition.array !== true && !hasFreeNames(test, new Set())) this.#guards = [...outer, { test, when }]
    walk()
    this.#guards = outer
  }
}

/** What an IF makes of its condition. */
function guardTest(condition: Expr): Expr {
  const constant = (value: boolean): Expr => ({ kind: 'const', value, type: { type: 'bool' }, nullable: false })
  return { kind: 'call', fn: 'IF', args: [condition, constant(true), constant(false)], type: { type: 'bool' }, nullable: false }
}

function callsReachedOnce(formula: Expr): ReadonlySet<Expr> {
  const once = new Set<Expr>()
  const seen = new Set<Expr>()
  const forget = (expr: Expr): void => {
    if (!callsFunctions(expr)) return
    once.delete(expr)
    partsOf(expr).forEach(forget)
  }
  const visit = (expr: Expr): void => {
    if (!callsFunctions(expr)) return
    if (seen.has(expr)) return forget(expr)
    seen.add(expr)
    if (expr.kind === 'async') once.add(expr)
    partsOf(expr).forEach(visit)
  }
  visit(formula)
  return once
}

/** Does it read the parameter of a LAMBDA that runs over an array? */
function hasFreeNames(expr: Expr, bound: ReadonlySet<number>): boolean {
  if (expr.kind === 'local') return !bound.has(expr.slot)
  if (expr.kind === 'let') return hasFreeNames(expr.value, bound) || hasFreeNames(expr.body, new Set([...bound, expr.slot]))
  const inside = expr.kind === 'over' ? new Set([...bound, ...expr.slots]) : bound
  return partsOf(expr).some((part) => hasFreeNames(part, inside))
}
