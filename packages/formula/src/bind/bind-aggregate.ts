import { must } from '@sheetflow/core/assert'
import type { ColumnType } from '@sheetflow/core/type'
import type { AggregateFunction, Criterion, Expr, ExprType, OrderFunction, SpreadFunction } from '../bound.ts'
import type { Range } from '../diagnostic.ts'
import { definitionOf } from '../functions/catalogue.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import { computedType, isDateType, isNumberType, isTextType, typeLabel } from '../value/type-rules.ts'
import { bindCriterion, neverMeets } from './bind-criterion.ts'
import { bindCall } from './bind-call.ts'
import { bindPivotValue } from './bind-pivot-value.ts'
import type { Advice, Binding, ColumnOf } from './binding.ts'
import { BLANK, refError } from './build.ts'
import type { Locals } from './locals.ts'
import { groupCriteria, isWholeColumn, resolveAggregated, resolveRows, unalias } from './resolve.ts'
import type { ScopeRelation } from './scope.ts'
import { signatureOf } from './signature-of.ts'

const INT: ExprType = { type: { type: 'int' }, nullable: false }

/** Those that take nothing but a column; the others are bound in bind-ordered.ts. */
type PlainFunction = Exclude<AggregateFunction, OrderFunction | SpreadFunction>

/** Functions that aggregate whole columns, and by which aggregate. */
export const WHOLE_COLUMN: Readonly<Record<string, PlainFunction>> = {
  SUM: 'sum',
  COUNT: 'count',
  COUNTA: 'counta',
  AVERAGE: 'average',
  MIN: 'min',
  MAX: 'max',
}

const WITH_CRITERIA: Readonly<Record<string, PlainFunction>> = {
  SUMIFS: 'sum',
  COUNTIFS: 'count-rows',
  AVERAGEIFS: 'average',
  MINIFS: 'min',
  MAXIFS: 'max',
  SUMIF: 'sum',
  COUNTIF: 'count-rows',
  AVERAGEIF: 'average',
}

/** `SUM(t[x])` and its siblings; of several columns (and values) only sums and counts add up. */
export function bindWholeColumns(binding: Binding, node: CallNode, locals: Locals): Expr {
  const name = node.name.toUpperCase()
  const fn = WHOLE_COLUMN[name] ?? 'sum'
  const [only] = node.args
  if (node.args.length === 1 && only !== undefined) return wholeColumn(binding, fn, only, locals)
  if (fn === 'min' || fn === 'max' || fn === 'average') {
    binding.error('formula/not-allowed', node, `${name} takes one whole column, or values of the row`, {
      fix: `write ${name}(t[x]) alone and combine the results`,
    })
    return BLANK
  }
  const parts = node.args.map((arg) =>
    isWholeColumn(arg, locals) ? wholeColumn(binding, fn, arg, locals) : oneValue(binding, name, arg, locals),
  )
  const plus = must(definitionOf('+'))
  return parts.reduce((sum, part) => bindCall(binding, plus, [sum, part], [node, node], node))
}

function oneValue(binding: Binding, name: string, arg: Node, locals: Locals): Expr {
  return bindCall(binding, must(definitionOf(name)), [binding.value(arg, locals)], [arg], arg)
}

function wholeColumn(binding: Binding, fn: PlainFunction, node: Node, locals: Locals): Expr {
  const of = resolveAggregated(binding, node, locals)
  if (of === null) return BLANK
  if (of === 'dropped') return refError('')
  return aggregate(binding, fn, of, [], node)
}

/** `ROWS(t)`. */
export function bindRowCount(binding: Binding, node: CallNode, locals: Locals): Expr {
  const [arg] = node.args
  if (arg === undefined || node.args.length > 1) {
    binding.error('formula/arguments', node.nameRange, 'ROWS takes one table', { fix: 'ROWS(t)' })
    return BLANK
  }
  const relation = resolveRows(binding, arg, locals)
  if (relation === null) return BLANK
  const { node: target } = unalias(arg, locals)
  const criteria = target.kind === 'reference' ? groupCriteria(binding, target) : []
  return { kind: 'aggregate', fn: 'count-rows', relation: relation.id, column: null, criteria, args: [], ...INT }
}

/** SUMIFS, COUNTIFS, … and the single forms SUMIF, COUNTIF, AVERAGEIF. */
export function bindWithCriteria(binding: Binding, node: CallNode, locals: Locals): Expr {
  const name = node.name.toUpperCase()
  const fn = WITH_CRITERIA[name] ?? 'sum'
  const { values, pairs, complete } = splitArguments(name, fn, node.args)
  if (!complete || pairs.length === 0) {
    binding.error('formula/arguments', node.nameRange, `${name} needs pairs of column and criterion`, { fix: signatureOf(name) })
    return BLANK
  }
  const of = values === null ? null : resolveAggregated(binding, values, locals, 'values')
  const columns = pairs.map((pair) => resolveAggregated(binding, pair.column, locals))
  if (of === 'dropped' || columns.includes('dropped')) {
    // What is wrong with the criteria is said all the same.
    for (const { criterion } of pairs) binding.value(criterion, locals)
    return refError('')
  }
  if (values !== null && of === null) return BLANK
  const criteria: Criterion[] = []
  let relation: ScopeRelation | null = of?.relation ?? null
  const group = (of ?? columns.find((one) => typeof one === 'object'))?.group ?? []
  for (const [index, column] of columns.entries()) {
    const pair = pairs[index]
    if (column === null || column === 'dropped' || pair === undefined) return BLANK
    relation ??= column.relation
    if (column.relation.id !== relation.id || column.group.length !== group.length) {
      binding.error('formula/type', pair.column, `all columns of ${name} must belong to one table`, {
        why:
          column.relation.id === relation.id
            ? `[x] is of the rows of this group, ${relation.label}[x] of all`
            : `this one is of ${column.relation.label}, the others of ${relation.label}`,
        fix: 'write every column in the same way, of the same table',
      })
      return BLANK
    }
    const { criterion: asked } = pair
    const isPivot = asked.kind === 'text' && asked.asGroup === true
    const criterion = isPivot ? bindPivotValue(binding, column.column, asked, locals) : bindCriterion(binding, column.column, asked, locals)
    if (neverMeets(column.column, criterion)) {
      binding.warn('formula/type', asked, `no value of ${typeLabel(column.column.type)} column "${column.column.name}" is this text`)
    }
    criteria.push(criterion)
  }
  if (relation === null) return BLANK
  if (of === null)
    return { kind: 'aggregate', fn, relation: relation.id, column: null, criteria: [...group, ...criteria], args: [], ...INT }
  return aggregate(binding, fn, of, criteria, values ?? node)
}

interface Arguments {
  readonly values: Node | null
  readonly pairs: readonly { readonly column: Node; readonly criterion: Node }[]
  readonly complete: boolean
}

function splitArguments(name: string, fn: PlainFunction, args: readonly Node[]): Arguments {
  const [first, second, third] = args
  if (!name.endsWith('IFS')) {
    const complete = first !== undefined && second !== undefined && args.length <= (fn === 'count-rows' ? 2 : 3)
    const pairs = first === undefined || second === undefined ? [] : [{ column: first, criterion: second }]
    return { values: fn === 'count-rows' ? null : (third ?? first ?? null), pairs, complete }
  }
  const values = fn === 'count-rows' ? null : (first ?? null)
  const rest = fn === 'count-rows' ? args : args.slice(1)
  const pairs: { column: Node; criterion: Node }[] = []
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const [column, criterion] = [rest[index], rest[index + 1]]
    if (column !== undefined && criterion !== undefined) pairs.push({ column, criterion })
  }
  return { values, pairs, complete: rest.length % 2 === 0 }
}

function aggregate(
  binding: Binding,
  fn: PlainFunction,
  { relation, column, group }: ColumnOf,
  criteria: readonly Criterion[],
  place: Range,
): Expr {
  const type = aggregateType(binding, fn, column.type, place)
  if (type === null) return BLANK
  const all = [...group, ...criteria]
  return {
    kind: 'aggregate',
    fn,
    relation: relation.id,
    column: fn === 'count-rows' ? null : column.index,
    criteria: all,
    args: [],
    ...type,
  }
}

function aggregateType(binding: Binding, fn: PlainFunction, type: ColumnType, place: Range): ExprType | null {
  switch (fn) {
    case 'count':
      if (!isNumberType(type) && !isDateType(type)) {
        binding.warn('formula/type', place, `COUNT counts numbers, and this is a ${typeLabel(type)} column: the result is always 0`, {
          fix: 'count values with COUNTA, rows with ROWS',
        })
      }
      return INT
    case 'counta':
    case 'count-rows':
      return INT
    case 'sum':
      return sumType(binding, type, place)
    case 'average': {
      const sum = sumType(binding, type, place)
      return sum === null ? null : { type: { type: sum.type?.type === 'double' ? 'double' : 'decimal' }, nullable: false }
    }
    case 'min':
    case 'max':
      return extremeType(binding, type, place)
  }
}

function sumType(binding: Binding, type: ColumnType | null, place: Range): ExprType | null {
  if (isNumberType(type)) return { type: computedType(type), nullable: false }
  binding.error('formula/type', place, `numbers are needed here, not ${typeLabel(type)}`, adviceOnSums(type))
  return null
}

function adviceOnSums(type: ColumnType | null): Advice {
  if (isTextType(type)) return { why: 'Excel leaves text out of sums without a word', fix: 'add a column with VALUE([@x]) and use that' }
  return type?.type === 'time'
    ? { why: 'more than a day is no time of day', fix: 'add a column with [@x]*24, the hours, and use that' }
    : {}
}

/** Of no rows: numbers 0 as in Excel, anything else Blank. */
function extremeType(binding: Binding, type: ColumnType, place: Range): ExprType | null {
  if (isNumberType(type)) return { type: computedType(type), nullable: false }
  if (isDateType(type) || isTextType(type)) return { type, nullable: true }
  binding.error('formula/type', place, `numbers, dates or texts are needed here, not ${typeLabel(type)}`)
  return null
}
