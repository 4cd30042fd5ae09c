import { hasWildcard } from '../wildcard.ts'
import type { Criterion, Expr } from '../bound.ts'
import { splitCriterion, type CriterionOperator } from '../criteria.ts'
import type { Node } from '../syntax/node.ts'
import { numberFromText } from '../value/number-text.ts'
import { isDateType, isNumberType, isTextType } from '../value/type-rules.ts'
import type { Binding } from './binding.ts'
import { call, constant } from './build.ts'
import { asCells, constantDate } from './calendar.ts'
import type { Locals } from './locals.ts'
import { unalias } from './resolve.ts'
import type { ScopeColumn } from './scope.ts'

/** A criterion of the SUMIFS family on `column`: its operator is split off here where the formula's text shows it. */
export function bindCriterion(binding: Binding, column: ScopeColumn, node: Node, locals: Locals): Criterion {
  const { node: target, locals: known } = unalias(node, locals)
  const parts = joinedParts(target)
  const first = parts[0]
  if (first?.kind === 'text') {
    const { op, rest } = splitCriterion(first.value)
    const others = parts.slice(1)
    if (op !== null && others.length > 0) return withOperator(binding, column, op, rest, others, target, known)
  }
  const value = binding.value(node, locals)
  if (value.kind === 'const') return constantCriterion(binding, column, value)
  const op = isTextType(value.type) && mayHoldOperator(binding, value) ? 'criterion' : '='
  return { column: column.index, op, value: inColumnForm(binding, column, value) }
}

/** `">="&[@from]`: the operator is known, the value keeps its own type. */
function withOperator(
  binding: Binding,
  column: ScopeColumn,
  op: CriterionOperator,
  rest: string,
  others: readonly Node[],
  whole: Node,
  locals: Locals,
): Criterion {
  const [only] = others
  if (rest === '' && others.length === 1 && only !== undefined) {
    const value = binding.value(only, locals)
    const pattern = isTextType(value.type) && (op === '=' || op === '<>') && mayHoldOperator(binding, value)
    if (!pattern)
      return { column: column.index, op: op === '=' && mayBeNothing(value) ? 'is' : op, value: inColumnForm(binding, column, value) }
  }
  // A text put together of parts is only known per row.
  return { column: column.index, op: 'criterion', value: inColumnForm(binding, column, binding.value(whole, locals)) }
}

/** May it be Blank or '', so that the criterion's text ends behind its operator? */
function mayBeNothing(value: Expr): boolean {
  if (value.kind === 'const') return value.value === null || value.value === ''
  return value.nullable || isTextType(value.type)
}

/** The parts of `a & b & c`. */
function joinedParts(node: Node): Node[] {
  const parts: Node[] = []
  let at = node
  while (at.kind === 'binary' && at.op === '&') {
    parts.unshift(at.right)
    at = at.left
  }
  parts.unshift(at)
  return parts
}

/** A constant: read here as far as Excel would read it per row. */
function constantCriterion(binding: Binding, column: ScopeColumn, value: Expr & { kind: 'const' }): Criterion {
  if (typeof value.value !== 'string') return { column: column.index, op: '=', value: inColumnForm(binding, column, value) }
  const { op, rest } = splitCriterion(value.value)
  if (rest === '' || hasWildcard(rest) || rest.startsWith('#')) return { column: column.index, op: 'criterion', value }
  return { column: column.index, op: op ?? '=', value: inColumnForm(binding, column, constantOperand(column, rest)) }
}

function constantOperand(column: ScopeColumn, text: string): Expr {
  const asText = constant(text, { type: 'text' })
  const date = isDateType(column.type) || isNumberType(column.type) ? constantDate(asText) : null
  if (date !== null && isDateType(column.type)) return date
  const number = numberFromText(text)
  if (number !== null) return constant(number, { type: 'decimal' })
  if (date !== null) return date
  const word = text.toUpperCase()
  if (word === 'TRUE' || word === 'FALSE') return constant(word === 'TRUE', { type: 'bool' })
  return asText
}

/** In the form of the column, so that they compare. Texts are read when they come (criteria.ts), where no zone is known. */
function inColumnForm(binding: Binding, column: ScopeColumn, value: Expr): Expr {
  const { timeZone } = binding.scope
  const isTextOfMoment = column.type.type === 'timestamptz' && isTextType(value.type)
  if (!isTextOfMoment) return asCells(value, column.type, timeZone)
  return call('zoned_text', [value, constant(timeZone, { type: 'text' })], { type: { type: 'text' }, nullable: value.nullable })
}

/**
 * Can the text begin with an operator or hold wildcards by what the formula itself writes (`IF([@all], "*", [@status])`)? What comes from
 * columns alone is compared as it stands: a customer named "A*" is that customer. `seen`: slots of names that were looked at.
 */
function mayHoldOperator(binding: Binding, expr: Expr, seen: Set<number> = new Set()): boolean {
  const may = (part: Expr): boolean => mayHoldOperator(binding, part, seen)
  switch (expr.kind) {
    case 'const':
      return typeof expr.value === 'string' && (hasWildcard(expr.value) || splitCriterion(expr.value).op !== null)
    case 'call':
      return expr.args.some(may)
    case 'over':
      return expr.args.some(may) || may(expr.body)
    case 'let':
      return may(expr.value) || may(expr.body)
    case 'local': {
      if (seen.has(expr.slot)) return false
      seen.add(expr.slot)
      const value = binding.inSlot(expr.slot)
      return value !== null && may(value)
    }
    case 'lookup':
      return expr.missing !== null && may(expr.missing)
    case 'grid':
    case 'column':
    case 'columns':
    case 'aggregate':
    case 'named':
    case 'clock':
    case 'async':
      return false
  }
}

/** Is a criterion on that column of a kind that its values never have? */
export function neverMeets(column: ScopeColumn, criterion: Criterion): boolean {
  const { value, op } = criterion
  if (op !== '=' || value.kind !== 'const' || value.value === null) return false
  return isNumberType(column.type) && isTextType(value.type)
}
