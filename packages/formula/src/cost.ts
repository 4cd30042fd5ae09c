import type { AggregateFunction, CostClass, Criterion, Expr, RelationId } from './bound.ts'
import { partsOf } from './expr-parts.ts'

/** The sheet whose formula is weighed. */
export interface CostContext {
  readonly view: RelationId
  /** Indexes of its key columns; empty for the one row of named values. */
  readonly key: readonly number[]
  /** One row: what changes a value changes one row only. */
  readonly single: boolean
  /** Columns that read themselves, of which the one that is weighed is: what it reads of them in other rows, those read in others again. */
  readonly recursive?: ReadonlySet<number>
  /** Named values that change with tables. */
  readonly isLive: (view: RelationId, column: number) => boolean
}

const RANK: Readonly<Record<CostClass['class'], number>> = { constant: 0, log: 1, 'fan-out': 2, 'whole-table': 3 }

const CONSTANT: CostClass = { class: 'constant' }
const LOG: CostClass = { class: 'log' }

/** The dearer of two classes. */
export function dearer(a: CostClass, b: CostClass): CostClass {
  return RANK[b.class] > RANK[a.class] ? b : a
}

/**
 * What it costs to keep the formula right when one row changes: nothing but the row (`constant`), a search (`log`), all rows that ask for
 * what changed (`fan-out`), or every row of the sheet (`whole-table`).
 */
export function costOf(expr: Expr, context: CostContext): CostClass {
  return partsOf(expr).reduce((cost, part) => dearer(cost, costOf(part, context)), ownCost(expr, context))
}

/** Does it read its own column, or one that reads that, in other rows? */
export function isRecursiveRead(expr: Expr, { view, recursive }: CostContext): boolean {
  const column = expr.kind === 'lookup' ? expr.result : expr.kind === 'aggregate' ? expr.column : null
  return (
    column !== null && recursive?.has(column) === true && (expr.kind === 'lookup' || expr.kind === 'aggregate') && expr.relation === view
  )
}

function ownCost(expr: Expr, context: CostContext): CostClass {
  if (isRecursiveRead(expr, context)) return { class: 'fan-out', table: context.view }
  switch (expr.kind) {
    case 'const':
    case 'grid':
    case 'column':
    case 'over':
    case 'call':
    case 'let':
    case 'local':
    case 'async':
      return CONSTANT
    case 'clock':
      return expr.unit === 'day' || context.single ? CONSTANT : wholeTable(context)
    case 'lookup':
      // A key that comes or goes moves all who ask for a value in its gap.
      if (expr.mode !== 0) return context.single ? LOG : { class: 'fan-out', table: expr.relation }
      return context.single || asksOnce([expr.search], context) ? CONSTANT : { class: 'fan-out', table: expr.relation }
    case 'named':
      return context.single || !context.isLive(expr.view, expr.column) ? CONSTANT : wholeTable(context)
    case 'aggregate':
      return costOfAggregate(expr, context)
    case 'columns':
      return { class: 'whole-table', table: expr.relation, accepted: null }
  }
}

function costOfAggregate(expr: Expr & { kind: 'aggregate' }, context: CostContext): CostClass {
  const perRow = expr.criteria.filter((one) => readsRow(one.value))
  const bounds = new Set(perRow.filter((one) => isBound(one.op)).map((one) => one.column))
  const search: CostClass = bounds.size > 0 || isOrdered(expr.fn) ? LOG : CONSTANT
  if (context.single) return search
  const ranks = expr.fn === 'rank-eq' || expr.fn === 'rank-avg'
  if (perRow.length === 0 && !(ranks && expr.args.some(readsRow))) return wholeTable(context)
  const equal = perRow.filter((one) => one.op === '=' || one.op === 'is' || one.op === 'group').map((one) => one.value)
  // Rows are walked where one range of one index does not answer: a second bounded column, `<>`, patterns, the least or greatest of a range.
  const walked =
    bounds.size > 1 || (bounds.size > 0 && isOrdered(expr.fn)) || perRow.some((one) => one.op === '<>' || one.op === 'criterion')
  return asksOnce(equal, context) && !walked ? search : { class: 'fan-out', table: expr.relation }
}

function isBound(op: Criterion['op']): boolean {
  return op === '<' || op === '<=' || op === '>' || op === '>='
}

/** Is the function answered by the order of the values? */
export function isOrdered(fn: AggregateFunction): boolean {
  switch (fn) {
    case 'sum':
    case 'count':
    case 'counta':
    case 'count-rows':
    case 'average':
    case 'var-s':
    case 'var-p':
    case 'stdev-s':
    case 'stdev-p':
      return false
    default:
      return true
  }
}

function wholeTable(context: CostContext): CostClass {
  return { class: 'whole-table', table: context.view, accepted: null }
}

/** Do these values hold the whole key of the row, so that no two rows ask the same? */
function asksOnce(values: readonly Expr[], { key }: CostContext): boolean {
  return key.length > 0 && key.every((column) => values.some((value) => value.kind === 'column' && value.column === column))
}

/** Does the value differ from row to row? A name of LET counts as if it did. */
function readsRow(expr: Expr): boolean {
  return expr.kind === 'column' || expr.kind === 'local' || partsOf(expr).some(readsRow)
}
