import { must } from '@sheetflow/core/assert'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'
import type { ExprOf, Flow } from '@sheetflow/formula/compile/compile-host'
import { partsOf } from '@sheetflow/formula/expr-parts'
import type { FormulaValue } from '@sheetflow/formula/value/grid'
import { GlobalTrigger } from '../operators/map-nodes.ts'
import { WholeColumns } from '../operators/whole-columns.ts'
import { callsFunctions, readsArrays } from './expr-facts.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import type { Planner, SlotRow } from './planner.ts'
import type { StepClock } from '../program/step-clock.ts'

/** An array, or what is made of arrays alone: the same for every row. */
export interface WholeCell {
  readonly run: (slot: number) => FormulaValue
  readonly needs: Needs
}

/** `t[x]` as an array. One over the own sheet runs behind the stage that fills its columns. */
export function planWholeColumns(plan: Planner, expr: ExprOf<'columns'>): WholeCell {
  const make = (): WholeColumns => {
    const relation = plan.relation(expr.relation)
    return new WholeColumns(
      relation,
      expr.columns.map((column) => must(relation.columns[column], 'a column that is used')),
      expr.type,
      expr.columns.map((column) => `${expr.relation}[${plan.sources.columnName(expr.relation, column)}]`).join(', '),
    )
  }
  if (!plan.isOwn(expr.relation)) return wholeCell(plan.sources.wholeColumns(exprKey(expr), expr.relation, make), 0)
  const stage = Math.max(...expr.columns.map((column) => plan.column(column).needs.stage))
  const own = make()
  plan.addOwnIndex(stage, own)
  return wholeCell(own, stage + 1)
}

function wholeCell(columns: WholeColumns, stage: number): WholeCell {
  const needs = Needs.ofTrigger(new GlobalTrigger(() => columns.changed))
  needs.stage = stage
  return { run: () => columns.value(), needs }
}

/** Does it go through whole columns, and give the same for every row? */
export function isSameForAll(expr: ExprOf<'call' | 'over'>): boolean {
  return readsArrays(expr) && !callsFunctions(expr) && !readsRow(expr, new Set())
}

/** Does it read the row, or a name that is given around it? */
function readsRow(expr: Expr, bound: ReadonlySet<number>): boolean {
  if (expr.kind === 'column') return true
  if (expr.kind === 'local') return !bound.has(expr.slot)
  const inner = expr.kind === 'over' ? new Set([...bound, ...expr.slots]) : expr.kind === 'let' ? new Set([...bound, expr.slot]) : bound
  return partsOf(expr).some((part) => readsRow(part, inner))
}

/** Computed when the first row of a step asks, and kept for the others: a sheet of n rows goes through the columns once, not n times. */
export function oncePerStep(run: Flow<SlotRow>, clock: StepClock): (slot: number) => FormulaValue {
  const row: SlotRow = { slot: 0, get: () => must<Value>(undefined, 'what is the same for all rows reads none') }
  let at = -1
  let value: FormulaValue = null
  return () => {
    const now = clock.step
    if (now !== at) {
      value = run(row)
      at = now
    }
    return value
  }
}
