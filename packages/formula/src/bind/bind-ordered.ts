import type { AggregateFunction, Expr, ExprType, OrderFunction, SpreadFunction } from '../bound.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import { computedType, isDateType, isNumberType, typeLabel } from '../value/type-rules.ts'
import type { Binding } from './binding.ts'
import { BLANK, constant, refError } from './build.ts'
import { asCells } from './calendar.ts'
import type { Locals } from './locals.ts'
import { resolveAggregated } from './resolve.ts'
import type { ScopeColumn } from './scope.ts'
import { signatureOf } from './signature-of.ts'

const INT: ExprType = { type: { type: 'int' }, nullable: false }

/** How a call is written: the aggregate, which argument is the column, and how many others there may be at least and most. */
interface Form {
  readonly fn: OrderFunction | SpreadFunction | 'count-blank'
  readonly column: number
  readonly others: readonly [least: number, most: number]
}

function form(fn: Form['fn'], column = 0, least = 0, most = least): Form {
  return { fn, column, others: [least, most] }
}

const FORMS: Readonly<Record<string, Form>> = {
  LARGE: form('large', 0, 1),
  SMALL: form('small', 0, 1),
  MEDIAN: form('median'),
  PERCENTILE: form('percentile-inc', 0, 1),
  'PERCENTILE.INC': form('percentile-inc', 0, 1),
  'PERCENTILE.EXC': form('percentile-exc', 0, 1),
  QUARTILE: form('quartile-inc', 0, 1),
  'QUARTILE.INC': form('quartile-inc', 0, 1),
  'QUARTILE.EXC': form('quartile-exc', 0, 1),
  RANK: form('rank-eq', 1, 1, 2),
  'RANK.EQ': form('rank-eq', 1, 1, 2),
  'RANK.AVG': form('rank-avg', 1, 1, 2),
  VAR: form('var-s'),
  'VAR.S': form('var-s'),
  VARP: form('var-p'),
  'VAR.P': form('var-p'),
  STDEV: form('stdev-s'),
  'STDEV.S': form('stdev-s'),
  STDEVP: form('stdev-p'),
  'STDEV.P': form('stdev-p'),
  COUNTBLANK: form('count-blank'),
}

/** Is it a function over the order, spread or Blanks of a whole column? */
export function isOrderedName(name: string): boolean {
  return Object.hasOwn(FORMS, name.toUpperCase())
}

/** `LARGE(t[x], k)`, `MEDIAN(t[x])`, `RANK([@x], t[x])` and their siblings. */
export function bindOrdered(binding: Binding, node: CallNode, locals: Locals): Expr {
  const name = node.name.toUpperCase()
  const { fn, column, others } = FORMS[name] ?? form('median')
  const at = node.args[column]
  const rest = node.args.filter((_, index) => index !== column)
  if (at === undefined || rest.length < others[0] || rest.length > others[1]) {
    binding.error('formula/arguments', node.nameRange, `${name} is written over one whole column, and has ${node.args.length} arguments`, {
      fix: signatureOf(name),
    })
    return BLANK
  }
  const of = resolveAggregated(binding, at, locals)
  const args = rest.map((one, index) => argument(binding, fn, one, of === 'dropped' ? null : (of?.column ?? null), index, locals))
  if (of === null || args.includes(null)) return BLANK
  if (of === 'dropped') return refError('')
  const { relation, column: values, group } = of
  if (fn === 'count-blank') {
    const blank = { column: values.index, op: 'criterion', value: constant('', { type: 'text' }) } as const
    return { kind: 'aggregate', fn: 'count-rows', relation: relation.id, column: null, criteria: [...group, blank], args: [], ...INT }
  }
  const type = typeOf(binding, name, fn, values, at)
  if (type === null) return BLANK
  const read = args.filter((one) => one !== null)
  return { kind: 'aggregate', fn, relation: relation.id, column: values.index, criteria: group, args: read, ...type }
}

/** `k` and the like are numbers; the number that RANK ranks is one of the column's values. */
function argument(binding: Binding, fn: Form['fn'], node: Node, column: ScopeColumn | null, index: number, locals: Locals): Expr | null {
  const value = binding.value(node, locals)
  const ranked = (fn === 'rank-eq' || fn === 'rank-avg') && index === 0
  const fits = ranked && isDateType(column?.type ?? null) ? isDateType(value.type) : value.type === null || isNumberType(value.type)
  if (!fits && column !== null) {
    binding.error(
      'formula/type',
      node,
      `a value like those of column "${column.name}" or a number is needed here, not ${typeLabel(value.type)}`,
      {
        fix: value.type?.type === 'text' ? 'VALUE(…) reads a text as a number' : 'give a number',
      },
    )
    return null
  }
  return ranked && column !== null ? asCells(value, column.type, binding.scope.timeZone) : value
}

function typeOf(binding: Binding, name: string, fn: AggregateFunction, { type }: ScopeColumn, place: Node): ExprType | null {
  const picks = fn === 'large' || fn === 'small'
  const ranks = fn === 'rank-eq' || fn === 'rank-avg'
  if (!isNumberType(type) && !((picks || ranks) && isDateType(type))) {
    binding.error('formula/type', place, `${name} needs numbers, not ${typeLabel(type)}`, {
      fix: isDateType(type) ? 'SMALL(t[x], k) and LARGE(t[x], k) give one of the dates' : 'add a column with VALUE([@x]) and use that',
    })
    return null
  }
  if (picks) return { type: computedType(type), nullable: false }
  if (fn === 'rank-eq') return INT
  return { type: { type: type.type === 'double' && !ranks ? 'double' : 'decimal' }, nullable: false }
}
