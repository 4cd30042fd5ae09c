import { must } from '@sheetflow/core/assert'
import { isCellError } from '@sheetflow/core/cell-error'
import { MISSING } from '@sheetflow/formula/compile/compile-host'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { nearKey } from '@sheetflow/formula/criteria'
import { ALL_ROWS } from '../operators/aggregate-index.ts'
import { orderNumber } from '../operators/order-number.ts'
import { NOTHING } from '../operators/range-callers.ts'
import type { Span } from '../operators/range-callers.ts'
import type { Trigger } from '../operators/row-map.ts'
import type { Column } from '../state/column.ts'
import { askRange } from './aggregate-asking.ts'
import { indexName, sharedIndex } from './aggregate-cell.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import type { LookupCell, Planner } from './planner.ts'

/**
 * XLOOKUP with the next smaller or larger key: the keys in their order, and the callers by the value that they search. A key that comes or goes
 * moves the callers in its gap alone.
 */
export function planNearLookup(plan: Planner, expr: ExprOf<'lookup'>, mode: -1 | 1): LookupCell {
  const relation = plan.relation(expr.relation)
  const [key, result] = [must(relation.columns[expr.key]), must(relation.columns[expr.result])]
  const name = indexName(expr.relation, [], [], [])
  const asked = sharedIndex(plan, expr.relation, name, [expr.key, expr.result], () => ({
    on: expr.relation,
    relation: plan.relation(expr.relation),
    filters: [],
    keys: [],
    keyOf: [],
    tested: [],
  }))
  const { index, stage } = asked
  const ordered = index.ordered(key)
  ordered.watch(result)
  const search = plan.part(expr.search)
  const spanAt = (slot: number): Span => {
    const wanted = nearKey(search.run(slot), key.type, mode)
    if (wanted === null || !ordered.accepts(wanted)) return NOTHING
    const number = orderNumber(wanted)
    return { low: number, high: number }
  }
  const needs = new Needs().add(search.needs)
  const find = (slot: number): number => {
    const wanted = nearKey(search.run(slot), key.type, mode)
    const entry = index.entries.find(ALL_ROWS)
    return wanted === null || entry < 0 ? -1 : ordered.near(entry, wanted, mode)
  }
  if (search.needs.sameForAll) {
    needs.add(Needs.ofTrigger(new FixedNear(() => find(0), result)))
    needs.stage = Math.max(needs.stage, stage)
  } else {
    const reach = mode === -1 ? 'above' : 'below'
    const span = { of: ordered, reads: [search], at: spanAt, reach, errors: false, name: `${expr.key} ${exprKey(expr.search)}` } as const
    needs.add(askRange(plan, asked, [], span).needs)
  }
  return {
    needs,
    run: (slot) => {
      const searched = search.run(slot)
      // An error is not looked up: it is the result.
      if (isCellError(searched)) return searched
      const found = find(slot)
      return found < 0 ? MISSING : result.value(found)
    },
  }
}

/** One search for all rows: they are called when it finds another row, or that row has another result. */
class FixedNear implements Trigger {
  readonly #find: () => number
  readonly #result: Column
  #found = -1

  constructor(find: () => number, result: Column) {
    this.#find = find
    this.#result = result
  }

  collect(): 'all' | 'listed' {
    const found = this.#find()
    const same = found === this.#found && (found < 0 || !this.#result.changed(found))
    this.#found = found
    return same ? 'listed' : 'all'
  }

  finish(): void {
    // The row found is remembered: the next step compares with it.
  }
}
