import { must } from '@sheetflow/core/assert'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { lookupPattern } from '@sheetflow/formula/criteria'
import { ALL_ROWS } from '../operators/aggregate-index.ts'
import type { Column } from '../state/column.ts'
import { askRange } from './aggregate-asking.ts'
import { rangeOf, spanOf } from './asked.ts'
import type { RangeAsked } from './asked.ts'
import { exprKey } from './expr-tools.ts'
import { planFound, readFound } from './lookup-cell.ts'
import type { FoundCell } from './lookup-cell.ts'
import { allRows, FixedNear } from './near-cell.ts'
import { Needs } from './needs.ts'
import type { Cell, LookupCell, Planner } from './planner.ts'

/**
 * XLOOKUP with wildcards: a search without any is found by the index of equal keys; a pattern by the order of the texts, in which those that begin as it
 * does lie side by side. A text that comes, goes or changes calls the rows whose pattern begins as it does; the cost of an answer is the texts of that range.
 */
export function planPatternLookup(plan: Planner, expr: ExprOf<'lookup'>): LookupCell {
  const result = must(plan.relation(expr.relation).columns[expr.result])
  const search = plan.part(expr.search)
  const { find, needs } = planPatternFound(plan, expr, search, result)
  return { needs, run: readFound(search, find, result) }
}

/** The same for who reads the row found by himself. `watched`: the result, if a change there is to be told. */
export function planPatternFound(plan: Planner, expr: ExprOf<'lookup'>, search: Cell, watched: Column | null): FoundCell {
  const key = must(plan.relation(expr.relation).columns[expr.key])
  const equal = planFound(plan, expr, search, watched)
  const asked = allRows(plan, expr.relation, watched === null ? [expr.key] : [expr.key, expr.result])
  const { index, stage } = asked
  const ordered = index.ordered(key)
  if (watched !== null) ordered.watch(watched)
  const range: RangeAsked = {
    column: key,
    at: (slot) => lookupPattern(search.run(slot))?.bounds ?? null,
    reads: [search],
    name: `${expr.key} like ${exprKey(expr.search)}`,
  }
  const { store } = plan.relation(expr.relation)
  const like = (slot: number): number => {
    const pattern = lookupPattern(search.run(slot))
    const entry = index.entries.find(ALL_ROWS)
    if (pattern === null || entry < 0) return -1
    const { from, to } = rangeOf(ordered, entry, range, slot)
    let best = -1
    ordered.walk(entry, from, to, (row) => {
      if (pattern.fits(key.value(row)) && (best < 0 || store.compareKeys(row, best) < 0)) best = row
    })
    return best
  }
  const needs = new Needs().add(search.needs).add(equal.needs)
  if (search.needs.sameForAll) {
    needs.add(Needs.ofTrigger(new FixedNear(() => like(0), watched)))
    needs.stage = Math.max(needs.stage, stage)
  } else {
    const span = {
      of: ordered,
      reads: [search],
      at: (slot: number) => spanOf(range, slot),
      reach: 'here',
      errors: false,
      name: range.name,
    } as const
    needs.add(askRange(plan, asked, [], span).needs)
  }
  return { needs, find: (slot) => (lookupPattern(search.run(slot)) === null ? equal.find(slot) : like(slot)) }
}
