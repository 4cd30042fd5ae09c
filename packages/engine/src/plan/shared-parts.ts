import { valueKey } from '@sheetflow/core/key'
import type { Expr } from '@sheetflow/formula/bound'
import { needsBudget } from '@sheetflow/formula/compile/metered'
import { partsOf } from '@sheetflow/formula/expr-parts'
import type { FormulaValue } from '@sheetflow/formula/value/grid'
import type { RowPass } from '../operators/row-map.ts'
import { callsFunctions } from './expr-facts.ts'

/** Parts that several formulas of one row have in common: equal ones have equal numbers. */
export type SharedParts = ReadonlyMap<Expr, number>

/**
 * Calls of functions and operators that stand in more than one place of these formulas and mean the same there. A part that stands only inside of such
 * a one is not listed by itself; one that reads a name given around it is none.
 *
 * Rule: every function is pure and errors are values, so a part may be computed for any formula that has it; and it is computed when the first of them asks
 * for its value, not before, so what IF, IFERROR and their like would not have run is not run (`oncePerRow`). TODAY and NOW stand still in a step. Formulas
 * whose steps are counted are left out: what one of them may still compute must not depend on who computed before it. So are calls of functions that
 * answer later: each formula has to know that it waits.
 */
export function sharedParts(formulas: readonly Expr[]): SharedParts {
  const nodes = new Interned()
  const roots = formulas.filter((formula) => !needsBudget(formula))
  for (const root of roots) nodes.intern(root)
  const uses = new Map<number, number>()
  const visit = (expr: Expr): void => {
    const number = nodes.numberOf(expr)
    const known = uses.get(number) ?? 0
    uses.set(number, known + 1)
    if (known === 0) for (const part of partsOf(expr)) visit(part)
  }
  for (const root of roots) visit(root)
  return nodes.calls((number) => (uses.get(number) ?? 0) > 1)
}

/** Numbers of expressions: equal exactly for those that compute the same, in the same form. */
class Interned {
  readonly #numbers = new Map<string, number>()
  readonly #nodes = new Map<Expr, number>()
  /** Names of LETs and LAMBDAs that a node reads and that are given outside of it. */
  readonly #free = new Map<Expr, ReadonlySet<number>>()

  numberOf(expr: Expr): number {
    return this.#nodes.get(expr) ?? this.intern(expr)
  }

  intern(expr: Expr): number {
    const known = this.#nodes.get(expr)
    if (known !== undefined) return known
    const parts = partsOf(expr)
    const key = `${expr.kind} ${ownText(expr)} ${parts.map((part) => this.intern(part)).join(' ')}`
    const number = this.#numbers.get(key) ?? this.#numbers.size
    this.#numbers.set(key, number)
    this.#nodes.set(expr, number)
    this.#free.set(expr, this.#freeOf(expr, parts))
    return number
  }

  /** The calls that stand by themselves and whose number is wanted. */
  calls(isWanted: (number: number) => boolean): SharedParts {
    return new Map(
      [...this.#nodes].filter(
        ([expr, number]) =>
          expr.kind === 'call' && expr.array !== true && !callsFunctions(expr) && isWanted(number) && this.#free.get(expr)?.size === 0,
      ),
    )
  }

  #freeOf(expr: Expr, parts: readonly Expr[]): ReadonlySet<number> {
    if (expr.kind === 'local') return new Set([expr.slot])
    const inner = parts.map((part) => this.#free.get(part) ?? NONE).filter((free) => free.size > 0)
    if (inner.length === 0) return NONE
    const free = new Set(inner.flatMap((one) => [...one]))
    if (expr.kind === 'let') free.delete(expr.slot)
    if (expr.kind === 'over') for (const slot of expr.slots) free.delete(slot)
    return free
  }
}

const NONE: ReadonlySet<number> = new Set()

/** All of a node but its parts. */
function ownText(expr: Expr): string {
  const { type, nullable, array, omitted, unrounded } = expr
  return `${JSON.stringify([type, nullable, array, omitted, unrounded])}${fieldsText(expr)}`
}

function fieldsText(expr: Expr): string {
  switch (expr.kind) {
    case 'const':
      return valueKey(expr.value)
    case 'grid':
      return JSON.stringify([expr.grid.rows, expr.grid.cells.map(valueKey)])
    case 'column':
      return String(expr.column)
    case 'columns':
      return JSON.stringify([expr.relation, expr.columns])
    case 'over':
      return JSON.stringify([expr.fn, expr.slots, expr.inputs])
    case 'call':
      return expr.fn
    case 'let':
    case 'local':
      return String(expr.slot)
    case 'lookup':
      return JSON.stringify([expr.relation, expr.key, expr.result, expr.found, expr.mode, expr.missing === null])
    case 'aggregate':
      return JSON.stringify([expr.fn, expr.relation, expr.column, expr.criteria.map(({ column, op }) => [column, op])])
    case 'named':
      return JSON.stringify([expr.view, expr.column])
    case 'async':
      return JSON.stringify([expr.fn, expr.version, expr.params, expr.onPending])
    case 'clock':
      return JSON.stringify([expr.workbook, expr.unit])
  }
}

/**
 * Computed when it is first asked for while a map runs the formulas of one row, and kept for the others of that row. Whoever asks at another time, or for
 * another row, gets it computed.
 */
export function oncePerRow(compute: (slot: number) => FormulaValue, pass: RowPass): (slot: number) => FormulaValue {
  let at = -1
  let value: FormulaValue = null
  return (slot) => {
    if (pass.slot !== slot) return compute(slot)
    if (pass.number !== at) {
      value = compute(slot)
      at = pass.number
    }
    return value
  }
}
