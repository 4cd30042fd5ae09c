import { must } from '@sheetflow/core/assert'
import { valueKey } from '@sheetflow/core/key'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import { asksEquality, cellKeyOf, criteriaMatch, groupingOf } from '@sheetflow/formula/criteria'
import type { ExprOf } from '@sheetflow/formula/compile/compile-host'
import { AggregateIndex } from '../operators/aggregate-index.ts'
import type { Grouping, RowFilter } from '../operators/aggregate-index.ts'
import { SCANS } from '../operators/criteria-callers.ts'
import type { DirectWrite } from '../operators/map-nodes.ts'
import { isOrderable } from '../operators/ordered-column.ts'
import type { OrderedColumn } from '../operators/ordered-column.ts'
import type { Column } from '../state/column.ts'
import type { RowStore } from '../state/row-store.ts'
import { askGroup, askRange } from './aggregate-asking.ts'
import type { AskedIndex, Asking } from './aggregate-asking.ts'
import { readingOf, WalkedRows } from './aggregate-reading.ts'
import type { Reading } from './aggregate-reading.ts'
import { asBound, askedByBounds, askedByPrefix, rangeOf, rankSpan, spanOf } from './asked.ts'
import type { Asked, Bound, RangeAsked } from './asked.ts'
import { exprKey } from './expr-tools.ts'
import { Needs } from './needs.ts'
import type { Cell, Planner } from './planner.ts'

/** Criteria by what the engine does with them. */
interface Sorted {
  /** The same for all callers: rows are filtered before they are grouped. */
  readonly constant: readonly Asked[]
  /** Equalities: rows are grouped by these columns. A `criterion` is one until its text says otherwise. */
  readonly keys: readonly Asked[]
  /** Bounds that differ from caller to caller, all on one column: a range of the group in the order of that column. */
  readonly bounds: readonly Bound[]
  /** What is asked of the order of a column: the bounds, or a text's beginning. */
  readonly range: RangeAsked | null
  /** What is left is tested row by row inside of the group, or of its range. */
  readonly tested: readonly Asked[]
}

/** SUMIFS and its family, and aggregates of whole columns. */
export function planAggregate(plan: Planner, expr: ExprOf<'aggregate'>): Cell {
  const sorted = sortCriteria(plan, expr)
  const pattern = onlyPattern(sorted)
  if (pattern === null) return planSorted(plan, expr, sorted, null)
  const range = askedByPrefix(pattern)
  const begins = (slot: number): boolean => range.at(slot) !== null
  const equal = planSorted(plan, expr, sorted, begins)
  const prefixed = planSorted(plan, expr, { ...sorted, keys: sorted.keys.filter((one) => one !== pattern), range }, null)
  return {
    needs: new Needs().add(equal.needs).add(prefixed.needs),
    run: (slot) => (begins(slot) ? prefixed.run(slot) : equal.run(slot)),
  }
}

/** The one criterion whose text is known per row and may be a pattern over texts: its beginning is a range in their order. */
function onlyPattern({ keys, bounds, tested }: Sorted): Asked | null {
  const [pattern, ...others] = keys.filter(({ criterion }) => criterion.op === 'criterion')
  const alone = pattern !== undefined && others.length === 0 && bounds.length === 0 && tested.length === 0
  return alone && pattern.column.type.type === 'text' ? pattern : null
}

/** Rows of which `except` is true do not ask for this cell. */
function planSorted(plan: Planner, expr: ExprOf<'aggregate'>, sorted: Sorted, except: ((slot: number) => boolean) | null): Cell {
  const relation = plan.relation(expr.relation)
  const args = expr.args.map((arg) => plan.part(arg))
  const column = expr.column === null ? null : must(relation.columns[expr.column], 'the column is one of the relation')
  const asked = indexFor(plan, expr, sorted)
  const reading = readingOf(expr, column)
  const asking = ask(plan, { expr, asked, sorted, args, column, except })
  const needs = new Needs().add(asking.needs)
  for (const one of [...sorted.keys, ...sorted.bounds, ...sorted.tested]) needs.add(one.value.needs)
  for (const one of [...(sorted.range?.reads ?? []), ...args]) needs.add(one.needs)
  const { index } = asked
  const walked = walker(relation.store, reading, args)
  const all = [...sorted.keys, ...sorted.bounds, ...sorted.tested]
  const read = readerFor({ expr, index, sorted, column, reading, args, walked })
  const run = (slot: number): Value => {
    const entry = asking.entry(slot)
    return entry === SCANS ? walked((each) => index.forEachFiltered(each), all, slot) : read(entry, slot)
  }
  const { write } = reading
  if (write === undefined || sorted.range !== null || sorted.tested.length > 0) return { needs, run }
  const direct: DirectWrite = (slot, to) => {
    const entry = asking.entry(slot)
    return entry >= 0 && write(index, entry, to)
  }
  return { needs, run, direct: { type: column?.type ?? COUNT, write: direct } }
}

/** Rows are counted by whole numbers. */
const COUNT: ColumnType = { type: 'int' }

function sortCriteria(plan: Planner, expr: ExprOf<'aggregate'>): Sorted {
  const relation = plan.relation(expr.relation)
  const constant: Asked[] = []
  const keys: Asked[] = []
  const bounds: Bound[] = []
  const tested: Asked[] = []
  for (const criterion of expr.criteria) {
    const asked = { criterion, column: must(relation.columns[criterion.column]), value: plan.part(criterion.value) }
    const bound = isOrderable(asked.column.type) ? asBound(asked) : null
    // What is the same for all and read off the own sheet is known only once that has run: later than an index of another table.
    if (asked.value.needs.sameForAll && asked.value.needs.stage === 0) constant.push(asked)
    else if (asksEquality(criterion.op)) keys.push(asked)
    else if (bound !== null && (bounds[0]?.column ?? bound.column) === bound.column) bounds.push(bound)
    else tested.push(asked)
  }
  // One order for all callers, so that they find the same index and build the same keys.
  keys.sort((a, b) => a.criterion.column - b.criterion.column)
  return { constant, keys, bounds, range: askedByBounds(bounds), tested }
}

/** See `lookup-cell.ts` for `stage` and indexes over the own sheet. */
function indexFor(plan: Planner, expr: ExprOf<'aggregate'>, sorted: Sorted): AskedIndex {
  const constant = sorted.constant.map(({ criterion }) => `${criterion.column}${criterion.op}${exprKey(criterion.value)}`).sort()
  const keys = sorted.keys.map(({ criterion: { op, column } }) => {
    const grouping = groupingOf(op)
    return grouping === 'criterion' ? column : `${grouping} ${column}`
  })
  const tested = sorted.tested.map((one) => one.criterion.column)
  const name = indexName(expr.relation, constant, keys, tested)
  const make = (): Grouping => ({
    on: groupingText(plan, expr.relation, sorted.keys, sorted.constant),
    relation: plan.relation(expr.relation),
    filters: sorted.constant.map((asked) => new ConstantFilter(asked)),
    keys: sorted.keys.map((asked) => asked.column),
    keyOf: sorted.keys.map((asked) => cellKeyOf(asked.criterion.op)),
    tested: sorted.tested.map((asked) => asked.column),
  })
  const read = expr.criteria.map((criterion) => criterion.column)
  if (expr.column !== null) read.push(expr.column)
  return sharedIndex(plan, expr.relation, name, read, make)
}

/** `shop!public.orders by [customer_id] where [status]`: what an index groups, for people. */
function groupingText(plan: Planner, relation: string, keys: readonly Asked[], constant: readonly Asked[]): string {
  const names = (all: readonly Asked[]): string =>
    [...new Set(all.map(({ criterion }) => `[${plan.sources.columnName(relation, criterion.column)}]`))].join(', ')
  const by = keys.length === 0 ? '' : ` by ${names(keys)}`
  return `${relation}${by}${constant.length === 0 ? '' : ` where ${names(constant)}`}`
}

/** Formulas whose groups have one name share one index. */
export function indexName(
  relation: string,
  constant: readonly string[],
  keys: readonly (number | string)[],
  tested: readonly number[],
): string {
  return JSON.stringify([relation, constant, keys, [...new Set(tested)].sort((a, b) => a - b)])
}

/** The index of that name; over the own sheet one of the formula's own, behind the stage that fills the columns read. */
export function sharedIndex(plan: Planner, relation: string, name: string, read: readonly number[], make: () => Grouping): AskedIndex {
  if (!plan.isOwn(relation)) return { index: plan.sources.aggregateIndex(name, relation, make), stage: 0, name }
  const stage = Math.max(0, ...read.map((column) => plan.column(column).needs.stage))
  const index = new AggregateIndex(make())
  // Its callers hold entries of this very index: they are not shared with those of another over the same groups.
  return { name: `${name}→${plan.addOwnIndex(stage, index)}`, index, stage: stage + 1 }
}

/** What asking needs to know of its formula. */
interface AskParts {
  readonly expr: ExprOf<'aggregate'>
  readonly asked: AskedIndex
  readonly sorted: Sorted
  readonly args: readonly Cell[]
  readonly column: Column | null
  readonly except: ((slot: number) => boolean) | null
}

function ask(plan: Planner, { expr, asked, sorted, args, column, except }: AskParts): Asking {
  const { keys, range } = sorted
  if (range !== null) {
    const { reads, name } = range
    const of = asked.index.ordered(range.column)
    return askRange(plan, asked, keys, { of, reads, name, reach: 'here', errors: false, at: (slot) => spanOf(range, slot) })
  }
  const [number, order] = args
  if ((expr.fn === 'rank-eq' || expr.fn === 'rank-avg') && column !== null && number !== undefined && !number.needs.sameForAll) {
    return askRange(plan, asked, keys, {
      of: asked.index.ordered(column),
      reads: args,
      reach: 'here',
      errors: true,
      at: (slot) => rankSpan(column.type, number.run(slot), order === undefined ? null : order.run(slot)),
      name: `rank ${expr.column} ${expr.args.map(exprKey).join()}`,
    })
  }
  return askGroup(plan, asked, keys, except)
}

/** What reading a value needs to know of its formula. */
interface ReaderParts {
  readonly expr: ExprOf<'aggregate'>
  readonly index: AggregateIndex
  readonly sorted: Sorted
  readonly column: Column | null
  readonly reading: Reading
  readonly args: readonly Cell[]
  readonly walked: Walked
}

/** The value for a row that asks for the group `entry`. */
function readerFor(parts: ReaderParts): (entry: number, slot: number) => Value {
  const { index, sorted, column, reading, args, walked } = parts
  const { range } = sorted
  const mayScan = sorted.keys.some(({ criterion }) => criterion.op === 'criterion')
  if (column !== null && (mayScan || range !== null || sorted.tested.length > 0)) index.watch(column)
  if (range === null) {
    if (sorted.tested.length > 0) return (entry, slot) => walked((each) => index.forEachRow(entry, each), sorted.tested, slot)
    reading.prepare(index)
    return (entry, slot) => reading.read(index, entry, valuesOf(args, slot))
  }
  const ordered = index.ordered(range.column)
  const ranged = sorted.tested.length > 0 ? null : rangeReader(parts, range, ordered)
  if (ranged !== null) return ranged
  return (entry, slot) => {
    const { from, to } = rangeOf(ordered, entry, range, slot)
    return walked((each) => ordered.walk(entry, from, to, each), sorted.tested, slot)
  }
}

/** Sums and counts are differences of prefixes; null: the rows of the range must be walked. */
function rangeReader({ expr: { fn }, index, column }: ReaderParts, range: RangeAsked, ordered: OrderedColumn) {
  if (column === null) {
    return (entry: number, slot: number): Value => {
      const { from, to } = rangeOf(ordered, entry, range, slot)
      return to - from
    }
  }
  if (fn !== 'sum' && fn !== 'average' && fn !== 'count' && fn !== 'counta') return null
  const measure = ordered.measure(column, index.measure(column))
  return (entry: number, slot: number): Value => {
    const { from, to, holds } = rangeOf(ordered, entry, range, slot)
    return measure.answer(fn, entry, from, to, (row) => holds(range.column.value(row)))
  }
}

const NO_VALUES: readonly Value[] = []

function valuesOf(args: readonly Cell[], slot: number): readonly Value[] {
  return args.length === 0 ? NO_VALUES : args.map((arg) => arg.run(slot))
}

/** A criterion that is the same for all callers. Its value may still change: a named value, the day. */
export class ConstantFilter implements RowFilter {
  readonly column: Column
  readonly isFixed: boolean
  readonly #op: Asked['criterion']['op']
  readonly #asked: Pick<Cell, 'run'>
  #value: string | null = null
  #test: (cell: Value) => boolean = () => false

  constructor({ criterion: { op, value: expr }, column, value }: Asked) {
    this.column = column
    this.isFixed = expr.kind === 'const'
    this.#op = op
    // An index that is the same for ever may go on without the sheet that asked for it first: it must not hold on to that one's plan.
    this.#asked = expr.kind === 'const' ? constant(expr.value) : value
  }

  test(cell: Value): boolean {
    return this.#test(cell)
  }

  refresh(): boolean {
    const value = this.#asked.run(0)
    const key = valueKey(value)
    if (key === this.#value) return false
    this.#value = key
    this.#test = criteriaMatch(this.#op, value, this.column.type)
    return true
  }
}

function constant(value: Value): Pick<Cell, 'run'> {
  return { run: () => value }
}

/** Rows one by one. */
type Walk = (each: (slot: number) => void) => void
type Walked = (walk: Walk, asked: readonly Asked[], caller: number) => Value

/** The aggregate over those rows of a walk that meet the caller's criteria, where no index answers. Cost: the rows walked, for each caller. */
function walker(store: RowStore, reading: Reading, args: readonly Cell[]): Walked {
  return (walk, asked, caller) => {
    const tests = asked.map(({ criterion, column, value }) => ({
      column,
      test: criteriaMatch(criterion.op, value.run(caller), column.type),
    }))
    const rows = new WalkedRows(store)
    reading.prepare(rows)
    walk((slot) => {
      for (const { column, test } of tests) if (!test(column.value(slot))) return
      rows.add(slot)
    })
    return reading.read(rows, 0, valuesOf(args, caller))
  }
}
