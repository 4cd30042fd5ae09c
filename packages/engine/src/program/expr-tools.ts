import { valueKey } from '@sheetflow/core/key'
import type { Expr } from '@sheetflow/formula/bound'
import { mapParts } from '@sheetflow/formula/map-parts'

/** Text that is equal exactly for equal expressions: what formulas share is found by it. */
export function exprKey(expr: Expr): string {
  switch (expr.kind) {
    case 'const':
      return `=${JSON.stringify([expr.type, valueKey(expr.value)])}`
    case 'grid':
      return `{${JSON.stringify([expr.type, expr.grid.rows, expr.grid.cells.map(valueKey)])}}`
    case 'column':
      return `[${expr.column}]`
    case 'columns':
      return `columns(${JSON.stringify([expr.relation, expr.columns])})`
    case 'over':
      return `${expr.fn}<${JSON.stringify(expr.inputs)}>(${expr.args.map(exprKey).join(',')};$${expr.slots.join('$')};${exprKey(expr.body)})`
    case 'local':
      return `$${expr.slot}`
    case 'call':
      return `${expr.fn}<${JSON.stringify(expr.type)}>(${expr.args.map(exprKey).join(',')})`
    case 'let':
      return `let $${expr.slot}=${exprKey(expr.value)} in ${exprKey(expr.body)}`
    case 'lookup':
      return `lookup(${JSON.stringify([expr.relation, expr.key, expr.result, expr.mode])},${exprKey(expr.search)},${expr.missing === null ? '-' : exprKey(expr.missing)})`
    case 'aggregate':
      return `${expr.fn}(${JSON.stringify([expr.relation, expr.column])},${expr.criteria
        .map((one) => `${one.column}${one.op}${exprKey(one.value)}`)
        .join(',')},${expr.args.map(exprKey).join(',')})`
    case 'named':
      return `named(${JSON.stringify([expr.view, expr.column])})`
    case 'today':
      return `today(${JSON.stringify([expr.workbook, expr.unit])})`
  }
}

/** The expression with each `local` in `values` replaced by its value: it can stand outside of its LET. */
export function inlined(expr: Expr, values: ReadonlyMap<number, Expr>): Expr {
  if (values.size === 0) return expr
  return expr.kind === 'local' ? (values.get(expr.slot) ?? expr) : mapParts(expr, (part) => inlined(part, values))
}
