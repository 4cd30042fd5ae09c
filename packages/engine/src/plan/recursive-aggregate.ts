import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Value } from '@sheetflow/core/value'
import { asksEquality, cellKeyOf, criteriaMatch, matcherOf } from '@sheetflow/formula/criteria'
import type { MatchKey } from '@sheetflow/formula/criteria'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { isOrdered } from '@sheetflow/formula/cost'
import { ALL_ROWS } from '../operators/aggregate-index.ts'
import type { OrderedColumn } from '../operators/ordered-column.ts'
import type { Question } from '../operators/criteria-callers.ts'
import { joinKeys } from '../structures/match-key.ts'
import { NOT_YET } from '../operators/recursion.ts'
import type { Recursion } from '../operators/recursion.ts'
import { RecursiveGroup, SCAN } from '../operators/recursive-group.ts'
import type { Trigger } from '../operators/row-map.ts'
import type { RowStore } from '../state/row-store.ts'
import { ConstantFilter } from './aggregate-cell.ts'
import { readingOf, WalkedRows } from './aggregate-reading.ts'
import type { Asked } from './asked.ts'
import { Needs } from './needs.ts'
import type { Cell, Planner } from './planner.ts'

/** What the plan of an aggregate needs to know of the recursion that it stands in. */
export interface RecursionPart {
  readonly recursion: Recursion
  /** Places of the column whose formula it is, and of the one that it sums up. */
  readonly by: number
  readonly of: number
  /** What brings rows of that column into other groups, for which the column is computed again. */
  readonly moved: (needs: Needs) => void
}

/** Sums, counts and averages go by no order, so nobody asks for one. */
const noOrder = (): OrderedColumn => must<OrderedColumn>(null, 'what is kept of a group has an order')

/** Criteria by what a recursion does with them. */
interface Criteria {
  /** The same for all rows. */
  readonly filters: readonly ConstantFilter[]
  /** Equalities. */
  readonly keys: readonly Asked[]
}

/**
 * SUMIFS and its like over a column of the recursion that it stands in. Sums, counts and averages are kept; the least, the greatest and the like
 * are looked for among the rows of the group.
 */
export function planRecursiveAggregate(plan: Planner, expr: ExprOf<'aggregate'>, { recursion, by, of, moved }: RecursionPart): Cell {
  const relation = plan.relation(expr.relation)
  const column = must(relation.columns[must(expr.column)], 'the column is one of the relation')
  const criteria = sortCriteria(plan, expr)
  const args = expr.args.map((arg) => plan.part(arg))
  const group = new RecursiveGroup({ by, of, relation, column, ...questionsOf(criteria) })
  recursion.addRead(group)
  const needs = planGroup(plan, expr, criteria, group, moved)
  for (const arg of args) needs.add(arg.needs)
  const reading = readingOf(expr, column)
  const isKept = !isOrdered(expr.fn)
  const kept = { measure: () => group.measure, ordered: noOrder, rows: (entry: number) => group.rows(entry) }
  if (isKept) reading.prepare(kept)
  const values = (slot: number): readonly Value[] => args.map((arg) => arg.run(slot))
  const each = (slot: number) => (visit: (other: number) => void) => group.forEachRead(slot, visit)
  return {
    needs,
    run: (slot) => {
      const entry = group.asked(slot)
      const isScan = entry === SCAN
      if (recursion.isCareful || isScan) {
        if (recursion.waitsForAny(of, each(slot))) return NOT_YET
      } else if (by === of && group.asksForItself(slot) && !recursion.isKnown(of, slot)) return NOT_YET
      if (isKept && !isScan) return reading.read(kept, entry, values(slot))
      return walked(relation.store, reading, each(slot), values(slot))
    },
  }
}

function walked(
  store: RowStore,
  reading: ReturnType<typeof readingOf>,
  each: (visit: (slot: number) => void) => void,
  args: readonly Value[],
): Value {
  const rows = new WalkedRows(store)
  reading.prepare(rows)
  each((slot) => rows.add(slot))
  return reading.read(rows, 0, args)
}

function sortCriteria(plan: Planner, expr: ExprOf<'aggregate'>): Criteria {
  const relation = plan.relation(expr.relation)
  const filters: ConstantFilter[] = []
  const keys: Asked[] = []
  for (const criterion of expr.criteria) {
    const asked = { criterion, column: must(relation.columns[criterion.column]), value: plan.part(criterion.value) }
    if (asked.value.needs.sameForAll) filters.push(new ConstantFilter(asked))
    else if (asksEquality(criterion.op)) keys.push(asked)
    else {
      // The workbook's check refuses it with its place: this is met only by graphs made by hand.
      throw new SheetflowError('formula/cycle', `a column of ${expr.relation} reads itself by a criterion that is no equality`)
    }
  }
  return { filters, keys }
}

function questionsOf({ filters, keys }: Criteria) {
  return {
    passes: (slot: number): boolean => filters.every((filter) => filter.test(filter.column.value(slot))),
    groupOf: (slot: number): MatchKey | null => {
      if (keys.length === 0) return ALL_ROWS
      const parts: MatchKey[] = []
      for (const { criterion, column } of keys) {
        const part = cellKeyOf(criterion.op)(column.value(slot))
        if (part === null) return null
        parts.push(part)
      }
      return joinKeys(parts)
    },
    asked: (slot: number): Question => {
      if (keys.length === 0) return { kind: 'group', key: ALL_ROWS }
      const parts: MatchKey[] = []
      for (const { criterion, column, value } of keys) {
        const matcher = matcherOf(criterion.op, value.run(slot), column.type)
        if (matcher.kind === 'test') return { kind: 'scan' }
        parts.push(matcher.key)
      }
      return { kind: 'group', key: joinKeys(parts) }
    },
    means: (slot: number): ((other: number) => boolean) => {
      const tests = keys.map(({ criterion, column, value }) => ({
        column,
        test: criteriaMatch(criterion.op, value.run(slot), column.type),
      }))
      return (other) => tests.every(({ column, test }) => test(column.value(other)))
    },
  }
}

/** Rows are put into groups in one stage, and ask for groups in the next. */
function planGroup(
  plan: Planner,
  expr: ExprOf<'aggregate'>,
  { filters, keys }: Criteria,
  group: RecursiveGroup,
  moved: (needs: Needs) => void,
): Needs {
  const refilter: Trigger = {
    collect: () => (filters.filter((filter) => filter.refresh()).length > 0 ? 'all' : 'listed'),
  }
  const joins = Needs.ofTrigger(refilter)
  for (const criterion of expr.criteria) joins.add(plan.column(criterion.column).needs)
  const members = plan.addNode(group.members, joins)
  moved(members)
  const asks = new Needs()
  for (const { value } of keys) asks.add(value.needs)
  asks.stage = Math.max(asks.stage, joins.stage + 1)
  const needs = plan.addNode(group.callers, asks).add(Needs.ofTrigger(group.trigger))
  for (const { value } of keys) needs.add(value.needs)
  return needs
}
