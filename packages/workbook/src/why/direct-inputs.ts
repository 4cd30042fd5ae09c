import type { Value } from '@sheetflow/core/value'
import type { Expr, RelationId } from '@sheetflow/formula/bound'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { withNames } from '@sheetflow/formula/with-names'
import type { CellPlace, ReadableRows } from './readable-rows.ts'
import type { RowEvaluator } from './row-evaluator.ts'

/** What a formula reads on one row, and what it found there. */
export type DirectInput =
  /** A cell of the row, or a named value of the workbook. */
  | { readonly kind: 'cell'; readonly named: boolean; readonly place: CellPlace }
  /** `slot` −1: nothing was found. */
  | { readonly kind: 'lookup'; readonly node: ExprOf<'lookup'>; readonly search: Value; readonly slot: number }
  | {
      readonly kind: 'rows'
      readonly node: ExprOf<'aggregate'>
      readonly criteria: readonly Value[]
      readonly slots: readonly number[]
      readonly value: Value
    }
  | { readonly kind: 'array'; readonly node: ExprOf<'columns'>; readonly slots: readonly number[] }
  | { readonly kind: 'clock'; readonly node: ExprOf<'clock'>; readonly value: Value }

/** Where a formula is computed. */
export interface FormulaPlace {
  readonly relation: RelationId
  readonly slot: number
}

/**
 * What the formula reads on that row, in the order in which it is written, each thing once. Of an IF only the branch that is taken; inside of
 * LAMBDAs that run over arrays what depends on their arguments is left out.
 */
export function directInputs(formula: Expr, place: FormulaPlace, rows: ReadableRows, evaluator: RowEvaluator): readonly DirectInput[] {
  const row = evaluator.row(place.relation, place.slot)
  const found: DirectInput[] = []
  const seen = new Set<string>()
  const add = (id: unknown, input: () => DirectInput): void => {
    const text = JSON.stringify(id)
    if (seen.has(text)) return
    seen.add(text)
    found.push(input())
  }
  const cell = (relation: RelationId, slot: number, column: number, named: boolean): void =>
    add(['cell', relation, column], () => ({ kind: 'cell', named, place: { relation, slot, column } }))
  /** Names of LET that stand around what is walked through. */
  const names = new Map<number, Expr>()
  const read = new Set<number>()
  const alone = (expr: Expr): Expr => withNames(expr, names)
  const evaluate = (expr: Expr): Value => evaluator.evaluate(alone(expr), row)
  const walk = (expr: Expr): void => {
    if (expr.kind === 'let') {
      names.set(expr.slot, expr.value)
      return walk(expr.body)
    }
    if (expr.kind === 'local') {
      const value = read.has(expr.slot) ? undefined : names.get(expr.slot)
      read.add(expr.slot)
      return value === undefined ? undefined : walk(value)
    }
    if (hasLocals(alone(expr))) return partsOf(expr).forEach(walk)
    switch (expr.kind) {
      case 'column':
        return cell(place.relation, place.slot, expr.column, false)
      case 'named': {
        const [slot = -1] = rows.slots(expr.view)
        return slot < 0 ? undefined : cell(expr.view, slot, expr.column, true)
      }
      case 'lookup': {
        walk(expr.search)
        const search = evaluate(expr.search)
        const slot = evaluator.found(expr, search)
        found.push({ kind: 'lookup', node: expr, search, slot })
        return slot < 0 && expr.missing !== null ? walk(expr.missing) : undefined
      }
      case 'aggregate': {
        partsOf(expr).forEach(walk)
        const criteria = expr.criteria.map((one) => evaluate(one.value))
        const slots = evaluator.counted(expr, criteria)
        found.push({ kind: 'rows', node: expr, criteria, slots, value: evaluate(expr) })
        return
      }
      case 'columns':
        return add(['array', expr.relation, expr.columns], () => ({ kind: 'array', node: expr, slots: rows.slots(expr.relation) }))
      case 'clock':
        return add(['clock', expr.unit], () => ({ kind: 'clock', node: expr, value: evaluate(expr) }))
      case 'call':
        return branches(expr, alone, evaluate).forEach(walk)
      case 'const':
      case 'grid':
      case 'over':
      case 'async':
        return partsOf(expr).forEach(walk)
    }
  }
  walk(formula)
  return found
}

/** The arguments that are computed: of IF the condition and the branch that it chooses. `alone`: a part with the names that it reads. */
function branches({ fn, args }: ExprOf<'call'>, alone: (part: Expr) => Expr, evaluate: (part: Expr) => Value): readonly Expr[] {
  const [condition, yes, no] = args
  if (fn !== 'IF' || condition === undefined || condition.array === true || hasLocals(alone(condition))) return args
  const value = evaluate(condition)
  if (value === true) return yes === undefined ? [condition] : [condition, yes]
  return value === false || value === null ? (no === undefined ? [condition] : [condition, no]) : args
}

/** Does it read an argument of a LAMBDA that stands around it? */
function hasLocals(expr: Expr): boolean {
  const free = (part: Expr, bound: readonly number[]): boolean => {
    if (part.kind === 'local') return !bound.includes(part.slot)
    if (part.kind === 'let') return free(part.value, bound) || free(part.body, [...bound, part.slot])
    const inside = part.kind === 'over' ? [...bound, ...part.slots] : bound
    return partsOf(part).some((one) => free(one, inside))
  }
  return free(expr, [])
}
