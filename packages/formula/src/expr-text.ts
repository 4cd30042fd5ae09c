import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { Expr, RelationId } from './bound.ts'
import { partsOf } from './expr-parts.ts'
import type { ColumnNames } from './cost-reason.ts'
import { BINDING, ATOM_BINDING, SIGN_BINDING, PERCENT_BINDING } from './syntax/precedence.ts'

/** A bound expression as a formula, for people: `[@total]*(1+VAT)`. `own`: the relation of its row. */
export function exprText(expr: Expr, own: RelationId, names: ColumnNames): string {
  return printed(expr, { own, names }, 0)
}

interface Names {
  readonly own: RelationId
  readonly names: ColumnNames
}

/** `least`: what binds weaker stands in parentheses. */
function printed(expr: Expr, of: Names, least: number): string {
  const { text, binds } = form(expr, of)
  return binds < least ? `(${text})` : text
}

function form(expr: Expr, of: Names): { readonly text: string; readonly binds: number } {
  if (expr.kind !== 'call') return { text: atom(expr, of), binds: ATOM_BINDING }
  const [a, b] = expr.args
  const binds = (BINDING as Readonly<Record<string, number>>)[expr.fn]
  if (binds !== undefined && a !== undefined && b !== undefined) {
    return { text: `${printed(a, of, binds)}${expr.fn}${printed(b, of, binds + 1)}`, binds }
  }
  if (a !== undefined && expr.fn === 'neg') {
    return { text: `-${printed(a, of, SIGN_BINDING)}`, binds: SIGN_BINDING }
  }
  if (a !== undefined && expr.fn === '%') return { text: `${printed(a, of, PERCENT_BINDING)}%`, binds: PERCENT_BINDING }
  return { text: called(expr.fn, expr.args, of), binds: ATOM_BINDING }
}

function atom(expr: Exclude<Expr, { kind: 'call' }>, of: Names): string {
  const column = (relation: RelationId, index: number): string => `${relation}[${of.names(relation, index)}]`
  switch (expr.kind) {
    case 'const':
      return constant(expr.value)
    case 'grid':
      return '{…}'
    case 'column':
      return `[@${of.names(of.own, expr.column)}]`
    case 'columns':
      return expr.columns.map((one) => column(expr.relation, one)).join(', ')
    case 'named':
      return of.names(expr.view, expr.column)
    case 'clock':
      return expr.unit === 'day' ? 'TODAY()' : 'NOW()'
    case 'async':
      return called(expr.fn.toUpperCase(), expr.args, of)
    case 'local':
      return `name${expr.slot + 1}`
    case 'let':
      return `LET(name${expr.slot + 1}, ${printed(expr.value, of, 0)}, ${printed(expr.body, of, 0)})`
    case 'lookup':
      return `XLOOKUP(${printed(expr.search, of, 0)}, ${column(expr.relation, expr.key)}, ${column(expr.relation, expr.result)})`
    case 'aggregate': {
      const what = expr.column === null ? [] : [column(expr.relation, expr.column)]
      const criteria = expr.criteria.flatMap(({ column: by, op, value }) => [
        column(expr.relation, by),
        `${op === 'criterion' || op === 'group' ? '' : op} ${printed(value, of, 0)}`.trim(),
      ])
      return `${expr.fn.toUpperCase()}(${[...what, ...criteria, ...expr.args.map((arg) => printed(arg, of, 0))].join(', ')})`
    }
    case 'over':
      return called(expr.fn, partsOf(expr), of)
  }
}

function called(fn: string, args: readonly Expr[], of: Names): string {
  return `${fn}(${args.map((arg) => printed(arg, of, 0)).join(', ')})`
}

function constant(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'string') return `"${value.replaceAll('"', '""')}"`
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal) return value.toString()
  return isCellError(value) ? value.kind : JSON.stringify(value)
}
