import type { Expr } from './bound.ts'

const NONE: readonly Expr[] = []

/** Parts of an expression, itself left out. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'const':
    case 'grid':
    case 'column':
    case 'columns':
    case 'local':
    case 'named':
    case 'clock':
      return NONE
    case 'over':
      return [...expr.args, expr.body]
    case 'call':
    case 'async':
      return expr.args
    case 'let':
      return [expr.value, expr.body]
    case 'lookup':
      return expr.missing === null ? [expr.search] : [expr.search, expr.missing]
    case 'aggregate':
      return [...expr.criteria.map((one) => one.value), ...expr.args]
  }
}

/** The expression with each of its direct parts (those of `partsOf`) replaced by what `go` makes of it; one without parts is itself. */
export function mapParts(expr: Expr, go: (part: Expr) => Expr): Expr {
  switch (expr.kind) {
    case 'const':
    case 'grid':
    case 'column':
    case 'columns':
    case 'named':
    case 'clock':
    case 'local':
      return expr
    case 'over':
      return { ...expr, args: expr.args.map(go), body: go(expr.body) }
    case 'call':
    case 'async':
      return { ...expr, args: expr.args.map(go) }
    case 'let':
      return { ...expr, value: go(expr.value), body: go(expr.body) }
    case 'lookup':
      return { ...expr, search: go(expr.search), missing: expr.missing === null ? null : go(expr.missing) }
    case 'aggregate':
      return { ...expr, criteria: expr.criteria.map((one) => ({ ...one, value: go(one.value) })), args: expr.args.map(go) }
  }
}
