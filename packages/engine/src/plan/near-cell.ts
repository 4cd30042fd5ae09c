import { must } from '@sheetflow/core/assert'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { nearKey } from '@sheetflow/formula/criteria'
import { ALL_ROWS } from '../operators/aggregate-index.ts'
import { orderNumber } from '../structures/order-number.ts'
import { NOTHING } from '../operators/range-callers.ts'
import type { Span } from '../operators/range-callers.ts'
import type { Trigger } from '../operators/row-map.ts'
import type { Column } from '../state/column.ts'
import { askRange } from './aggregate-asking.ts'
import type { AskedIndex } from './aggregate-asking.ts'
import { indexName, sharedIndex } from './aggregate-cell.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import { readFound } from './lookup-cell.ts'
import type { FoundCell } from './lookup-cell.ts'
import type { Cell, LookupCell, Planner } from './planner.ts'

/**
 * XLOOKUP with the next smaller or larger key: the keys in their order, and the callers by the value that they search. A key that comes or goes
 * moves the callers in its gap alone.
 */
export function planNearLookup(plan: Planner, expr: ExprOf<'lookup'>, mode: -1 | 1): LookupCell {
  const result = must(plan.relation(expr.relation).columns[expr.result])
  const search = plan.part(expr.search)
  const { find, needs } = findNear(plan, expr, mode, { search, result, read: [expr.key, expr.result] })
  return { needs, run: readFound(search, find, result) }
}

/** The same for who reads the row found by himself: a change of its result is none here. */
export function planNearFound(plan: Planner, expr: ExprOf<'lookup'>, mode: -1 | 1, search: Cell): FoundCell {
  return findNear(plan, expr, mode, { search, result: null, read: [expr.key] })
}

/** All rows of a relation as one group; `read`: columns of it that are read, if it is the own sheet. */
export function allRows(plan: Planner, relation: string, read: readonly number[]): AskedIndex {
  const make = () => ({ on: relation, relation: plan.relation(relation), filters: [], keys: [], keyOf: [], tested: [] })
  return sharedIndex(plan, relation, indexName(relation, [], [], []), read, make)
}

interface NearParts {
  readonly search: Cell
  /** Null: nobody is called when it changes. */
  readonly result: Column | null
  readonly read: readonly number[]
}

function findNear(plan: Planner, expr: ExprOf<'lookup'>, mode: -1 | 1, { search, result, read }: NearParts): FoundCell {
  const key = must(plan.relation(expr.relation).columns[expr.key])
  const asked = allRows(plan, expr.relation, read)
  const { index, stage } = asked
  const ordered = index.ordered(key)
  if (result !== null) ordered.watch(result)
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
  return { find, needs }
}

/** One search for all rows: they are called when it finds another row, or that row has another result. */
export class FixedNear implements Trigger {
  readonly #find: () => number
  readonly #result: Column | null
  #found = -1

  constructor(find: () => number, result: Column | null) {
    this.#find = find
    this.#result = result
  }

  collect(): 'all' | 'listed' {
    const found = this.#find()
    const same = found === this.#found && (found < 0 || this.#result?.changed(found) !== true)
    this.#found = found
    return same ? 'listed' : 'all'
  }
}
