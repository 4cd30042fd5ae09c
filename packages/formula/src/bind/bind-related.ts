import { must } from '@sheetflow/core/assert'
import type { Expr } from '../bound.ts'
import { functionNamed } from '../functions/catalogue.ts'
import type { CallNode } from '../syntax/node.ts'
import { checkArity } from './bind-call.ts'
import { bindLookup } from './bind-lookup.ts'
import type { Binding } from './binding.ts'
import { BLANK } from './build.ts'
import type { Locals } from './locals.ts'
import { resolveWholeColumn, unalias } from './resolve.ts'
import type { ScopeRelation } from './scope.ts'

/** `RELATED(t[column], key, if_missing)`: the lookup by the primary key of `t` that it stands for. */
export function bindRelated(binding: Binding, node: CallNode, locals: Locals): Expr {
  if (!checkArity(binding, must(functionNamed('RELATED')), node.args.length, node.nameRange)) return BLANK
  const [column, search, missing] = node.args
  if (column === undefined || search === undefined) return BLANK
  const { node: target } = unalias(column, locals)
  const found = resolveWholeColumn(binding, column, locals, 'values')
  // What was dropped, and what was reported already, is the lookup's to say.
  if (found === null || target.kind !== 'reference' || target.column === null) return BLANK
  const key = found === 'dropped' ? target.column.name : keyName(found.relation)
  if (key === null) {
    const { label } = must(found === 'dropped' ? null : found.relation)
    binding.error('formula/type', column, `the key of ${label} is not one column`, {
      fix: `name what is looked for: XLOOKUP(…, ${label}[a]&"|"&…, …) over a column that joins them, or MERGE`,
    })
    return BLANK
  }
  const keyColumn = { ...target, column: { ...target.column, name: key } }
  const args = [search, keyColumn, column, ...(missing === undefined ? [] : [missing])]
  return bindLookup(binding, { ...node, args }, locals)
}

/** Null: it has none, or several. */
function keyName(relation: ScopeRelation): string | null {
  const [only, second] = relation.key
  if (only === undefined || second !== undefined) return null
  return (
    relation.columnNames().find((name) => {
      const column = relation.column(name)
      return column?.kind === 'column' && column.index === only
    }) ?? null
  )
}
