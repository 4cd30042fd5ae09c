import { unreachable } from '@sheetflow/core/assert'
import type { Predicate } from '@sheetflow/core/predicate'
import type { Dialect, QueryTable, Scope } from './dialect.ts'
import type { Params } from './params.ts'

const TRUE = '1=1'
const FALSE = '1=0'

/**
 * The predicate as a condition on the rows of `scope`, the same for every row as `predicate-eval` of core says (law 14).
 * Negation is carried down to the leaves, because a cell error satisfies a leaf as little as its negation: `NOT (…)` would let it in.
 */
export function predicateSql<T extends QueryTable>(
  dialect: Dialect<T>,
  scope: Scope & { table: T },
  predicate: Predicate,
  params: Params,
): string {
  const visit = (p: Predicate, negated: boolean): string => {
    switch (p.op) {
      case 'and':
      case 'or': {
        const all = (p.op === 'and') !== negated
        const parts = p.of.map((part) => visit(part, negated)).filter((part) => part !== (all ? TRUE : FALSE))
        if (parts.length === 0) return all ? TRUE : FALSE
        return parts.length === 1 ? (parts[0] as string) : `(${parts.join(all ? ' AND ' : ' OR ')})`
      }
      case 'not':
        return visit(p.of, !negated)
      default:
        return leafSql(dialect, scope, p, negated, params)
    }
  }
  return visit(predicate, false)
}

/** Is the condition one that holds for every row? */
export function isAlways(condition: string): boolean {
  return condition === TRUE
}

type Leaf = Exclude<Predicate, { op: 'and' | 'or' | 'not' }>

const NEGATED = { eq: 'ne', ne: 'eq', lt: 'ge', le: 'gt', gt: 'le', ge: 'lt' } as const

function leafSql<T extends QueryTable>(
  dialect: Dialect<T>,
  scope: Scope & { table: T },
  leaf: Leaf,
  negated: boolean,
  params: Params,
): string {
  const column = scope.table.position(leaf.column)
  switch (leaf.op) {
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return dialect.compare(scope, column, negated ? NEGATED[leaf.op] : leaf.op, leaf.value, params)
    case 'blank':
      return dialect.compare(scope, column, negated ? 'ne' : 'eq', null, params)
    case 'between': {
      const low = dialect.compare(scope, column, negated ? 'lt' : 'ge', leaf.low, params)
      const high = dialect.compare(scope, column, negated ? 'gt' : 'le', leaf.high, params)
      return `(${low} ${negated ? 'OR' : 'AND'} ${high})`
    }
    case 'in':
      // None of nothing: every value but an error, which `ne` a value that no column holds would not say of Blank; `ge` Blank does.
      if (leaf.values.length === 0) return negated ? dialect.compare(scope, column, 'ge', null, params) : FALSE
      return dialect.oneOf(scope, column, leaf.values, negated, params)
    case 'prefix':
      return dialect.prefix(scope, column, leaf.value, negated, params)
    default:
      return unreachable(leaf)
  }
}
