import type { ErrorCode } from '@sheetflow/core/errors'
import type { Operand, PredicateTemplate } from '@sheetflow/core/predicate'
import type { ColumnType } from '@sheetflow/core/type'
import type { Expr } from '@sheetflow/formula/bound'
import { asMoment, constantDate } from '@sheetflow/formula/bind/calendar'
import { bindFormula } from '@sheetflow/formula/bind/bind-formula'
import type { Scope } from '@sheetflow/formula/bind/scope'
import type { Range } from '@sheetflow/formula/diagnostic'
import type { BinaryOperator, CallNode, Node, ReferenceNode } from '@sheetflow/formula/syntax/node'
import { printFormula } from '@sheetflow/formula/syntax/print'
import { isDateType, typeLabel } from '@sheetflow/formula/value/type-rules'
import { constantJson } from './constant-json.ts'

/** A column that a predicate may stand on. */
export interface PredicateColumn {
  readonly name: string
  readonly type: ColumnType
  /** Is it in `publish.index` or the key? */
  readonly indexed: boolean
  /** The file whose `publish.index` it would have to be in. */
  readonly where: string
  /** It is `#REF!` in every row, its column being gone: nothing that compares it holds. */
  readonly lost: boolean
}

/** A name that is known but cannot be used, and why. */
interface Missing {
  readonly missing: string
}

/** What the references in a predicate mean. `undefined`: not of that kind. */
export interface PredicateScope {
  /** For constants: named values, DATE(…). */
  readonly bind: Scope
  columnOf(reference: ReferenceNode): PredicateColumn | Missing | undefined
  /** Claims (`user[id]`) or columns of the parent (`[@id]`). */
  operandOf(reference: ReferenceNode): { readonly operand: unknown; readonly type: ColumnType | null } | Missing | undefined
  /** How columns and operands are written here, for fixes. */
  readonly columnHint: string
  readonly operandHint: string
  /** The nested list whose condition it is; null for a read rule. */
  readonly listOf: string | null
}

/** Reports what is wrong at a part of the formula. */
export type Report = (range: Range, code: ErrorCode, message: string, advice: { readonly why?: string; readonly fix?: string }) => void

type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

const COMPARISONS: Partial<Readonly<Record<BinaryOperator, Comparison>>> = {
  '=': 'eq',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
}
const MIRRORED: Readonly<Record<Comparison, Comparison>> = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' }

/**
 * The predicate that a formula stands for (FORMATS 7, rule 5): `= <> < <= > >= AND OR NOT ISBLANK EXACT` between a column and a constant,
 * claim or parent column. Null after what is none was reported. Operands that are no constants stand in it as `operandOf` gave them.
 */
export function lowerPredicate(node: Node, scope: PredicateScope, report: Report): PredicateTemplate | null {
  return new Lowering(scope, report).lower(node)
}

class Lowering {
  readonly #scope: PredicateScope
  readonly #report: Report

  constructor(scope: PredicateScope, report: Report) {
    this.#scope = scope
    this.#report = report
  }

  lower(node: Node): PredicateTemplate | null {
    switch (node.kind) {
      case 'bool':
        return { op: node.value ? 'and' : 'or', of: [] }
      case 'call':
        return this.#call(node)
      case 'binary': {
        const op = COMPARISONS[node.op]
        if (op !== undefined) return this.#compare(op, node.left, node.right, node, false)
        // Excel's way to combine conditions in FILTER.
        if (node.op === '*') return this.#all('and', [node.left, node.right])
        if (node.op === '+') return this.#all('or', [node.left, node.right])
        return this.#refuse(node)
      }
      case 'reference': {
        const column = this.#column(node)
        if (column === undefined) return this.#refuse(node)
        if (column === null) return null
        if (column.lost) return never(column)
        if (column.type.type === 'bool') return { op: 'eq', column: column.name, value: true }
        return this.#refuse(node)
      }
      case 'hole':
        return null
      default:
        return this.#refuse(node)
    }
  }

  #call(node: CallNode): PredicateTemplate | null {
    const [first, second] = node.args
    switch (node.name.toUpperCase()) {
      case 'AND':
        return this.#all('and', node.args)
      case 'OR':
        return this.#all('or', node.args)
      case 'NOT': {
        const of = node.args.length === 1 && first !== undefined ? this.lower(first) : this.#refuse(node)
        return of === null ? null : { op: 'not', of }
      }
      case 'ISBLANK': {
        const column = node.args.length === 1 && first?.kind === 'reference' ? this.#column(first) : undefined
        if (column === undefined) return this.#refuse(node)
        return column === null ? null : { op: 'blank', column: column.name }
      }
      case 'EXACT':
        if (node.args.length !== 2 || first === undefined || second === undefined) return this.#refuse(node)
        return this.#compare('eq', first, second, node, true)
      case 'TRUE':
      case 'FALSE':
        return { op: node.name.toUpperCase() === 'TRUE' ? 'and' : 'or', of: [] }
      default:
        return this.#refuse(node)
    }
  }

  #all(op: 'and' | 'or', parts: readonly Node[]): PredicateTemplate | null {
    const of = parts.map((part) => this.lower(part))
    const whole = of.filter((one) => one !== null)
    return whole.length === of.length ? { op, of: whole } : null
  }

  #compare(op: Comparison, left: Node, right: Node, node: Node, exact: boolean): PredicateTemplate | null {
    const onLeft = left.kind === 'reference' ? this.#column(left) : undefined
    const onRight = right.kind === 'reference' ? this.#column(right) : undefined
    if (onLeft === null || onRight === null) return null
    if (onLeft !== undefined && onRight !== undefined)
      return this.#refuse(node, 'two columns of one row cannot be compared here', 'compute the comparison in a column and test that')
    if (onLeft !== undefined) return this.#leaf(op, onLeft, right, node, exact)
    if (onRight !== undefined) return this.#leaf(MIRRORED[op], onRight, left, node, exact)
    return this.#refuse(node, 'no column is compared here', `one side is ${this.#scope.columnHint}`)
  }

  #leaf(op: Comparison, column: PredicateColumn, other: Node, node: Node, exact: boolean): PredicateTemplate | null {
    if (column.lost) return never(column)
    const { type } = column
    const isText = type.type === 'text'
    if (isText && !exact) {
      const written = op === 'ne' ? `NOT(EXACT(${this.#sides(node)}))` : `EXACT(${this.#sides(node)})`
      return this.#refuse(
        node,
        `"${printFormula(node)}" compares texts without regard to letter case`,
        op === 'eq' || op === 'ne' ? `write ${written}, which compares exactly` : 'order of texts cannot be used here',
        READ_WHY,
      )
    }
    if (exact && !isText && type.type !== 'uuid')
      return this.#refuse(node, `EXACT compares texts, and "${column.name}" is ${typeLabel(type)}`, 'write =')
    const value = this.#operand(column, other)
    return value === null ? null : { op, column: column.name, value: value.operand }
  }

  #sides(node: Node): string {
    return node.kind === 'binary' ? `${printFormula(node.left)}, ${printFormula(node.right)}` : ''
  }

  /** A claim or parent column of a fitting type, or a constant in the column's JSON form. */
  #operand(column: PredicateColumn, node: Node): { readonly operand: Operand } | null {
    const reference = node.kind === 'call' ? claimOf(node) : node.kind === 'reference' ? node : null
    const given = reference === null ? undefined : this.#scope.operandOf(reference)
    if (given !== undefined) {
      if ('missing' in given) {
        this.#report(node, 'formula/unknown-name', given.missing, {})
        return null
      }
      if (given.type !== null && !fits(column.type, given.type)) {
        this.#report(node, 'formula/type', `${typeLabel(column.type)} column "${column.name}" is compared with ${typeLabel(given.type)}`, {
          fix: 'give both the same type',
        })
        return null
      }
      return { operand: given.operand as Operand }
    }
    return this.#constant(column, node)
  }

  #constant(column: PredicateColumn, node: Node): { readonly operand: Operand } | null {
    const { expr, diagnostics } = bindFormula({ text: '', node, diagnostics: [] }, { ...this.#scope.bind, row: null })
    const errors = diagnostics.filter((one) => one.severity === 'error')
    for (const { range, code, message, why, fix } of errors)
      this.#report(range, code, message, { ...(why === undefined ? {} : { why }), ...(fix === undefined ? {} : { fix }) })
    if (errors.length > 0) return null
    if (expr.kind !== 'const') {
      this.#refuse(node, 'this is no constant', `compare with ${this.#scope.operandHint}`)
      return null
    }
    const json = constantJson(column.type, this.#inCalendar(column.type, expr))
    if (json === undefined) {
      this.#report(node, 'formula/type', `no value of ${typeLabel(column.type)} column "${column.name}" is ${printFormula(node)}`, {})
      return null
    }
    return { operand: json }
  }

  /** A day or local time beside a moment in UTC, as that moment. */
  #inCalendar(type: ColumnType, expr: Expr & { kind: 'const' }): Expr & { kind: 'const' } {
    const dated = isDateType(type) ? (constantDate(expr) ?? expr) : expr
    const moment = type.type === 'timestamptz' ? asMoment(dated, this.#scope.bind.timeZone) : dated
    return moment.kind === 'const' ? moment : expr
  }

  /** A column that predicates may use; null after it was reported, undefined if the reference is no column. */
  #column(node: ReferenceNode): PredicateColumn | null | undefined {
    const found = this.#scope.columnOf(node)
    if (found === undefined) return undefined
    if ('missing' in found) {
      this.#report(node, 'formula/unknown-name', found.missing, {})
      return null
    }
    if (found.lost) return found
    const { type } = found.type.type === 'list' ? { type: 'list' } : found.type
    if (type === 'json' || type === 'bytes' || type === 'list') {
      this.#report(node, this.#code(), `${type} columns cannot be filtered on`, {
        fix: 'compute a column of another type from it and use that',
      })
      return null
    }
    if (type === 'text' && !found.indexed) {
      this.#report(node, this.#code(), `text column "${found.name}" is not indexed`, {
        why: 'rows are routed to readers by it',
        fix: `add it to publish.index in ${found.where}`,
      })
      return null
    }
    return found
  }

  #refuse(node: Node, message?: string, fix?: string, why?: string): null {
    const what = this.#scope.listOf === null ? 'a read rule' : 'the condition of a nested list'
    this.#report(node, this.#code(), message ?? `this cannot stand in ${what}`, {
      why:
        why ??
        `${what} is checked by the store, the router and the page alike: = <> < <= > >= AND OR NOT ISBLANK EXACT between a column and ${this.#scope.operandHint}`,
      fix: fix ?? 'compute it in a column, and compare that column here',
    })
    return null
  }

  #code(): ErrorCode {
    return this.#scope.listOf === null ? 'workbook/read-rule' : 'formula/not-allowed'
  }
}

/** Holds for no row, and its negation neither: a cell error satisfies no leaf (FORMATS 2). */
function never({ name }: PredicateColumn): PredicateTemplate {
  return { op: 'blank', column: name }
}

const READ_WHY = 'outside of formulas texts are compared exactly, by store, router and page alike'

/** Can values of the two types be equal? */
function fits(a: ColumnType, b: ColumnType): boolean {
  const isNumber = (type: ColumnType): boolean =>
    type.type === 'int' || type.type === 'bigint' || type.type === 'decimal' || type.type === 'double'
  const isText = (type: ColumnType): boolean => type.type === 'text' || type.type === 'uuid'
  return a.type === b.type || (isNumber(a) && isNumber(b)) || (isText(a) && isText(b))
}

/** `USER("tenant")` is `user[tenant]`; null: it is another call. */
function claimOf({ name, args, start, end }: CallNode): ReferenceNode | null {
  const [claim] = args
  if (name.toUpperCase() !== 'USER' || args.length !== 1 || claim?.kind !== 'text') return null
  const table = { name: 'user', start, end }
  const column = { name: claim.value, start: claim.start, end: claim.end }
  return { kind: 'reference', source: null, table, row: false, parts: [], column, to: null, start, end }
}
