import { unreachable } from '@sheetflow/core/assert'
import type { Predicate } from '@sheetflow/core/predicate'
import { FALSE, TRUE } from './conditions.ts'
import type { Conditions } from './conditions.ts'
import type { QueryTable, Scope } from './dialect.ts'

/**
 * The predicate as a condition on the rows of `scope`, the same for every row as `predicate-eval` of core says (law 14).
 * Negation is carried down to the leaves, because a cell error satisfies a leaf as little as its negation: `NOT (…)` would let it in.
 */
export function predicateSql<T extends QueryTable>(conditions: Conditions<T>, scope: Scope<T>, predicate: Predicate): string {
  const visit = (p: Predicate, negated: boolean): string => {
    switch (p.op) {
      case 'and':
      case 'or': {
        const all = (p.op === 'and') !== negated
        const parts = p.of.map((part) => visit(part, negated)).filter((part) => part !== (all ? TRUE : FALSE))
        if (parts.length === 0) return all ? TRUE : FALSE
        return joined(parts, all ? ' AND ' : ' OR ')
      }
      case 'not':
        return visit(p.of, !negated)
      default:
        return leafSql(conditions, scope, p, negated)
    }
  }
  return visit(predicate, false)
}

/** So many conditions stand in a row: a chain of them is as deep as it is long, and SQLite takes 1,000 levels. */
const MAX_CHAIN = 100

function joined(parts: readonly string[], by: string): string {
  if (parts.length === 1) return parts[0] as string
  if (parts.length <= MAX_CHAIN) return `(${parts.join(by)})`
  const groups: string[] = []
  for (let i = 0; i < parts.length; i += MAX_CHAIN) groups.push(joined(parts.slice(i, i + MAX_CHAIN), by))
  return joined(groups, by)
}

/** Is the condition one that holds for every row? */
export function isAlways(condition: string): boolean {
  return condition === TRUE
}

type Leaf = Exclude<Predicate, { op: 'and' | 'or' | 'not' }>

const NEGATED = { eq: 'ne', ne: 'eq', lt: 'ge', le: 'gt', gt: 'le', ge: 'lt' } as const

function leafSql<T extends QueryTable>(conditions: Conditions<T>, scope: Scope<T>, leaf: Leaf, negated: boolean): string {
  const column = scope.table.position(leaf.column)
  switch (leaf.op) {
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return conditions.compare(scope, column, negated ? NEGATED[leaf.op] : leaf.op, leaf.value)
    case 'blank':
      return conditions.compare(scope, column, negated ? 'ne' : 'eq', null)
    case 'between': {
      const low = conditions.compare(scope, column, negated ? 'lt' : 'ge', leaf.low)
      const high = conditions.compare(scope, column, negated ? 'gt' : 'le', leaf.high)
      return `(${low} ${negated ? 'OR' : 'AND'} ${high})`
    }
    case 'in':
      // None of nothing: every value but an error, which `ne` a value that no column holds would not say of Blank; `ge` Blank does.
      if (leaf.values.length === 0) return negated ? conditions.compare(scope, column, 'ge', null) : FALSE
      return conditions.oneOf(scope, column, leaf.values, negated)
    case 'prefix':
      return conditions.prefix(scope, column, leaf.value, negated)
    default:
      return unreachable(leaf)
  }
}
