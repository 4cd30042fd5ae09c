import type { Expr, RelationId } from './bound.ts'
import { costOf, isRecursiveRead, type CostContext } from './cost.ts'
import { partsOf } from './expr-parts.ts'

/** The name of a column, for people. */
export type ColumnNames = (relation: RelationId, column: number) => string

/** One line on why a formula costs what `costOf` says: which part of it does, and whose change reaches how far. */
export function costReason(expr: Expr, context: CostContext, names: ColumnNames): string {
  const { class: wanted } = costOf(expr, context)
  const part = dearest(expr, wanted, context)
  const reason = part === null ? null : reasonOf(part, wanted, context, names)
  return reason ?? (readsDay(expr) ? 'follows from its own row, and from the day: all rows each midnight' : 'follows from its own row')
}

/** The innermost part that costs as much as the whole; of several the first. Null: no part reaches beyond the row. */
function dearest(expr: Expr, wanted: string, context: CostContext): Expr | null {
  for (const part of partsOf(expr)) {
    const found = costOf(part, context).class === wanted ? dearest(part, wanted, context) : null
    if (found !== null) return found
  }
  return isBeyond(expr) && costOf(expr, context).class === wanted ? expr : null
}

function isBeyond({ kind }: Expr): boolean {
  return kind === 'lookup' || kind === 'aggregate' || kind === 'named' || kind === 'columns' || kind === 'clock' || kind === 'async'
}

function reasonOf(expr: Expr, wanted: string, context: CostContext, names: ColumnNames): string | null {
  if (isRecursiveRead(expr, context))
    return `a change of a row changes all rows of ${context.view} that follow from it, one after the other`
  switch (expr.kind) {
    case 'columns':
      return `takes ${listed(expr.relation, expr.columns, names)} as an array: each change there computes it anew from all rows`
    case 'async':
      return `asks ${expr.fn.toUpperCase()} once for each different ${expr.args.length === 1 ? 'argument' : 'set of arguments'}`
    case 'clock':
      return expr.unit === 'day' ? null : 'reads the clock: all rows each minute'
    case 'named':
      return wanted === 'whole-table'
        ? `all rows read ${names(expr.view, expr.column)}: when it changes, they all do`
        : `reads the value ${names(expr.view, expr.column)}`
    case 'lookup': {
      const key = `${expr.relation}[${names(expr.relation, expr.key)}]`
      if (wanted !== 'fan-out') return expr.mode === 0 ? `one search in the index on ${key}` : `a search in the order of ${key}`
      if (expr.mode === 2) return `a change in ${key} changes all rows that ask for a text like it`
      return expr.mode === 0
        ? `a change of a row of ${expr.relation} changes all rows that look its [${names(expr.relation, expr.key)}] up`
        : `a key that comes to or goes from ${key} changes the rows that ask beside it`
    }
    case 'aggregate':
      return reasonOfAggregate(expr, wanted, context, names)
    default:
      return null
  }
}

function reasonOfAggregate(expr: Expr & { kind: 'aggregate' }, wanted: string, { single }: CostContext, names: ColumnNames): string {
  const criteria = [...new Set(expr.criteria.map((one) => one.column))]
  const by = criteria.length === 0 ? 'its order' : listed(null, criteria, (_, column) => names(expr.relation, column))
  const of = `${expr.relation}${expr.column === null ? '' : `[${names(expr.relation, expr.column)}]`}`
  if (wanted === 'whole-table') return `all rows read the same total of ${of}: when it changes, they all do`
  if (wanted === 'fan-out') return `a change of ${of} changes all rows that ask by ${by}`
  return wanted === 'log'
    ? `a search in an order kept of ${of}`
    : single
      ? `one total of ${of}`
      : `one group of an index over ${of}, by ${by}`
}

function listed(relation: RelationId | null, columns: readonly number[], names: ColumnNames): string {
  return columns.map((column) => `${relation ?? ''}[${names(relation ?? '', column)}]`).join(', ')
}

function readsDay(expr: Expr): boolean {
  return expr.kind === 'clock' || partsOf(expr).some(readsDay)
}
