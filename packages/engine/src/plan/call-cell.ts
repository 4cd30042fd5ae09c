import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'
import { callArguments } from '@sheetflow/formula/compile/call-arguments'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { BUSY } from '@sheetflow/formula/value/cell-errors'
import { CallNode } from '../operators/call-node.ts'
import type { RowPass } from '../operators/row-map.ts'
import { holdsFormula } from './expr-facts.ts'
import type { Guard } from './call-guards.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import type { Cell, Planner } from './planner.ts'

/** Where a call stands. */
export interface CallSite {
  /** Whose rows are computed there. */
  readonly where: string
  /** The IFs around it: where they do not come to it, nothing is asked. */
  readonly guards: readonly Guard[]
  readonly pass: RowPass
}

/** Calls that may share what they ask are equal in this. */
export function callName(expr: ExprOf<'async'>, { where, guards }: Omit<CallSite, 'pass'>): string {
  return ['call', where, exprKey(expr), ...guards.map(({ test, when }) => `${when} ${exprKey(test)}`)].join('\n')
}

/** A call: the row holds its arguments in the function's index, and what it shows is read there. */
export function planCall(plan: Planner, expr: ExprOf<'async'>, site: CallSite): Cell {
  const { fn, version, params, onPending } = expr
  const { pass } = site
  const name = callName(expr, site)
  const guards = site.guards.map(({ test, when }) => ({ when, cell: plan.part(test) }))
  const parts = expr.args.map((arg) => plan.part(arg))
  const read = callArguments(expr)
  const index = plan.sources.callIndex({ fn, version, params, result: { type: computed(expr), nullable: expr.nullable } })
  const node = new CallNode(index, plan.store, {
    name,
    args: (slot) => (guards.every(({ when, cell }) => cell.run(slot) === when) ? read(parts.map((part) => part.run(slot))) : null),
    keeps: onPending !== 'busy',
    ...plan.sources.callPlace(name),
  })
  plan.sources.addCall(node)
  const before = Needs.ofTrigger(node.trigger)
  for (const part of [...parts, ...guards.map(({ cell }) => cell)]) before.add(part.needs)
  return {
    needs: plan.addNode(node, before),
    run: (slot) => {
      const value = node.value(slot)
      if (value !== undefined) return value
      if (onPending === 'hold') pass.held = true
      return BUSY
    },
  }
}

/** A formula that calls such functions: as long as one of them that holds has nothing to show, all of it is `#BUSY!`. */
export function heldTogether(expr: Expr, run: (slot: number) => Value, pass: RowPass, busy: Value): (slot: number) => Value {
  if (!holdsFormula(expr)) return run
  return (slot) => {
    // Formulas of a recursion run inside of each other.
    const outer = pass.held
    pass.held = false
    const value = run(slot)
    const isHeld = pass.held
    pass.held = outer
    return isHeld ? busy : value
  }
}

/** Rows that meet a criterion which is not known yet are not known either: none of them would be as wrong as Blank. */
export function untilKnown(plan: Planner, { criteria }: ExprOf<'aggregate'>, cell: Cell): Cell {
  if (!plan.sources.callsFunctions) return cell
  const parts = criteria.filter(({ value }) => value.kind !== 'const').map(({ value }) => plan.part(value))
  if (parts.length === 0) return cell
  const needs = new Needs().add(cell.needs)
  for (const part of parts) needs.add(part.needs)
  return {
    needs,
    run: (slot) => {
      for (const part of parts) {
        const value = part.run(slot)
        if (isCellError(value) && value.kind === BUSY.kind) return BUSY
      }
      return cell.run(slot)
    },
  }
}

function computed({ type }: ExprOf<'async'>): Exclude<ExprOf<'async'>['type'], null | { type: 'any' }> {
  return type as Exclude<typeof type, null | { type: 'any' }>
}
