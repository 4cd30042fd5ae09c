import { must } from '@sheetflow/core/assert'
import { valueKey } from '@sheetflow/core/key'
import type { Value } from '@sheetflow/core/value'
import type { AggregateFunction, Criterion } from '@sheetflow/formula/bound'
import { cellKeyOf, criteriaMatch, matcherOf } from '@sheetflow/formula/criteria'
import type { MatchKey } from '@sheetflow/formula/criteria'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { AggregateIndex, ALL_ROWS } from '../operators/aggregate-index.ts'
import type { Grouping, RowFilter } from '../operators/aggregate-index.ts'
import { ColumnMeasure } from '../operators/column-measure.ts'
import { CriteriaCallers } from '../operators/criteria-callers.ts'
import type { Question } from '../operators/criteria-callers.ts'
import { FixedCaller } from '../operators/map-nodes.ts'
import { joinKeys } from '../operators/match-key.ts'
import type { Column } from '../state/column.ts'
import type { RowStore } from '../state/row-store.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import type { Cell, Planner } from './planner.ts'

/** A criterion with its value as a cell. */
interface Asked {
  readonly criterion: Criterion
  readonly column: Column
  readonly value: Cell
}

/** Criteria by what the engine does with them. */
interface Sorted {
  /** The same for all callers: rows are filtered before they are grouped. */
  readonly constant: readonly Asked[]
  /** Equalities: rows are grouped by these columns. A `criterion` is one until its text says otherwise. */
  readonly keys: readonly Asked[]
  /** Bounds that differ from caller to caller: tested row by row inside of the group. */
  readonly tested: readonly Asked[]
}

/** SUMIFS and its family, and aggregates of whole columns. */
export function planAggregate(plan: Planner, expr: ExprOf<'aggregate'>): Cell {
  const relation = plan.relation(expr.relation)
  const sorted = sortCriteria(plan, expr)
  const column = expr.column === null ? null : must(relation.columns[expr.column], 'the column is one of the relation')
  const { index, stage, name } = indexFor(plan, expr, sorted)
  if (column !== null) need(index.measure(column), expr.fn)
  const asking = ask(plan, index, sorted.keys, stage, name)
  const needs = new Needs().add(asking.needs)
  for (const one of [...sorted.keys, ...sorted.tested]) needs.add(one.value.needs)
  const scan = scanner(relation.store, expr.fn, column)
  const all = [...sorted.keys, ...sorted.tested]
  return {
    needs,
    run: (slot) => {
      if (asking.scans(slot)) return scan((each) => index.forEachFiltered(each), all, slot)
      const entry = asking.entry(slot)
      if (sorted.tested.length > 0) return scan((each) => (entry < 0 ? undefined : index.forEachRow(entry, each)), sorted.tested, slot)
      return column === null ? index.rows(entry) : read(index.measure(column), expr.fn, entry)
    },
  }
}

function sortCriteria(plan: Planner, expr: ExprOf<'aggregate'>): Sorted {
  const relation = plan.relation(expr.relation)
  const constant: Asked[] = []
  const keys: Asked[] = []
  const tested: Asked[] = []
  for (const criterion of expr.criteria) {
    const asked = { criterion, column: must(relation.columns[criterion.column]), value: plan.part(criterion.value) }
    if (asked.value.needs.sameForAll) constant.push(asked)
    else if (criterion.op === '=' || criterion.op === 'criterion' || criterion.op === 'group') keys.push(asked)
    else tested.push(asked)
  }
  // One order for all callers, so that they find the same index and build the same keys.
  keys.sort((a, b) => a.criterion.column - b.criterion.column)
  return { constant, keys, tested }
}

/** See `lookup-cell.ts` for `stage` and indexes over the own sheet. */
function indexFor(
  plan: Planner,
  expr: ExprOf<'aggregate'>,
  sorted: Sorted,
): { readonly index: AggregateIndex; readonly stage: number; readonly name: string } {
  const constant = sorted.constant.map(({ criterion }) => `${criterion.column}${criterion.op}${exprKey(criterion.value)}`).sort()
  const grouped = sorted.keys.map(({ criterion }) => (criterion.op === 'group' ? `g${criterion.column}` : criterion.column))
  const tested = [...new Set(sorted.tested.map((one) => one.criterion.column))].sort((a, b) => a - b)
  const name = JSON.stringify([expr.relation, constant, grouped, tested])
  const make = (): Grouping => ({
    relation: plan.relation(expr.relation),
    filters: sorted.constant.map((asked) => new ConstantFilter(asked)),
    keys: sorted.keys.map((asked) => asked.column),
    keyOf: sorted.keys.map((asked) => cellKeyOf(asked.criterion.op)),
    tested: sorted.tested.map((asked) => asked.column),
  })
  if (!plan.isOwn(expr.relation)) return { index: plan.sources.aggregateIndex(name, make), stage: 0, name }
  const read = expr.criteria.map((criterion) => criterion.column)
  if (expr.column !== null) read.push(expr.column)
  const stage = Math.max(0, ...read.map((column) => plan.column(column).needs.stage))
  const index = new AggregateIndex(make())
  plan.addOwnIndex(stage, index)
  return { index, stage: stage + 1, name: `${name}→${expr.column}` }
}

interface Asking {
  readonly entry: (slot: number) => number
  readonly scans: (slot: number) => boolean
  readonly needs: Needs
}

function ask(plan: Planner, index: AggregateIndex, keys: readonly Asked[], stage: number, name: string): Asking {
  if (keys.length === 0) {
    const fixed = new FixedCaller(index.entries, () => ALL_ROWS)
    const needs = Needs.ofTrigger(fixed)
    needs.stage = stage
    return { entry: () => fixed.entry, scans: () => false, needs }
  }
  const question = questioner(keys)
  const text = keys.map(({ criterion }) => `${criterion.op}${exprKey(criterion.value)}`)
  const cell = plan.shared(`${name}?${text.join('&')}`, () => {
    const callers = new CriteriaCallers(index, question)
    const before = new Needs()
    for (const one of keys) before.add(one.value.needs)
    before.stage = Math.max(before.stage, stage)
    const needs = plan.addNode(callers, before).add(Needs.ofTrigger(callers))
    return { needs, run: (slot) => (callers.scans(slot) ? -2 : callers.entry(slot)) }
  })
  return { needs: cell.needs, entry: (slot) => cell.run(slot) as number, scans: (slot) => cell.run(slot) === -2 }
}

function questioner(keys: readonly Asked[]): (slot: number) => Question {
  return (slot) => {
    const parts: MatchKey[] = []
    for (const { criterion, column, value } of keys) {
      const matcher = matcherOf(criterion.op, value.run(slot), column.type)
      if (matcher.kind === 'test') return { kind: 'scan' }
      parts.push(matcher.key)
    }
    return { kind: 'group', key: joinKeys(parts) }
  }
}

/** A criterion that is the same for all callers. Its value may still change: a named value, the day. */
class ConstantFilter implements RowFilter {
  readonly column: Column
  readonly #asked: Asked
  #value: string | null = null
  #test: (cell: Value) => boolean = () => false

  constructor(asked: Asked) {
    this.column = asked.column
    this.#asked = asked
  }

  test(cell: Value): boolean {
    return this.#test(cell)
  }

  refresh(): boolean {
    const value = this.#asked.value.run(0)
    const key = valueKey(value)
    if (key === this.#value) return false
    this.#value = key
    this.#test = criteriaMatch(this.#asked.criterion.op, value, this.column.type)
    return true
  }
}

function need(measure: ColumnMeasure, fn: AggregateFunction): void {
  if (fn === 'sum' || fn === 'average') measure.needSum()
  else if (fn === 'min' || fn === 'max') measure.needOrder(fn)
}

function read(measure: ColumnMeasure, fn: AggregateFunction, entry: number): Value {
  switch (fn) {
    case 'sum':
      return measure.sum(entry)
    case 'average':
      return measure.average(entry)
    case 'count':
      return measure.count(entry)
    case 'counta':
      return measure.counta(entry)
    case 'min':
    case 'max':
      return measure.extreme(fn, entry)
    case 'count-rows':
      return 0
  }
}

/** Rows one by one, those that meet all criteria of the caller. */
type Walk = (each: (slot: number) => void) => void

/** The aggregate over the rows of a walk: for criteria that no index answers. Cost: the rows walked, for each caller. */
function scanner(store: RowStore, fn: AggregateFunction, column: Column | null) {
  return (walk: Walk, asked: readonly Asked[], caller: number): Value => {
    const tests = asked.map(({ criterion, column: tested, value }) => ({
      tested,
      test: criteriaMatch(criterion.op, value.run(caller), tested.type),
    }))
    const measure = column === null ? null : new ColumnMeasure(column, store)
    if (measure !== null) need(measure, fn)
    let rows = 0
    walk((slot) => {
      for (const { tested, test } of tests) if (!test(tested.value(slot))) return
      rows += 1
      measure?.insert(0, slot)
    })
    return measure === null ? rows : read(measure, fn, 0)
  }
}
