import type { BoundColumn, Expr, RelationId } from './bound.ts'
import { partsOf } from './expr-parts.ts'
import { asksEquality } from './criteria.ts'

/** What a recursion knows of a sheet: its name and all of its columns. */
export interface RecursiveSheet {
  readonly view: RelationId
  readonly columns: readonly Pick<BoundColumn, 'formula'>[]
}

/**
 * Columns of a sheet that read themselves through other rows, alone or in a circle: indexes, ascending, each group once, in the order of its
 * first column. Within a group a formula reads a member of its own row by `column`, those of other rows as the result of a lookup in its own sheet
 * or as what an aggregate of its own sheet sums up.
 */
export function recursiveColumns({ view, columns }: RecursiveSheet): readonly (readonly number[])[] {
  const reads = columns.map(({ formula }) => (formula === undefined ? [] : [...ownReads(formula, view)]))
  const reached = reads.map((_, from) => reachable(reads, from))
  const groups: number[][] = []
  for (const [index, own] of reached.entries()) {
    if (!own.has(index) || groups.some((group) => group.includes(index))) continue
    groups.push([...own].filter((other) => reached[other]?.has(index) === true).sort((a, b) => a - b))
  }
  return groups
}

/** Columns of its own sheet that an expression reads, of its row or of others. */
function ownReads(expr: Expr, view: RelationId): ReadonlySet<number> {
  const found = new Set<number>()
  const collect = (one: Expr): void => {
    if (one.kind === 'column') found.add(one.column)
    if (one.kind === 'columns' && one.relation === view) for (const column of one.columns) found.add(column)
    if (one.kind === 'lookup' && one.relation === view) found.add(one.key).add(one.result)
    if (one.kind === 'aggregate' && one.relation === view) {
      if (one.column !== null) found.add(one.column)
      for (const criterion of one.criteria) found.add(criterion.column)
    }
    partsOf(one).forEach(collect)
  }
  collect(expr)
  return found
}

/** Why a recursion cannot be kept right row by row. */
export type RecursionProblem =
  /** Which rows are read follows from what is computed: the search value, a key, a criterion, a whole column as an array. */
  | 'rows-depend-on-it'
  /** A criterion that is neither an equality nor the same for all rows. */
  | 'no-equality'
  /** An asynchronous function is asked for what is computed: rows would wait for each other's answers. */
  | 'asks-function'

/** The first problem in the formula of one of the columns of a group; null: there is none. */
export function recursionProblem(formula: Expr, view: RelationId, group: ReadonlySet<number>): RecursionProblem | null {
  const reads = (one: Expr): boolean => [...ownReads(one, view)].some((column) => group.has(column))
  const find = (one: Expr): RecursionProblem | null => {
    const own = problemOf(one, view, group, reads)
    if (own !== null) return own
    for (const part of partsOf(one)) {
      const inner = find(part)
      if (inner !== null) return inner
    }
    return null
  }
  return find(formula)
}

function problemOf(expr: Expr, view: RelationId, group: ReadonlySet<number>, reads: (one: Expr) => boolean): RecursionProblem | null {
  switch (expr.kind) {
    case 'lookup':
      return reads(expr.search) || (expr.relation === view && group.has(expr.key)) ? 'rows-depend-on-it' : null
    case 'columns':
      return expr.relation === view && expr.columns.some((column) => group.has(column)) ? 'rows-depend-on-it' : null
    case 'aggregate': {
      if (expr.args.some(reads) || expr.criteria.some((one) => reads(one.value))) return 'rows-depend-on-it'
      if (expr.relation !== view || expr.column === null || !group.has(expr.column)) return null
      if (expr.criteria.some((one) => group.has(one.column))) return 'rows-depend-on-it'
      return expr.criteria.some((one) => !asksEquality(one.op) && readsRow(one.value)) ? 'no-equality' : null
    }
    case 'async':
      return expr.args.some(reads) ? 'asks-function' : null
    default:
      return null
  }
}

function readsRow(expr: Expr): boolean {
  return expr.kind === 'column' || expr.kind === 'local' || partsOf(expr).some(readsRow)
}

function reachable(reads: readonly (readonly number[])[], from: number): ReadonlySet<number> {
  const found = new Set<number>()
  const open = [...(reads[from] ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue
    found.add(next)
    open.push(...(reads[next] ?? []))
  }
  return found
}
